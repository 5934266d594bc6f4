import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { EventLog } from '../../../src/actors/event-log.ts';
import type { TaskId } from '../../../src/ids.ts';
import { childTotal, classOf, gates, isReady } from '../../../src/machines/readings.ts';
import type { TaskRecord, Store } from '../../../src/persistence/store.ts';
import type { TaskEvent } from '../../../src/protocol/event.ts';
import type { TaskSummary } from '../../../src/protocol/task.ts';

/** What must hold of everything that a service has stored, whatever was asked of it. */

async function everything(store: Store): Promise<{ items: TaskSummary[]; records: Map<string, TaskRecord> }> {
  const items: TaskSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ filter: { includeArchived: true }, sort: 'created', limit: 1_000, cursor });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return { items, records: await store.load(items.map(({ id }) => id)) };
}

/** The events of the window by task, in order. */
function eventsOf(log: EventLog): Map<TaskId, TaskEvent[]> {
  const events = new Map<TaskId, TaskEvent[]>();
  for (let cursor = log.first; cursor < log.end; cursor++) {
    const { event } = log.at(cursor);
    if (event.taskId === null) continue;
    events.set(event.taskId, [...(events.get(event.taskId) ?? []), event]);
  }
  return events;
}

/** The faults of one task, a line each. */
function faultsOf(id: TaskId, record: TaskRecord, records: ReadonlyMap<string, TaskRecord>): string[] {
  const { value, context } = record.snapshot;
  const stateOf = (other: TaskId) => records.get(other)?.snapshot;
  const faults: string[] = [];
  const claim = (holds: boolean, what: string) => void (holds || faults.push(`${id} (${value}): ${what}`));

  const children = [...records.values()].filter(({ snapshot }) => snapshot.context.spec.parentId === id);
  const open = children.filter(({ snapshot }) => classOf(snapshot.value) === 'open').length;
  claim(context.children.open === open, `counts ${context.children.open} open children, has ${open}`);
  claim(childTotal(context) === children.length, `counts ${childTotal(context)} children, has ${children.length}`);
  // A parent that got a child while it ran may still fail.
  if (value === 'completed' || value === 'cancelled') claim(open === 0, 'is finished above an open child');
  if (value === 'archived') {
    claim(
      children.every(({ snapshot }) => snapshot.value === 'archived'),
      'is archived above a task that is not',
    );
    return faults;
  }
  claim((value === 'in_progress') === (context.lease !== null && !context.lease.expired), 'holds a lease if and only if it runs');
  for (const entry of context.dependsOn) {
    const target = stateOf(entry.id);
    if (target === undefined || target.value === 'archived') continue;
    const { direct, inherited } = target.context.dependents;
    claim(!entry.direct || direct.includes(id), `depends on ${entry.id}, which does not know it`);
    claim(entry.via.length === 0 || inherited.includes(id), `inherits ${entry.id}, which does not know it`);
    const status = { open: 'waiting', failed: 'failed', cancelled: 'failed', archived: '', completed: '' }[classOf(target.value)];
    claim(status === '' || entry.status === status, `its dependency ${entry.id} is ${entry.status}, the task ${target.value}`);
    claim(target.value !== 'completed' || entry.status !== 'waiting', `waits for ${entry.id}, which is completed`);
  }
  for (const dependent of context.dependents.direct)
    claim(stateOf(dependent)?.context.dependsOn.some((entry) => entry.id === id && entry.direct) === true, `${dependent} left it`);
  const parent = context.spec.parentId === null ? undefined : stateOf(context.spec.parentId);
  for (const entry of parent?.context.dependsOn.filter(gates) ?? [])
    claim(
      context.dependsOn.some((own) => own.id === entry.id),
      `does not inherit ${entry.id}`,
    );
  return faults;
}

/** Fails when records contradict each other, the log, or the artifacts that they name. */
export async function expectConsistent(store: Store, log: EventLog): Promise<void> {
  const { items, records } = await everything(store);
  const events = eventsOf(log);
  const faults: string[] = [];
  for (const summary of items) {
    const { id } = summary;
    const record = records.get(id);
    if (record === undefined) throw new Error(`${id} is listed and can't be loaded`);
    faults.push(...faultsOf(id, record, records));
    if (Buffer.byteLength(JSON.stringify(summary)) > 400) faults.push(`${id}: a summary of more than 400 bytes`);
    const told = events.get(id) ?? [];
    const first = told[0]?.rev ?? 1;
    if (told.some(({ rev }, index) => rev !== first + index)) faults.push(`${id}: a hole in the revisions of its events`);
    const last = told.at(-1);
    const { value } = record.snapshot;
    if (last?.rev !== record.rev || last.data['status'] !== value || last.data['ready'] !== isReady(record.snapshot))
      faults.push(`${id}: its last event says other than its record`);
    for (const { id: artifactId, bytes, sha256 } of record.snapshot.context.artifacts) {
      const content = await store.readArtifact(artifactId, { offset: 0, length: bytes + 1 });
      if (content.length !== bytes || createHash('sha256').update(content).digest('hex') !== sha256)
        faults.push(`${id}: the artifact ${artifactId} is not what was stored`);
    }
  }
  expect(faults).toEqual([]);
}
