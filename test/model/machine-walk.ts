import assert from 'node:assert/strict';
import { createActor } from 'xstate';
import type { SnapshotFrom } from 'xstate';
import { TaskResident } from '../../src/actors/task-resident.ts';
import { catalogue } from '../../src/errors.ts';
import type { TroupeError } from '../../src/errors.ts';
import { newContext } from '../../src/machines/birth.ts';
import type { TaskContext, TaskState } from '../../src/machines/context.ts';
import { isFact, publicName } from '../../src/machines/events.ts';
import type { Message } from '../../src/machines/events.ts';
import { machineEventOf, publish } from '../../src/machines/published.ts';
import { classOf, dueAtOf, isReady } from '../../src/machines/readings.ts';
import { allowedEvents, refusalOf } from '../../src/machines/refusal.ts';
import { taskMachine } from '../../src/machines/task.ts';
import type { EventType } from '../../src/protocol/event.ts';
import type { Status } from '../../src/protocol/values.ts';
import { leaseId, taskSpec } from '../support/records.ts';
import type { LabelledEvent } from './machine-events.ts';
import { self } from './machine-events.ts';

/** One event sent to a live actor, and everything that must hold whatever the event was. */

export type Snapshot = SnapshotFrom<typeof taskMachine>;
export type Transition = ReturnType<typeof taskMachine.getTransitionData>[number];

export const stateOf = ({ value, context }: Snapshot): TaskState => ({ value, context });

const someone = createActor(taskMachine, { id: self, input: newContext(taskSpec(self)) });
const nothing = () => undefined;
const scope: Parameters<typeof taskMachine.transition>[2] = {
  self: someone,
  id: self,
  sessionId: self,
  logger: nothing,
  defer: nothing,
  emit: nothing,
  system: someone.system,
  stopChild: nothing,
  actionExecutor: nothing,
};

/** The task machine as `xstate/graph` walks it: the machine itself, for an actor that is named after its task. */
export const walkable = {
  transition: (snapshot: Snapshot, event: LabelledEvent): Snapshot => taskMachine.transition(snapshot, event, scope),
  getInitialSnapshot: (): Snapshot => {
    throw new Error('every walk says where it starts');
  },
  getPersistedSnapshot: (snapshot: Snapshot) => taskMachine.getPersistedSnapshot(snapshot),
};

export interface Step {
  readonly before: TaskState;
  readonly event: LabelledEvent;
  /** Null when the event was refused. */
  readonly after: TaskState | null;
  readonly refusal: TroupeError | null;
  readonly messages: readonly Message[];
  /** The transitions of the machine that the event took, the eventless one included. */
  readonly taken: readonly Transition[];
}

/** Sends the event to a live actor in that state. */
export function send(before: TaskState, event: LabelledEvent): Step {
  const resident = new TaskResident(self, null);
  const messages: Message[] = [];
  const after = resident.send(before, event, messages);
  const snapshot = taskMachine.resolveState({ value: before.value, context: before.context });
  const taken = after === null ? [] : taskMachine.getTransitionData(snapshot, event);
  const always = after?.value === 'completed' && before.value !== 'completed' && !event.type.startsWith('COMPLETE');
  const eventless = always ? (taskMachine.root.states['pending']?.always ?? []) : [];
  return { before, event, after, refusal: refusalOf(self, before, event), messages, taken: [...taken, ...eventless] };
}

const typesByStatus: Readonly<Record<Status, readonly EventType[]>> = {
  pending: [
    'task.revision_requested',
    'task.retry_scheduled',
    'task.lease_expired',
    'task.answered',
    'task.unblocked',
    'task.retried',
    'task.reopened',
    // Late work of a task that was given up as failed.
    'task.saved',
  ],
  in_progress: ['task.started'],
  blocked: ['task.blocked'],
  completed: ['task.completed'],
  failed: ['task.failed'],
  cancelled: ['task.cancelled'],
  archived: ['task.archived', 'task.deleted'],
};

const startAt = ({ marks }: TaskContext) =>
  ({ type: 'START', lease: leaseId(1), lengthMs: 1, roleHash: '', at: marks.updatedAt, by: 'someone' }) as const;

