import { formatTime } from '../clock.ts';
import type { TaskEvent } from '../protocol/event.ts';
import type { Json, JsonObject, Status } from '../protocol/values.ts';
import type { TaskState } from './context.ts';
import type { MachineEvent } from './events.ts';
import { isReady } from './readings.ts';

/** What the world is shown of what a task took: one event per write. */

type TakenType = Exclude<TaskEvent['type'], 'task.created'>;

const plain: Readonly<Record<MachineEvent['type'], TakenType>> = {
  START: 'task.started',
  PROGRESS: 'task.progressed',
  COMPLETE: 'task.completed',
  'COMPLETE.continue': 'task.saved',
  'COMPLETE.needs_revision': 'task.revision_requested',
  'COMPLETE.blocked': 'task.blocked',
  FAIL: 'task.failed',
  TIMER: 'task.ready',
  BLOCK: 'task.blocked',
  ANSWER: 'task.answered',
  UNBLOCK: 'task.unblocked',
  DEPENDENCY_ADD: 'dependency.added',
  DEPENDENCY_REMOVE: 'dependency.removed',
  DEPENDENCY_WAIVE: 'dependency.waived',
  CANCEL: 'task.cancelled',
  RETRY: 'task.retried',
  REOPEN: 'task.reopened',
  REVISE: 'task.revision_requested',
  EDIT: 'task.edited',
  NOTE: 'task.noted',
  ARCHIVE: 'task.archived',
  DELETE: 'task.deleted',
  DEPENDENCY_CHANGED: 'dependency.changed',
  DEPENDENT_CHANGED: 'dependents.changed',
  CHILD_CHANGED: 'child.changed',
};

/** The other way round: what the machine usually took when an event of the type is published. What it took else is told as `event`. */
const usual: Readonly<Record<TakenType, MachineEvent['type']>> = {
  'task.started': 'START',
  'task.progressed': 'PROGRESS',
  'task.completed': 'COMPLETE',
  'task.saved': 'COMPLETE.continue',
  'task.revision_requested': 'COMPLETE.needs_revision',
  'task.blocked': 'BLOCK',
  'task.failed': 'FAIL',
  'task.retry_scheduled': 'FAIL',
  'task.lease_expired': 'TIMER',
  'task.ready': 'TIMER',
  'task.due': 'TIMER',
  'task.answered': 'ANSWER',
  'task.unblocked': 'UNBLOCK',
  'task.cancelled': 'CANCEL',
  'task.retried': 'RETRY',
  'task.reopened': 'REOPEN',
  'task.edited': 'EDIT',
  'task.noted': 'NOTE',
  'task.archived': 'ARCHIVE',
  'task.deleted': 'DELETE',
  'dependency.added': 'DEPENDENCY_ADD',
  'dependency.removed': 'DEPENDENCY_REMOVE',
  'dependency.waived': 'DEPENDENCY_WAIVE',
  'dependency.changed': 'DEPENDENCY_CHANGED',
  'dependents.changed': 'DEPENDENT_CHANGED',
  'child.changed': 'CHILD_CHANGED',
};

const isTakenType = (type: string): type is TakenType => Object.hasOwn(usual, type);
const isEventName = (name: Json | undefined): name is MachineEvent['type'] => typeof name === 'string' && Object.hasOwn(plain, name);

/** What the machine took, read from what was published of it, with its details; null for a creation and what is of no task. */
export function machineEventOf(type: string, { event }: JsonObject): MachineEvent['type'] | null {
  if (!isTakenType(type)) return null;
  return isEventName(event) ? event : usual[type];
}

/** One event that a task took, with its state before and after. */
export interface Taken {
  readonly event: MachineEvent;
  readonly before: TaskState;
  readonly after: TaskState;
}

function typeOf({ event, before, after }: Taken): TakenType {
  const [from, to] = [before.value, after.value];
  // Whatever leads to `pending` can let an auto parent roll up.
  if (from !== to && to === 'completed') return 'task.completed';
  if (event.type === 'FAIL') return to === 'failed' ? 'task.failed' : 'task.retry_scheduled';
  if (event.type === 'TIMER') {
    if (from === 'in_progress' && to !== from) return to === 'failed' ? 'task.failed' : 'task.lease_expired';
    return before.context.marks.dueAnnounced === after.context.marks.dueAnnounced ? 'task.ready' : 'task.due';
  }
  // A child that opens its finished parent.
  if (event.type === 'CHILD_CHANGED' && from !== to) return 'task.reopened';
  return plain[event.type];
}

