import assert from 'node:assert/strict';
import type { TaskId } from '../../src/ids.ts';
import type { DependencyEntry, TaskState } from '../../src/machines/context.ts';
import { classOf, dependenciesMet, dueAtOf, isReady } from '../../src/machines/readings.ts';
import type { TaskRecord } from '../../src/persistence/store.ts';
import { checkState } from './machine-walk.ts';
import type { Name } from './reference.ts';

/** What must hold between the records themselves, whatever was done; known by the names that the test gave. */

type Records = ReadonlyMap<Name, TaskRecord>;

interface World {
  readonly states: ReadonlyMap<TaskId, TaskState>;
  readonly now: number;
  readonly ticked: boolean;
}

const isErased = ({ context }: TaskState): boolean => context.marks.deletedBy !== null;
const demands = (entry: DependencyEntry): boolean => entry.mandatory && !entry.waived && entry.kind !== 'related';

function childrenOf({ states }: World, id: TaskId): TaskState[] {
  return [...states.values()].filter(({ context }) => context.spec.parentId === id);
}

/** A parent's counters are a recount; what an archived child was before is not in its record. */
function checkChildren(world: World, id: TaskId, { context }: TaskState): void {
  const children = childrenOf(world, id);
  const { open, completed, failed, cancelled } = context.children;
  assert.equal(open + completed + failed + cancelled, children.length);
  const count = (status: string) => children.filter(({ value }) => classOf(value) === status).length;
  assert.equal(open, count('open'));
  const archived = count('archived');
  for (const [status, counted] of Object.entries({ completed, failed, cancelled }))
    assert(counted >= count(status) && counted <= count(status) + archived, `${status}: ${counted}`);
}

/** An entry says what became of the task that it is on. */
function checkEntry({ states }: World, entry: DependencyEntry): void {
  assert(entry.direct || entry.via.length > 0, 'an entry that nobody gave');
  const target = states.get(entry.id);
  assert(target !== undefined);
  switch (classOf(target.value)) {
    case 'archived':
      return assert.notEqual(entry.status, 'waiting');
    case 'open':
      return assert.equal(entry.status, 'waiting');
    case 'failed':
    case 'cancelled':
      return assert.equal(entry.status, 'failed');
    case 'completed': {
      const { spec, artifacts } = target.context;
      const approves = spec.type === 'review' || spec.type === 'approval';
      const delivers = entry.artifactType === undefined || artifacts.some(({ type }) => type === entry.artifactType);
      const holds = (entry.kind !== 'approval' || approves) && (entry.kind !== 'data' || delivers);
      assert.equal(entry.status, holds ? 'satisfied' : 'failed');
      assert.equal(entry.reason === undefined, holds);
    }
  }
}

/** A task knows exactly those that have an entry on it and can still hear. */
function checkDependents({ states }: World, id: TaskId, { context }: TaskState): void {
  const waiting = (isMeant: (entry: DependencyEntry) => boolean) =>
    [...states].flatMap(([other, { value, context: its }]) =>
      value !== 'archived' && its.dependsOn.some((entry) => entry.id === id && isMeant(entry)) ? [other] : [],
    );
  assert.deepEqual([...context.dependents.direct].sort(), waiting((entry) => entry.direct).sort(), 'direct dependents');
  assert.deepEqual([...context.dependents.inherited].sort(), waiting((entry) => entry.via.length > 0).sort(), 'inheriting dependents');
}

/** Whoever is open has something to look forward to: it can be executed, time or a person will move it, or an open task will. */
function checkNotForgotten(world: World, id: TaskId, state: TaskState): void {
  const { value, context } = state;
  const due = dueAtOf(state);
  if (world.ticked) assert(due === null || due > world.now, 'its time has come and nothing happened');
  if (value === 'in_progress') return assert(due !== null, 'nothing ends a lost attempt');
  if (value !== 'pending' || isReady(state)) return;
  const { open } = context.children;
  if (open > 0) return assert(childrenOf(world, id).some((child) => classOf(child.value) === 'open'));
  if (dependenciesMet(context)) return assert(context.notBefore !== null && due !== null, 'nothing holds it back and it is not ready');
  const reasons = context.dependsOn.filter((entry) => demands(entry) && entry.status !== 'satisfied');
  assert(reasons.length > 0);
  for (const { id: on, status, reason } of reasons) {
    const target = world.states.get(on);
    if (status === 'failed') assert(typeof reason === 'string');
    else assert(target !== undefined && classOf(target.value) === 'open', 'it waits for a task that is over');
  }
}

/** Each waits for something open; without a circle every such chain ends at a task that can move. */
function checkAcyclic({ states }: World): void {
  const clear = new Set<TaskId>();
  const visit = (id: TaskId, trail: readonly TaskId[]): void => {
    assert(!trail.includes(id), `waits for itself: ${[...trail, id].join(' → ')}`);
    if (clear.has(id)) return;
    const state = states.get(id);
    assert(state !== undefined);
    const children = [...states].flatMap(([child, { context }]) => (context.spec.parentId === id ? [child] : []));
    const awaited = state.value === 'archived' ? [] : state.context.dependsOn.filter(demands).map((entry) => entry.id);
    for (const next of [...children, ...awaited]) visit(next, [...trail, id]);
    clear.add(id);
  };
  for (const id of states.keys()) visit(id, []);
}

export function checkRecords(records: Records, now: number, ticked: boolean): void {
  const states = new Map([...records.values()].map(({ id, snapshot }) => [id, snapshot]));
  const world: World = { states, now, ticked };
  for (const [name, record] of records) {
    const { id } = record;
    const state = record.snapshot;
    try {
      assert.equal(record.dueAt, dueAtOf(state));
      if (!isErased(state)) {
        checkState(state);
        checkDependents(world, id, state);
      }
      checkChildren(world, id, state);
      // An archived task hears nothing any more.
      if (state.value !== 'archived') for (const entry of state.context.dependsOn) checkEntry(world, entry);
      checkNotForgotten(world, id, state);
    } catch (error) {
      throw new Error(`${name} is ${state.value}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  checkAcyclic(world);
}