/** What holds for a task in any state. */
export function checkState({ value, context }: TaskState): void {
  const { lease, notBefore, marks, attempts, children } = context;
  const terminal = classOf(value) !== 'open';
  // Expiry only marks a lease, so that late work can be proved; everything else that ends an attempt ends it for good.
  if (value === 'in_progress') assert.equal(lease?.expired, false);
  else if (value === 'pending' || value === 'failed' || value === 'archived') assert(lease?.expired ?? true);
  else assert.equal(lease, null);
  if (value !== 'pending') assert.equal(notBefore, null);
  if (terminal) assert.equal(dueAtOf({ value, context }), null);
  assert.equal(marks.completedAt !== null, terminal);
  assert.equal(attempts.filter(({ outcome }) => outcome === 'running').length, value === 'in_progress' ? 1 : 0);
  assert(Object.values(children).every((count) => count >= 0));
  if (isReady({ value, context })) assert.equal(refusalOf(self, { value, context }, startAt(context)), null);
}

function checkRefused({ before, event, refusal }: Step): void {
  assert(refusal !== null, 'refused without a reason');
  assert(!isFact(event), 'a fact was refused');
  const { details, reason } = refusal;
  assert(Object.hasOwn(catalogue, reason));
  assert.deepEqual([details.taskId, details.from, details.event], [self, before.value, publicName(event.type)]);
  assert(Array.isArray(details.allowed));
}

/** To the parent and to each dependent: nothing, or the way from one class to the other without a gap. */
function checkTold({ before, messages }: Step, after: TaskState): void {
  const [from, to] = [classOf(before.value), classOf(after.value)];
  const told = from !== to && to !== 'archived';
  const { spec, dependents } = before.context;
  const moves = messages.flatMap(({ event }) => (event.type === 'CHILD_CHANGED' ? [event] : []));
  // A parent that opens again and rolls up at once says both.
  const [first, second] = moves;
  if (moves.length === 2) assert.deepEqual([first?.from, first?.to, second?.from, second?.to], [from, 'open', 'open', to]);
  else
    assert.deepEqual(
      moves.map((move) => [move.from, move.to]),
      told && spec.parentId !== null ? [[from, to]] : [],
    );
  for (const id of [...dependents.direct, ...dependents.inherited]) {
    const heard = messages.flatMap((message) =>
      message.to === id && message.event.type === 'DEPENDENCY_CHANGED' ? [message.event.state] : [],
    );
    assert.equal(heard.length, moves.length);
    assert.equal(heard.at(-1), moves.length === 0 ? undefined : to);
  }
}

function checkTaken({ before, event, refusal, ...rest }: Step, after: TaskState): void {
  assert.equal(refusal, null, 'taken, and refused by its rows');
  const asked = !isFact(event) && event.type !== 'TIMER' && event.type !== 'REVISE';
  if (asked) assert(allowedEvents(before, event.at).includes(publicName(event.type)), 'taken, and not among the allowed ones');
  assert.equal(after.context.attempt, before.context.attempt + (event.type === 'START' ? 1 : 0));
  const revisions = after.context.revision - before.context.revision;
  assert(revisions === 0 || revisions === 1);
  assert.equal(after.context.marks.updatedAt, event.at);
  if (event.type !== 'DELETE') assert(after.context.artifacts.length >= before.context.artifacts.length);
  if (event.type === 'PROGRESS') assert((after.context.progress?.value ?? 0) >= (before.context.progress?.value ?? 0));
  if (before.value === 'archived') assert.equal(after.value, 'archived');
  checkState(after);
  checkTold({ before, event, refusal, ...rest }, after);
  const shown = publish([{ event, before, after }]);
  assert.equal(machineEventOf(shown.type, shown.data), event.type);
  assert.deepEqual([shown.data['status'], shown.data['ready']], [after.value, isReady(after)]);
  if (before.value !== after.value) assert(typesByStatus[after.value].includes(shown.type), `published as ${shown.type}`);
}

/** Everything that must hold for one event, accepted or refused; what fails says where. */
export function checkStep(step: Step): void {
  const { before, event, after } = step;
  try {
    if (after === null) checkRefused(step);
    else checkTaken(step, after);
  } catch (error) {
    throw new Error(`${event.label}: ${before.value} → ${after?.value ?? 'refused'}`, { cause: error });
  }
}
