import { describe, expect, test } from 'vitest';
import { TaskResident } from '../../src/actors/task-resident.ts';
import { newContext } from '../../src/machines/birth.ts';
import type { DependencyEntry, TaskContext, TaskSpec, TaskState } from '../../src/machines/context.ts';
import type { MachineEvent, Message, TaskEventName } from '../../src/machines/events.ts';
import type { StatusClass } from '../../src/machines/readings.ts';
import { refusalOf } from '../../src/machines/refusal.ts';
import { leaseId, noon, taskId, taskSpec } from '../support/records.ts';

/** A task's life as a sentence: `life().start().fail()`. It is lived when the test asks how it ended. */

export const [self, target, ancestor] = [taskId(1), taskId(3), taskId(4)];
const [parent, dependent] = [taskId(2), taskId(5)];
export const second = 1_000;
export const minute = 60_000;
export const hour = 3_600_000;

type Given<N extends TaskEventName> = Partial<Omit<MachineEvent<N>, 'type'>>;
type Counts = Partial<TaskContext['children']>;

export interface Ending {
  readonly state: TaskState;
  /** Why the last event was refused; null when it was taken. */
  readonly refusal: string | null;
  /** What the last event told others. */
  readonly told: readonly string[];
}

export const on = (more: Partial<DependencyEntry> = {}): DependencyEntry => ({
  id: target,
  kind: 'completion',
  mandatory: true,
  status: 'waiting',
  waived: false,
  direct: true,
  via: [],
  ...more,
});
export const satisfied = on({ status: 'satisfied' });
export const inherited = on({ direct: false, via: [ancestor] });

const work = { summary: 'done', filePaths: [], artifacts: [], acceptance: [], feedback: null, by: 'team/ann' };
const names = new Map([
  [parent, 'parent'],
  [dependent, 'dependent'],
  [target, 'target'],
]);

function tell({ to, event }: Message): string {
  const who = names.get(to) ?? to;
  if (event.type === 'CHILD_CHANGED') return `${who}: ${event.from} → ${event.to}`;
  if (event.type === 'DEPENDENCY_CHANGED') return `${who}: ${event.state}`;
  return `${who}: ${event.type}`;
}

export class Life {
  readonly #begin: TaskState;
  readonly #events: readonly MachineEvent[];

  constructor(begin: TaskState, events: readonly MachineEvent[] = []) {
    this.#begin = begin;
    this.#events = events;
  }

