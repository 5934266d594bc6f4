import { and, assign, emit, setup } from 'xstate';
import { isTaskId } from '../ids.ts';
import type { TaskId } from '../ids.ts';
import { changes } from './changes.ts';
import type { TaskContext } from './context.ts';
import { dependencyChanges } from './dependencies.ts';
import type { MachineEvent, Message, Tell, TaskEventName } from './events.ts';
import { classFacts, leaveFacts } from './facts.ts';
import { choices, guardRows, rows } from './guards.ts';
import type { StatusClass } from './readings.ts';

export const taskMachineId = 'task';
/** Raised when a stored snapshot needs a migration to be understood. */
export const taskMachineVersion = 1;

/** An assignment for the events that it is written for; the machine below sends it no others. */
const on =
  <N extends TaskEventName>(
    names: readonly N[],
    change: (context: TaskContext, event: Extract<MachineEvent, { type: N }>) => Partial<TaskContext>,
  ) =>
  ({ context, event }: { context: TaskContext; event: MachineEvent }): Partial<TaskContext> => {
    const isMine = (given: MachineEvent): given is Extract<MachineEvent, { type: N }> => names.some((name) => name === given.type);
    if (!isMine(event)) throw new TypeError(`an assignment for ${names.join(', ')} got ${event.type}`);
    return change(context, event);
  };

/** The actor's id is the task's. */
const idOf = (self: { readonly id: string }): TaskId => {
  if (!isTaskId(self.id)) throw new TypeError(`an actor of this machine is named after its task, not ${self.id}`);
  return self.id;
};
const tell = (messages: readonly Message[]): Tell => ({ type: 'tell', messages });

const machine = setup({
  types: {
    context: {} as TaskContext,
    events: {} as MachineEvent,
    input: {} as TaskContext,
    emitted: {} as Tell,
    tags: {} as 'open' | 'terminal',
  },
  guards: {
    ...choices,
    sessionGoesOn: guardRows.sessionGoesOn.test,
    dependenciesMet: guardRows.dependenciesMet.test,
    childrenDone: guardRows.childrenDone.test,
    childrenCovered: guardRows.childrenCovered.test,
    dueForRetry: guardRows.dueForRetry.test,
    executed: guardRows.executed.test,
    leaseHeld: guardRows.leaseHeld.test,
    acceptanceAnswered: guardRows.acceptanceAnswered.test,
    roomForArtifacts: guardRows.roomForArtifacts.test,
    questionAsked: guardRows.questionAsked.test,
    revMatches: guardRows.revMatches.test,
    acyclic: guardRows.acyclic.test,
    roomForDependencies: guardRows.roomForDependencies.test,
    dependencyGiven: guardRows.dependencyGiven.test,
    canStayOpen: guardRows.canStayOpen.test,
    acceptanceFits: guardRows.acceptanceFits.test,
    roomForNote: guardRows.roomForNote.test,
  },
  actions: {
    claim: assign(on(['START'], changes.claim)),
    report: assign(on(['PROGRESS'], changes.report)),
    finish: assign(on(['COMPLETE'], changes.finish)),
    save: assign(on(['COMPLETE.continue'], changes.save)),
    sendBack: assign(on(['COMPLETE.needs_revision'], changes.sendBack)),
    storeAndStop: assign(on(['COMPLETE.blocked'], changes.storeAndStop)),
    failForRetry: assign(on(['FAIL'], changes.failForRetry)),
    failForGood: assign(on(['FAIL'], changes.failForGood)),
    expire: assign(on(['TIMER'], changes.expire)),
    expireForGood: assign(on(['TIMER'], changes.expireForGood)),
    endPause: assign(on(['TIMER'], changes.endPause)),
    announceDue: assign(on(['TIMER'], changes.announceDue)),
    stop: assign(on(['BLOCK'], changes.stop)),
    answer: assign(on(['ANSWER'], changes.answer)),
    goOn: assign(on(['UNBLOCK'], changes.goOn)),
    cancel: assign(on(['CANCEL'], changes.cancel)),
    retry: assign(on(['RETRY'], changes.retry)),
    reopen: assign(on(['REOPEN'], changes.reopen)),
    revise: assign(on(['REVISE'], changes.revise)),
    hearFeedback: assign(on(['REVISE'], changes.hearFeedback)),
    edit: assign(on(['EDIT'], changes.edit)),
    note: assign(on(['NOTE'], changes.note)),
    archive: assign(on(['ARCHIVE'], changes.archive)),
    erase: assign(on(['DELETE'], changes.erase)),
    addDependency: assign(on(['DEPENDENCY_ADD'], dependencyChanges.addDependency)),
    removeDependency: assign(on(['DEPENDENCY_REMOVE'], dependencyChanges.removeDependency)),
    waiveDependency: assign(on(['DEPENDENCY_WAIVE'], dependencyChanges.waiveDependency)),
    hearDependency: assign(on(['DEPENDENCY_CHANGED'], dependencyChanges.hearDependency)),
    countChild: assign(on(['CHILD_CHANGED'], changes.countChild)),
    reopenForChild: assign(on(['CHILD_CHANGED'], changes.reopenForChild)),
    keepDependents: assign(on(['DEPENDENT_CHANGED'], changes.keepDependents)),
    rollUp: assign(({ context, event }) => changes.rollUp(context, event)),
    /** To the parent and the dependents. */
    tellClass: emit(({ context, event, self }, { from, to }: { from: StatusClass; to: StatusClass }) =>
      tell(classFacts(idOf(self), context, from, to, event.at, event.by)),
    ),
    /** A review sends its subject back. */
    tellSubject: emit(({ context, event }) =>
      tell(
        context.spec.reviewOf === null || event.type !== 'COMPLETE.needs_revision'
          ? []
          : [
              {
                to: context.spec.reviewOf,
                event: { type: 'REVISE', feedback: event.feedback ?? event.summary, at: event.at, by: event.by },
              },
            ],
      ),
    ),
    /** To those that the task waited for. */
    leave: emit(({ context, event, self }) => tell(leaveFacts(idOf(self), context, event.at, event.by))),
  },
});

