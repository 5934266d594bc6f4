import type { DependencyEntry, TaskState } from '../../src/machines/context.ts';
import type { MachineEvent, TaskEventName } from '../../src/machines/events.ts';
import { dueAtOf } from '../../src/machines/readings.ts';
import type { StatusClass } from '../../src/machines/readings.ts';
import { limits } from '../../src/protocol/values.ts';
import { artifactId, artifactRef, leaseId, taskId } from '../support/records.ts';
import { sessionId } from '../support/session-records.ts';

/** Everything that a task can be told, with payloads that between them take every way and meet every guard. */

/** The label tells the ways of one event apart; the machine does not look at it. */
export type LabelledEvent = MachineEvent & { readonly label: string };

export const self = taskId(1);
export const parent = taskId(2);
export const subject = taskId(3);
const target = taskId(4);
const ancestor = taskId(5);
const holder = 'agents/one';

const hourMs = 3_600_000;
const content = new TextEncoder().encode('work');
const oneArtifact = [artifactRef(artifactId(1), self, content)];
const manyArtifacts = Array.from({ length: limits.artifacts + 1 }, () => oneArtifact).flat();

export const entryOn = (id = target, more: Partial<DependencyEntry> = {}): DependencyEntry => ({
  id,
  kind: 'completion',
  mandatory: true,
  status: 'waiting',
  waived: false,
  direct: true,
  via: [],
  ...more,
});

const manyEntries = Array.from({ length: limits.dependencies + 1 }, (_, index) => entryOn(taskId(100 + index)));

/** How a child's class can move. */
const childMoves = [
  ['open', 'completed'],
  ['open', 'failed'],
  ['open', 'cancelled'],
  ['completed', 'open'],
  ['failed', 'open'],
  ['failed', 'completed'],
  ['failed', 'cancelled'],
  ['cancelled', 'open'],
] as const;

const classes: readonly StatusClass[] = ['open', 'completed', 'failed', 'cancelled', 'archived'];

