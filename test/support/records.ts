import { createHash } from 'node:crypto';
import { formatTime } from '../../src/clock.ts';
import { encodeId } from '../../src/ids.ts';
import type { ArtifactId, IdKind, LeaseId, TaskId } from '../../src/ids.ts';
import type { TaskContext, TaskSpec, TaskState } from '../../src/machines/context.ts';
import { dueAtOf, isReady } from '../../src/machines/readings.ts';
import type { TaskRecord, Unit, Write as AnyWrite } from '../../src/persistence/store.ts';
import type { TaskEvent } from '../../src/protocol/event.ts';
import type { ArtifactRef } from '../../src/protocol/task.ts';
import type { JsonObject, Status } from '../../src/protocol/values.ts';

/** Records, events and units for tests, deep-frozen: whoever changes one in place fails at once. */

export type Write = Extract<AnyWrite, { record: TaskRecord }>;

type EventType = TaskEvent['type'];

/** 1 January 2026, noon: when everything is made that says nothing else. */
export const noon = Date.UTC(2026, 0, 1, 12);

const idOf = <K extends IdKind>(kind: K, n: number): `${K}_${string}` => {
  const bytes = new Uint8Array(17);
  new DataView(bytes.buffer).setUint32(0, n);
  return encodeId(kind, bytes);
};
/** Ids by number; they sort as their numbers do. */
export const taskId = (n: number): TaskId => idOf('t', n);
export const artifactId = (n: number): ArtifactId => idOf('a', n);
export const leaseId = (n: number): LeaseId => idOf('l', n);

export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}

export function taskSpec(rootId: TaskId, spec: Partial<TaskSpec> = {}): TaskSpec {
  return {
    externalId: null,
    project: 'default',
    sessionId: null,
    rootId,
    parentId: null,
    depth: 0,
    position: 0,
    title: 'Ship the importer',
    description: '',
    type: 'standard',
    specialist: 'generic',
    complexity: 'moderate',
    priority: 5,
    tags: [],
    acceptance: [],
    review: null,
    reviewId: null,
    reviewOf: null,
    rollUp: 'execute',
    context: {},
    estimatedEffort: null,
    dueAt: null,
    maxAttempts: 3,
    createdAt: noon,
    createdBy: 'tester',
    ...spec,
  };
}

function taskContext(spec: TaskSpec, context: Partial<TaskContext> = {}): TaskContext {
  return {
    spec,
    attempt: 0,
    failures: 0,
    revision: 0,
    guidance: [],
    progress: null,
    blocked: null,
    lease: null,
    notBefore: null,
    dependsOn: [],
    dependents: { direct: [], inherited: [] },
    children: { open: 0, completed: 0, failed: 0, cancelled: 0 },
    result: null,
    artifacts: [],
    notes: [],
    attempts: [],
    ...context,
    marks: {
      updatedAt: spec.createdAt,
      startedAt: null,
      completedAt: null,
      dueAnnounced: null,
      inputsChanged: false,
      deletedBy: null,
      ...context.marks,
    },
  };
}

/** What a record is to be, apart from what every task has. */
export interface Change {
  readonly status?: Status;
  readonly updatedAt?: number;
  readonly spec?: Partial<TaskSpec>;
  readonly context?: Partial<TaskContext>;
}

function recordOf(id: TaskId, rev: number, snapshot: TaskState, commands: TaskRecord['commands']): TaskRecord {
  const { project, rootId } = snapshot.context.spec;
  const machine = { id: 'task', version: 1 };
  return deepFreeze({ format: 1, kind: 'task', id, project, rootId, rev, machine, snapshot, dueAt: dueAtOf(snapshot), commands });
}

/** A task at its first revision; a root of its own unless `spec` says otherwise. */
export function newTask(id: TaskId, { status = 'pending', spec, context, updatedAt }: Change = {}): TaskRecord {
  const made = taskContext(taskSpec(id, spec), context);
  const marks = { ...made.marks, updatedAt: updatedAt ?? made.marks.updatedAt };
  const commands = [{ id: `create-${id}`, payloadHash: 'none', rev: 1 }];
  return recordOf(id, 1, { value: status, context: { ...made, marks } }, commands);
}

/** The next revision of a record; a second later unless `updatedAt` says otherwise. */
export function nextTask(record: TaskRecord, { status, spec, context, updatedAt }: Change = {}): TaskRecord {
  const { value, context: before } = record.snapshot;
  const after: TaskContext = { ...before, ...context, spec: { ...before.spec, ...spec } };
  const marks = { ...after.marks, updatedAt: updatedAt ?? before.marks.updatedAt + 1_000 };
  const commands = [...record.commands, { id: `command-${record.rev}`, payloadHash: 'none', rev: record.rev + 1 }].slice(-32);
  return recordOf(record.id, record.rev + 1, { value: status ?? value, context: { ...after, marks } }, commands);
}

const typeOf: Readonly<Record<Status, EventType>> = {
  pending: 'task.retried',
  in_progress: 'task.started',
  blocked: 'task.blocked',
  completed: 'task.completed',
  failed: 'task.failed',
  cancelled: 'task.cancelled',
  archived: 'task.archived',
};

/** The write that takes the record to its revision, with the event of its status unless `type` names one. */
export function writeOf(record: TaskRecord, type?: EventType, data: JsonObject = {}): Write {
  const { rev, project, rootId, snapshot } = record;
  const event: TaskEvent = {
    v: 1,
    type: type ?? (rev === 1 ? 'task.created' : typeOf[snapshot.value]),
    time: formatTime(snapshot.context.marks.updatedAt),
    taskId: record.id,
    rootId,
    project,
    sessionId: snapshot.context.spec.sessionId,
    rev,
    by: 'tester',
    cause: { commandId: record.commands.at(-1)?.id ?? 'none' },
    data: { status: snapshot.value, ready: isReady(snapshot), ...data },
  };
  return deepFreeze({ expectedRev: rev - 1, record, event });
}

/** A unit of whole writes, or of records with the event of their status. */
export function unitOf(writes: readonly (AnyWrite | TaskRecord)[], rest: Partial<Omit<Unit, 'writes'>> = {}): Unit {
  const whole = writes.map((write) => ('record' in write ? write : writeOf(write)));
  const first = whole[0];
  const id = first === undefined ? 'unit' : `unit-${first.record.id}-${first.record.rev}`;
  return deepFreeze({ id, checks: [], artifacts: [], ...rest, writes: whole });
}

export const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

export function artifactRef(id: ArtifactId, owner: TaskId | null, content: Uint8Array): ArtifactRef {
  return {
    id,
    taskId: owner,
    type: 'general',
    name: 'work.md',
    mediaType: 'text/markdown',
    bytes: content.length,
    sha256: sha256Of(content),
    createdAt: formatTime(noon),
    createdBy: 'tester',
  };
}
