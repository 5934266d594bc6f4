import type { Conversation } from '../actors/conversation.ts';
import { TroupeError } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import type { DependencyEntry } from '../machines/context.ts';
import { entriesOn, targetOf } from '../machines/edges.ts';
import type { MachineEvent } from '../machines/events.ts';
import { findCycle, waitersOf } from '../machines/graph.ts';
import { gates } from '../machines/readings.ts';
import { limits } from '../protocol/values.ts';

/** Edges between tasks that exist: given to a task, they hold everything below it back too. */

type Revision = Pick<MachineEvent<'DEPENDENCY_ADD'>, 'ifRev' | 'rev'>;

const refuse = (path: string, message: string): never => {
  throw new TroupeError('INVALID_PARAMS', `${path}: ${message}`, { issues: [{ path, message }] });
};

/** What is below the task and can still hear. */
const livingBelow = (talk: Conversation, id: TaskId): readonly TaskId[] =>
  talk.descendants(id).filter((below) => talk.state(below).value !== 'archived');

/** Makes `waiting` and everything below it wait. `path` is where the input named the other task. */
export function addEdge(talk: Conversation, waiting: TaskId, given: DependencyEntry, path: string, revision: Revision = {}): void {
  const { at, by } = talk;
  const target = talk.state(given.id);
  const state = talk.state(waiting);
  if (target.context.spec.project !== state.context.spec.project) refuse(path, `there is no task ${given.id} in this project`);
  // From a task that exists, an edge to another tree could close a circle that no search inside one tree would find.
  if (target.context.spec.rootId !== state.context.spec.rootId)
    refuse(path, 'the two tasks are in different trees: there only a new task can wait, for one that exists');
  if (target.value === 'archived') refuse(path, `${given.id} is archived: nothing can wait for it any more`);
  const entries = entriesOn(given.id, target, given, (id) => talk.find(id));
  const below = entries.some(gates) ? livingBelow(talk, waiting) : [];
  const heirs = [waiting, ...below];
  for (const { id } of entries) {
    const known = talk.state(id).context.dependents.direct;
    if (!known.includes(waiting) && known.length >= limits.dependents)
      throw new TroupeError('LIMIT_EXCEEDED', `${id} has ${limits.dependents} dependents already`, {
        taskId: id,
        issues: [{ path, message: `at most ${limits.dependents} dependents` }],
        limit: { name: 'dependents of a task', max: limits.dependents, actual: known.length + 1 },
      });
  }
  const contextOf = (id: TaskId) => talk.state(id).context;
  const gating = new Set(entries.filter(gates).map(({ id }) => id));
  const waiters = (id: TaskId) => [
    ...(gating.has(id) ? heirs.map((heir) => ({ id: heir, waitsAs: 'dependency' as const })) : []),
    ...waitersOf(id, contextOf),
  ];
  // Whatever its kind, an edge to itself says nothing.
  const cycle = given.id === waiting ? [{ taskId: waiting, waitsAs: 'dependency' as const }] : findCycle(gating, waiters);
  talk.send(waiting, { type: 'DEPENDENCY_ADD', entries, cycle, at, by, ...revision });
  for (const entry of entries) {
    talk.deliver([{ to: entry.id, event: { type: 'DEPENDENT_CHANGED', ids: [waiting], on: true, direct: true, at, by } }], waiting);
    if (!gating.has(entry.id) || below.length === 0) continue;
    talk.deliver([{ to: entry.id, event: { type: 'DEPENDENT_CHANGED', ids: below, on: true, direct: false, at, by } }], waiting);
    const copy = { ...entry, direct: false, via: [waiting] };
    inherit(talk, waiting, entry.id, below, 'add', [copy]);
  }
}

/** Takes an edge away, or waives it, at the task and at everything that inherited it. */
export function loosenEdge(
  talk: Conversation,
  waiting: TaskId,
  on: TaskId,
  how: 'remove' | 'waive',
  reason: string | null,
  revision: Revision,
): void {
  const { at, by } = talk;
  const reviewId = talk.find(on)?.context.spec.reviewId ?? null;
  const given = talk.state(waiting).context.dependsOn.filter((entry) => entry.direct);
  const ids = [on, ...given.filter((entry) => entry.id === reviewId && entry.kind === 'approval').map((entry) => entry.id)];
  talk.send(waiting, { type: how === 'remove' ? 'DEPENDENCY_REMOVE' : 'DEPENDENCY_WAIVE', ids, reason, at, by, ...revision });
  const below = livingBelow(talk, waiting);
  for (const id of ids) {
    inherit(talk, waiting, id, below, how, []);
    if (how === 'remove')
      talk.deliver([{ to: id, event: { type: 'DEPENDENT_CHANGED', ids: [waiting], on: false, direct: true, at, by } }], waiting);
    // Who has an edge of its own, or through another ancestor, does not inherit a waived one any more.
    const { inherited } = talk.state(id).context.dependents;
    const free = below.filter(
      (heir) => inherited.includes(heir) && !talk.state(heir).context.dependsOn.some((entry) => entry.id === id && entry.via.length > 0),
    );
    if (free.length > 0)
      talk.deliver([{ to: id, event: { type: 'DEPENDENT_CHANGED', ids: free, on: false, direct: false, at, by } }], waiting);
  }
}

function inherit(
  talk: Conversation,
  from: TaskId,
  id: TaskId,
  below: readonly TaskId[],
  change: 'add' | 'remove' | 'waive',
  entries: readonly DependencyEntry[],
): void {
  const { at, by } = talk;
  const target = targetOf(talk.state(id));
  talk.deliver(
    below.map((to) => ({ to, event: { type: 'DEPENDENCY_CHANGED' as const, id, ...target, inherit: { from, change, entries }, at, by } })),
    from,
  );
}