  /** Any event, at noon by `someone` unless it says otherwise. */
  take<N extends TaskEventName>(type: N, given: object = {}): Life {
    return new Life(this.#begin, [...this.#events, { at: noon, by: 'someone', ...given, type } as MachineEvent]);
  }

  start = (given: Given<'START'> = {}): Life =>
    this.take('START', { lease: leaseId(1), lengthMs: hour, roleHash: 'role', by: 'team/ann', ...given });
  progress = (given: Given<'PROGRESS'> = {}): Life => this.take('PROGRESS', { by: 'team/ann', ...given });
  complete = (given: Given<'COMPLETE'> = {}): Life => this.take('COMPLETE', { ...work, ...given });
  save = (given: Given<'COMPLETE'> = {}): Life => this.take('COMPLETE.continue', { ...work, ...given });
  sendBack = (given: Given<'COMPLETE'> = {}): Life => this.take('COMPLETE.needs_revision', { ...work, ...given });
  stop = (given: Given<'COMPLETE'> = {}): Life => this.take('COMPLETE.blocked', { ...work, ...given });
  fail = (given: Given<'FAIL'> = {}): Life => this.take('FAIL', { message: 'broke', retryable: true, by: 'team/ann', ...given });
  failForGood = (): Life => this.fail({ retryable: false });
  timer = (at = noon): Life => this.take('TIMER', { at });
  block = (reason = 'stuck'): Life => this.take('BLOCK', { reason, question: null });
  ask = (question: string): Life => this.take('BLOCK', { reason: null, question });
  answer = (answer: string): Life => this.take('ANSWER', { answer });
  unblock = (note: string | null = null): Life => this.take('UNBLOCK', { note });
  cancel = (given: Given<'CANCEL'> = {}): Life => this.take('CANCEL', { reason: null, subtree: false, ...given });
  retry = (): Life => this.take('RETRY');
  reopen = (): Life => this.take('REOPEN', { reason: 'again' });
  revise = (): Life => this.take('REVISE', { feedback: 'not yet' });
  edit = (set: MachineEvent<'EDIT'>['set'], given: Given<'EDIT'> = {}): Life => this.take('EDIT', { set, ...given });
  note = (text: string): Life => this.take('NOTE', { text });
  archive = (): Life => this.take('ARCHIVE');
  erase = (): Life => this.take('DELETE', { by: 'admin' });
  add = (entry: DependencyEntry, cycle: MachineEvent<'DEPENDENCY_ADD'>['cycle'] = null): Life =>
    this.take('DEPENDENCY_ADD', { entries: [entry], cycle });
  remove = (): Life => this.take('DEPENDENCY_REMOVE', { ids: [target], reason: null });
  waive = (): Life => this.take('DEPENDENCY_WAIVE', { ids: [target], reason: null });
  hear = (state: StatusClass, more: Given<'DEPENDENCY_CHANGED'> = {}): Life =>
    this.take('DEPENDENCY_CHANGED', { id: target, state, taskType: 'standard', artifactTypes: [], ...more });
  /** An ancestor gives, takes or waives the dependency. */
  inherit = (change: 'add' | 'remove' | 'waive', entries: readonly DependencyEntry[] = []): Life =>
    this.hear('open', { inherit: { from: ancestor, change, entries } });
  child = (from: StatusClass | null, to: StatusClass): Life => this.take('CHILD_CHANGED', { id: taskId(70), from, to });

  /** Lives it with a live actor. An event on the way that is refused is a fault of the test. */
  lived(): Ending {
    const resident = new TaskResident(self, null);
    let state = this.#begin;
    let refusal: string | null = null;
    let messages: Message[] = [];
    for (const event of this.#events) {
      if (refusal !== null) throw new Error(`${refusal} before ${event.type}`);
      messages = [];
      refusal = refusalOf(self, state, event)?.reason ?? null;
      const after = resident.send(state, event, messages);
      if ((after === null) !== (refusal !== null)) throw new Error(`machine and rows disagree about ${event.type} in ${state.value}`);
      state = after ?? state;
    }
    return { state, refusal, told: messages.map(tell) };
  }
}

/** A pending task with a parent and a dependent. */
export function life(
  spec: Partial<TaskSpec> = {},
  { children, ...context }: Partial<Omit<TaskContext, 'children'>> & { children?: Counts } = {},
): Life {
  const born = newContext(taskSpec(parent, { parentId: parent, ...spec }));
  const counts = { ...born.children, ...children };
  return new Life({
    value: 'pending',
    context: { ...born, dependents: { direct: [dependent], inherited: [] }, ...context, children: counts },
  });
}

/** Its lease ended by expiry; with one attempt it is failed. */
export const expired = (maxAttempts = 3): Life =>
  life({ maxAttempts })
    .start()
    .timer(noon + hour);

/** What is shown, the life, its last status or the reason of its last refusal, what the context holds, what was told. */
export type Example = readonly [shows: string, life: Life, ends: string, holds?: object, tells?: readonly string[]];

export function examples(row: string, table: readonly Example[]): void {
  const named = table.map(([shows, one, ends, holds = {}, tells]) => ({ shows, one, ends, holds, tells }));
  describe.each([{ row }])('$row', () => {
    test.each(named)('$shows', ({ one, ends, holds, tells }) => {
      const { state, refusal, told } = one.lived();
      expect(refusal ?? state.value).toBe(ends);
      expect(state.context).toMatchObject(holds);
      expect(told).toEqual(tells ?? told);
    });
  });
}
