import type { TaskId } from '../ids.ts';
import type { TaskContext } from '../machines/context.ts';
import { entryAfter } from '../machines/dependencies.ts';
import { targetOf } from '../machines/edges.ts';
import { childTotal, classOf, dueAtOf } from '../machines/readings.ts';
import type { TaskRecord } from '../persistence/store.ts';
import type { Output } from '../protocol/methods.ts';
import type { Services } from './services.ts';
import type { Loaded } from './within.ts';

/** What must hold between a task's record and the records that it names. */

export type Fault = Output<'maintenance.validate'>['items'][number];
export type Check = Fault['check'];
/** Notes a fault of the task under examination. */
export type Tell = (check: Check, message: string) => void;

/** The records that a task names. */
export async function relativesOf({ store }: Services, { record: { snapshot, rootId } }: Loaded): Promise<ReadonlyMap<string, TaskRecord>> {
  const { spec, dependsOn, dependents } = snapshot.context;
  const named = [rootId, ...dependsOn.map(({ id }) => id), ...dependents.direct, ...dependents.inherited];
  return store.load([...new Set(spec.parentId === null ? named : [spec.parentId, ...named])]);
}

/** The task alone. */
export function checkItself({ record: { snapshot, dueAt, project, rootId } }: Loaded, tell: Tell): void {
  const { value, context } = snapshot;
  const { lease, spec } = context;
  const runs = lease !== null && !lease.expired;
  if ((value === 'in_progress') !== runs)
    tell('lease', runs ? `has a running lease and is ${value}` : 'is in progress without a running lease');
  if (dueAt !== dueAtOf(snapshot)) tell('timer', `is due at ${dueAt}, by its state at ${dueAtOf(snapshot)}`);
  if (project !== spec.project || rootId !== spec.rootId) tell('record', 'project or root differ between the record and its task');
}

/** The way to its root. */
export function checkTree({ id, record }: Loaded, relatives: ReadonlyMap<string, TaskRecord>, tell: Tell): void {
  const { spec } = record.snapshot.context;
  if (spec.parentId === null) {
    if (spec.rootId !== id || spec.depth !== 0) tell('tree', `has no parent and names ${spec.rootId} as its root, at depth ${spec.depth}`);
    return;
  }
  const parent = relatives.get(spec.parentId);
  if (parent === undefined) return tell('tree', `its parent ${spec.parentId} is missing`);
  const above = parent.snapshot.context.spec;
  if (above.rootId !== spec.rootId) tell('tree', `its root is ${spec.rootId}, its parent's ${above.rootId}`);
  if (above.depth + 1 !== spec.depth) tell('tree', `is at depth ${spec.depth} below a parent at ${above.depth}`);
  if (above.project !== spec.project) tell('tree', `is in project ${spec.project}, its parent in ${above.project}`);
  if (parent.snapshot.value === 'archived') tell('tree', `its parent ${spec.parentId} is archived`);
  if (!relatives.has(spec.rootId)) tell('tree', `its root ${spec.rootId} is missing`);
}

/** Its counters against a recount; what an archived child was before is not in its record. */
export async function checkChildren({ store }: Services, { id, record }: Loaded, tell: Tell): Promise<void> {
  const { context } = record.snapshot;
  const { items } = await store.list({ filter: { parentId: id, includeArchived: true }, sort: 'created', limit: 1_000 });
  const counts = { open: 0, completed: 0, failed: 0, cancelled: 0, archived: 0 };
  for (const { status } of items) counts[classOf(status)] += 1;
  if (childTotal(context) !== items.length) tell('children', `counts ${childTotal(context)} children and has ${items.length}`);
  if (context.children.open !== counts.open) tell('children', `counts ${context.children.open} open children and has ${counts.open}`);
  for (const name of ['completed', 'failed', 'cancelled'] as const) {
    const counted = context.children[name];
    if (counted < counts[name] || counted > counts[name] + counts.archived)
      tell('children', `counts ${counted} ${name} children and has ${counts[name]}`);
  }
}

const names = (context: TaskContext, id: TaskId, direct: boolean): boolean =>
  (direct ? context.dependents.direct : context.dependents.inherited).includes(id);

/** What it waits for, and who waits for it: both sides must know it. */
export function checkEdges({ id, record }: Loaded, relatives: ReadonlyMap<string, TaskRecord>, tell: Tell): void {
  const { dependsOn, dependents } = record.snapshot.context;
  for (const entry of dependsOn) {
    const target = relatives.get(entry.id)?.snapshot;
    if (target === undefined) tell('dependency', `depends on ${entry.id}, which is missing`);
    else if (target.value === 'archived') {
      if (entry.status === 'waiting') tell('dependency', `waits for ${entry.id}, which is archived`);
    } else {
      const { status } = entryAfter(entry, targetOf(target));
      if (status !== entry.status)
        tell('dependency', `its dependency ${entry.id} is kept as ${entry.status}; ${target.value} makes it ${status}`);
      if (entry.direct && !names(target.context, id, true)) tell('dependency', `depends on ${entry.id}, which does not know of it`);
      if (entry.via.length > 0 && !names(target.context, id, false)) tell('dependency', `inherits ${entry.id}, which does not know of it`);
    }
  }
  const isKnown = (other: TaskId, direct: boolean) =>
    relatives.get(other)?.snapshot.context.dependsOn.some((entry) => entry.id === id && (direct ? entry.direct : entry.via.length > 0)) ===
    true;
  for (const other of dependents.direct) if (!isKnown(other, true)) tell('dependent', `${other} should depend on it and does not`);
  for (const other of dependents.inherited) if (!isKnown(other, false)) tell('dependent', `${other} should inherit it and does not`);
}