const clipped = (text: string, length = 500): string => (text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`);

/** What is told of one event beside status and readiness. */
function detailsOf({ event, after }: Taken): JsonObject {
  const { context } = after;
  switch (event.type) {
    case 'START':
      return { attempt: context.attempt, holder: event.by, leaseExpiresAt: formatTime(event.at + event.lengthMs) };
    case 'PROGRESS':
      return { progress: context.progress, attempt: context.attempt };
    case 'COMPLETE':
    case 'COMPLETE.continue':
    case 'COMPLETE.needs_revision':
    case 'COMPLETE.blocked':
      return {
        summary: clipped(event.summary),
        filePaths: event.filePaths.length,
        artifacts: event.artifacts.map(({ id, type, name, bytes, sha256 }) => ({ id, type, name, bytes, sha256 })),
        ...(event.feedback === null ? {} : { feedback: clipped(event.feedback) }),
      };
    case 'FAIL':
      return {
        error: clipped(event.message),
        failures: context.failures,
        notBefore: context.notBefore === null ? null : formatTime(context.notBefore),
      };
    case 'TIMER':
      return { failures: context.failures, notBefore: context.notBefore === null ? null : formatTime(context.notBefore) };
    case 'BLOCK':
      return { reason: event.reason, question: event.question };
    case 'ANSWER':
      return { question: context.blocked?.question ?? null, answer: event.answer };
    case 'UNBLOCK':
      return { note: event.note };
    case 'CANCEL':
      return { reason: event.reason };
    case 'REOPEN':
      return { reason: clipped(event.reason), revision: context.revision };
    case 'RETRY':
      return { revision: context.revision };
    case 'REVISE':
      return { feedback: clipped(event.feedback), revision: context.revision };
    case 'EDIT':
      return {
        fields: Object.keys(event.set),
        title: context.spec.title,
        priority: context.spec.priority,
        specialist: context.spec.specialist,
      };
    case 'NOTE':
      return { text: clipped(event.text) };
    case 'DEPENDENCY_ADD':
      return { dependsOn: event.entries.map(({ id, kind, mandatory }) => ({ taskId: id, kind, mandatory })) };
    case 'DEPENDENCY_REMOVE':
    case 'DEPENDENCY_WAIVE':
      return { dependsOn: event.ids, reason: event.reason };
    case 'DEPENDENCY_CHANGED':
      return {
        dependency: event.id,
        state: event.state,
        ...(event.inherit === undefined ? {} : { inherited: { from: event.inherit.from, change: event.inherit.change } }),
      };
    case 'DEPENDENT_CHANGED':
      return { dependents: event.ids, on: event.on };
    case 'CHILD_CHANGED':
      return { child: event.id, state: event.to, children: { ...context.children } };
    case 'ARCHIVE':
    case 'DELETE':
      return {};
  }
}

/** Grown member by member: V8 gives every object that begins with a spread a shape of its own, and there is one per event. */
function dataOf(state: TaskState, from: Status, details: JsonObject): Record<string, Json> {
  const data: Record<string, Json> = { status: state.value, ready: isReady(state) };
  if (from !== state.value) data['from'] = from;
  return Object.assign(data, details);
}

function factOf(one: Taken): JsonObject {
  const type = typeOf(one);
  const unusual = usual[type] === one.event.type ? {} : { event: one.event.type };
  return { type, ...unusual, ...detailsOf(one) };
}

/**
 * The one event of a write. When the status changed it is that of the status, else the first thing that happened;
 * everything else that the record took stands in `data.facts`.
 */
export function publish(taken: readonly [Taken, ...Taken[]]): { readonly type: TaskEvent['type']; readonly data: JsonObject } {
  const from = taken[0].before.value;
  const main = taken.findLast(({ before, after }) => before.value !== after.value) ?? taken[0];
  const last = taken.at(-1) ?? main;
  const type = typeOf(main);
  const data = dataOf(last.after, from, detailsOf(main));
  if (usual[type] !== main.event.type) data['event'] = main.event.type;
  if (taken.length > 1) data['facts'] = taken.filter((one) => one !== main).map(factOf);
  return { type, data };
}

/** The event of a task that was made in the unit. */
export function publishCreated(state: TaskState): { readonly type: TaskEvent['type']; readonly data: JsonObject } {
  const { spec, dependsOn } = state.context;
  return {
    type: 'task.created',
    data: {
      status: state.value,
      ready: isReady(state),
      title: spec.title,
      type: spec.type,
      specialist: spec.specialist,
      complexity: spec.complexity,
      priority: spec.priority,
      tags: spec.tags,
      parentId: spec.parentId,
      position: spec.position,
      dependsOn: dependsOn.map(({ id, kind, mandatory }) => ({ taskId: id, kind, mandatory })),
    },
  };
}