/** The events to try on a task in this state; times and proofs fit the state, or just don't. */
export function eventsFor(state: TaskState): readonly LabelledEvent[] {
  const { context } = state;
  const { lease, children, notBefore, marks } = context;
  const now = marks.updatedAt;
  const events: LabelledEvent[] = [];
  const add = <N extends TaskEventName>(
    type: N,
    label: string,
    payload: Omit<MachineEvent<N>, 'type' | 'at' | 'by'>,
    stamp: { readonly at?: number; readonly by?: string } = {},
  ) => {
    // The payload is that of the event; TypeScript can't see it through the mapped type.
    events.push({ type, label: label === '' ? type : `${type} ${label}`, at: now, by: 'someone', ...stamp, ...payload } as LabelledEvent);
  };

  const start = { lease: leaseId(context.attempt + 1), lengthMs: hourMs, roleHash: 'role' };
  add('START', '', start, { by: holder });
  add('START', 'in a paused session', { ...start, pausedIn: sessionId(1) }, { by: holder });
  if (notBefore !== null) add('START', 'after the pause', start, { by: holder, at: notBefore });

  const shown = lease === null ? {} : { lease: lease.id };
  const met = context.spec.acceptance.map(() => ({ met: true }));
  const work = { summary: 'done', filePaths: [], artifacts: oneArtifact, acceptance: met, feedback: null };
  add('PROGRESS', '', { ...shown, value: 1, message: 'half' });
  add('PROGRESS', 'by name', { value: 0 }, { by: holder });
  add('PROGRESS', 'stale', { lease: leaseId(99) });
  for (const way of ['COMPLETE', 'COMPLETE.continue', 'COMPLETE.needs_revision', 'COMPLETE.blocked'] as const) {
    add(way, '', { ...shown, ...work });
    add(way, 'by name', work, { by: holder });
    add(way, 'stale', { ...work, lease: leaseId(99) });
    add(way, 'without proof', work);
    add(way, 'too many artifacts', { ...shown, ...work, artifacts: manyArtifacts });
  }
  add('COMPLETE', 'not accepted', { ...shown, ...work, acceptance: met.map(() => ({ met: false })) });
  add('FAIL', '', { ...shown, message: 'broke', retryable: true });
  add('FAIL', 'for good', { ...shown, message: 'broke', retryable: false });
  add('FAIL', 'stale', { lease: leaseId(99), message: 'broke', retryable: true });

  const due = dueAtOf(state);
  add('TIMER', 'due', {}, { at: due ?? now });
  add('TIMER', 'early', {}, { at: (due ?? now + 1) - 1 });
  add('TIMER', 'unheard', { unheardSince: now });
  if (lease !== null) add('TIMER', 'heard since', { unheardSince: lease.expiresAt - lease.lengthMs - 1 });
  add('TIMER', 'late', {}, { at: (due ?? now) + 1_000 * hourMs });

  add('BLOCK', 'reason', { reason: 'no access', question: null });
  add('BLOCK', 'question', { reason: null, question: 'which one?' });
  add('ANSWER', '', { answer: 'that one' });
  add('UNBLOCK', '', { note: 'go on' });

  const bound = { rev: 7 };
  add('DEPENDENCY_ADD', '', { entries: [entryOn()], cycle: null, ...bound });
  add('DEPENDENCY_ADD', 'circle', { entries: [entryOn()], cycle: [{ taskId: target, waitsAs: 'dependency' }], ...bound });
  add('DEPENDENCY_ADD', 'too many', { entries: manyEntries, cycle: null });
  add('DEPENDENCY_ADD', 'stale rev', { entries: [entryOn()], cycle: null, ...bound, ifRev: 6 });
  for (const name of ['DEPENDENCY_REMOVE', 'DEPENDENCY_WAIVE'] as const) {
    add(name, '', { ids: [target], reason: null, ...bound, ifRev: 7 });
    add(name, 'not given', { ids: [taskId(50)], reason: null });
    add(name, 'stale rev', { ids: [target], reason: null, ...bound, ifRev: 6 });
  }
  add('CANCEL', '', { reason: 'no need', subtree: false });
  add('CANCEL', 'subtree', { reason: null, subtree: true });
  add('CANCEL', 'stale rev', { reason: null, subtree: false, ...bound, ifRev: 6 });
  add('RETRY', '', {});
  add('REOPEN', '', { reason: 'again' });
  add('REOPEN', 'stale rev', { reason: 'again', ...bound, ifRev: 6 });
  add('REVISE', '', { feedback: 'not yet' });
  add('EDIT', '', { set: { title: 'Other' } });
  add('EDIT', 'due date', { set: { dueAt: now + 24 * hourMs } });
  add('EDIT', 'acceptance', { set: { acceptance: ['works'] } });
  add('EDIT', 'stale rev', { set: { title: 'Other' }, ...bound, ifRev: 6 });
  add('NOTE', '', { text: 'mind the gap' });
  add('NOTE', 'stale rev', { text: 'mind the gap', ...bound, ifRev: 6 });
  add('ARCHIVE', '', {});
  add('DELETE', '', {});

  for (const to of classes) add('DEPENDENCY_CHANGED', to, { id: target, state: to, taskType: 'standard', artifactTypes: [] });
  const inherited = { id: target, state: 'open', taskType: 'standard', artifactTypes: [] } as const;
  const copy = entryOn(target, { direct: false, via: [ancestor] });
  add('DEPENDENCY_CHANGED', 'inherit', { ...inherited, inherit: { from: ancestor, change: 'add', entries: [copy] } });
  add('DEPENDENCY_CHANGED', 'inherited no more', { ...inherited, inherit: { from: ancestor, change: 'remove', entries: [] } });
  add('DEPENDENCY_CHANGED', 'waived above', { ...inherited, inherit: { from: ancestor, change: 'waive', entries: [] } });
  add('DEPENDENT_CHANGED', 'on', { ids: [taskId(60)], on: true, direct: true });
  add('DEPENDENT_CHANGED', 'off', { ids: [taskId(60)], on: false, direct: false });
  const child = taskId(70);
  add('CHILD_CHANGED', 'new', { id: child, from: null, to: 'open' });
  for (const [from, to] of childMoves) if (children[from] > 0) add('CHILD_CHANGED', `${from} to ${to}`, { id: child, from, to });
  return events;
}