type FromTo<F extends StatusClass, T extends StatusClass> = {
  readonly type: 'tellClass';
  readonly params: { readonly from: F; readonly to: T };
};
const told = <F extends StatusClass, T extends StatusClass>(from: F, to: T): FromTo<F, T> => ({ type: 'tellClass', params: { from, to } });

/**
 * The task: pending → in_progress → completed, and every way around it. Flat and pure: guards, assignments and messages only.
 * Timers are events, children are tasks of their own, and nothing is final, so that a finished task can still hear and be reopened.
 */
export const taskMachine = machine.createMachine({
  id: taskMachineId,
  context: ({ input }) => input,
  initial: 'pending',
  // Facts are never refused: whatever the state, what happened elsewhere is kept.
  on: {
    DEPENDENCY_CHANGED: { actions: 'hearDependency' },
    DEPENDENT_CHANGED: { actions: 'keepDependents' },
    CHILD_CHANGED: { actions: 'countChild' },
  },
  states: {
    pending: {
      tags: 'open',
      always: { guard: 'rollsUp', target: 'completed', actions: ['rollUp', told('open', 'completed')] },
      on: {
        START: { target: 'in_progress', guard: and(rows.START), actions: 'claim' },
        // Late work of the newest lease, whose attempt ended by expiry alone, is not thrown away.
        COMPLETE: { target: 'completed', guard: and(rows.COMPLETE), actions: ['finish', told('open', 'completed')] },
        'COMPLETE.continue': { guard: and(rows['COMPLETE.continue']), actions: 'save' },
        'COMPLETE.needs_revision': { guard: and(rows['COMPLETE.needs_revision']), actions: ['sendBack', 'tellSubject'] },
        'COMPLETE.blocked': { target: 'blocked', guard: and(rows['COMPLETE.blocked']), actions: 'storeAndStop' },
        TIMER: [
          { guard: 'pauseIsOver', actions: 'endPause' },
          { guard: 'dueDateIsHere', actions: 'announceDue' },
        ],
        BLOCK: { target: 'blocked', actions: 'stop' },
        DEPENDENCY_ADD: { guard: and(rows.DEPENDENCY_ADD), actions: 'addDependency' },
        DEPENDENCY_REMOVE: { guard: and(rows.DEPENDENCY_REMOVE), actions: 'removeDependency' },
        DEPENDENCY_WAIVE: { guard: and(rows.DEPENDENCY_WAIVE), actions: 'waiveDependency' },
        CANCEL: { target: 'cancelled', guard: and(rows.CANCEL), actions: ['cancel', told('open', 'cancelled')] },
        REVISE: { actions: 'hearFeedback' },
        EDIT: { guard: and(rows.EDIT), actions: 'edit' },
        NOTE: { guard: and(rows.NOTE), actions: 'note' },
      },
    },
    in_progress: {
      tags: 'open',
      on: {
        PROGRESS: { guard: and(rows.PROGRESS), actions: 'report' },
        COMPLETE: { target: 'completed', guard: and(rows.COMPLETE), actions: ['finish', told('open', 'completed')] },
        'COMPLETE.continue': { guard: and(rows['COMPLETE.continue']), actions: 'save' },
        'COMPLETE.needs_revision': { target: 'pending', guard: and(rows['COMPLETE.needs_revision']), actions: ['sendBack', 'tellSubject'] },
        'COMPLETE.blocked': { target: 'blocked', guard: and(rows['COMPLETE.blocked']), actions: 'storeAndStop' },
        FAIL: [
          { target: 'pending', guard: and([...rows.FAIL, 'canRetry']), actions: 'failForRetry' },
          { target: 'failed', guard: and(rows.FAIL), actions: ['failForGood', told('open', 'failed')] },
        ],
        TIMER: [
          { target: 'pending', guard: and(['leaseIsOver', 'attemptsLeft']), actions: 'expire' },
          { target: 'failed', guard: 'leaseIsOver', actions: ['expireForGood', told('open', 'failed')] },
          { guard: 'dueDateIsHere', actions: 'announceDue' },
        ],
        BLOCK: { target: 'blocked', actions: 'stop' },
        DEPENDENCY_REMOVE: { guard: and(rows.DEPENDENCY_REMOVE), actions: 'removeDependency' },
        DEPENDENCY_WAIVE: { guard: and(rows.DEPENDENCY_WAIVE), actions: 'waiveDependency' },
        CANCEL: { target: 'cancelled', guard: and(rows.CANCEL), actions: ['cancel', told('open', 'cancelled')] },
        REVISE: { actions: 'hearFeedback' },
        EDIT: { guard: and(rows.EDIT), actions: 'edit' },
        NOTE: { guard: and(rows.NOTE), actions: 'note' },
      },
    },
    blocked: {
      tags: 'open',
      on: {
        ANSWER: { target: 'pending', guard: and(rows.ANSWER), actions: 'answer' },
        UNBLOCK: { target: 'pending', actions: 'goOn' },
        TIMER: { guard: 'dueDateIsHere', actions: 'announceDue' },
        DEPENDENCY_ADD: { guard: and(rows.DEPENDENCY_ADD), actions: 'addDependency' },
        DEPENDENCY_REMOVE: { guard: and(rows.DEPENDENCY_REMOVE), actions: 'removeDependency' },
        DEPENDENCY_WAIVE: { guard: and(rows.DEPENDENCY_WAIVE), actions: 'waiveDependency' },
        CANCEL: { target: 'cancelled', guard: and(rows.CANCEL), actions: ['cancel', told('open', 'cancelled')] },
        REVISE: { actions: 'hearFeedback' },
        EDIT: { guard: and(rows.EDIT), actions: 'edit' },
        NOTE: { guard: and(rows.NOTE), actions: 'note' },
      },
    },
    completed: {
      tags: 'terminal',
      on: {
        REOPEN: { target: 'pending', guard: and(rows.REOPEN), actions: ['reopen', told('completed', 'open')] },
        REVISE: { target: 'pending', actions: ['revise', told('completed', 'open')] },
        CHILD_CHANGED: [
          { target: 'pending', guard: 'childOpens', actions: ['countChild', 'reopenForChild', told('completed', 'open')] },
          { actions: 'countChild' },
        ],
        NOTE: { guard: and(rows.NOTE), actions: 'note' },
        ARCHIVE: { target: 'archived', guard: and(rows.ARCHIVE), actions: ['archive', 'leave'] },
        DELETE: { target: 'archived', actions: ['leave', 'erase'] },
      },
    },
    failed: {
      tags: 'terminal',
      on: {
        COMPLETE: { target: 'completed', guard: and(rows.COMPLETE), actions: ['finish', told('failed', 'completed')] },
        'COMPLETE.continue': { target: 'pending', guard: and(rows['COMPLETE.continue']), actions: ['save', told('failed', 'open')] },
        'COMPLETE.needs_revision': {
          target: 'pending',
          guard: and(rows['COMPLETE.needs_revision']),
          actions: ['sendBack', told('failed', 'open'), 'tellSubject'],
        },
        'COMPLETE.blocked': { target: 'blocked', guard: and(rows['COMPLETE.blocked']), actions: ['storeAndStop', told('failed', 'open')] },
        CANCEL: { target: 'cancelled', guard: and(rows.CANCEL), actions: ['cancel', told('failed', 'cancelled')] },
        RETRY: { target: 'pending', actions: ['retry', told('failed', 'open')] },
        REVISE: { target: 'pending', actions: ['revise', told('failed', 'open')] },
        CHILD_CHANGED: [
          { target: 'pending', guard: 'childOpens', actions: ['countChild', 'reopenForChild', told('failed', 'open')] },
          { actions: 'countChild' },
        ],
        NOTE: { guard: and(rows.NOTE), actions: 'note' },
        ARCHIVE: { target: 'archived', guard: and(rows.ARCHIVE), actions: ['archive', 'leave'] },
        DELETE: { target: 'archived', actions: ['leave', 'erase'] },
      },
    },
    cancelled: {
      tags: 'terminal',
      on: {
        REOPEN: { target: 'pending', guard: and(rows.REOPEN), actions: ['reopen', told('cancelled', 'open')] },
        CHILD_CHANGED: [
          { target: 'pending', guard: 'childOpens', actions: ['countChild', 'reopenForChild', told('cancelled', 'open')] },
          { actions: 'countChild' },
        ],
        NOTE: { guard: and(rows.NOTE), actions: 'note' },
        ARCHIVE: { target: 'archived', guard: and(rows.ARCHIVE), actions: ['archive', 'leave'] },
        DELETE: { target: 'archived', actions: ['leave', 'erase'] },
      },
    },
    archived: {
      on: { DELETE: { actions: 'erase' } },
    },
  },
});
