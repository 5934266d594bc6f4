import { describe, expect, test } from 'vitest';
import { Resident } from '../../src/actors/residents.ts';
import { newContext } from '../../src/machines/birth.ts';
import { pauseMs } from '../../src/machines/changes.ts';
import type { DependencyEntry, TaskContext, TaskSpec, TaskState } from '../../src/machines/context.ts';
import type { MachineEvent, Message, TaskEventName } from '../../src/machines/events.ts';
import { dueAtOf, isReady } from '../../src/machines/readings.ts';
import { refusalOf } from '../../src/machines/refusal.ts';
import { limits } from '../../src/protocol/values.ts';
import { artifactId, artifactRef, leaseId, noon, taskId, taskSpec } from '../support/records.ts';

/** The table of the task machine, row by row. */

const [self, parent, target, ancestor, dependent] = [1, 2, 3, 4, 5].map(taskId) as [
  `t_${string}`,
  `t_${string}`,
  `t_${string}`,
  `t_${string}`,
  `t_${string}`,
];
const hour = 3_600_000;
const minute = 60_000;
const content = new Uint8Array();

type Payload<N extends TaskEventName> = Partial<Omit<MachineEvent<N>, 'type'>>;

const defaults = {
  START: { lease: leaseId(1), lengthMs: hour, roleHash: 'role', by: 'team/ann' },
  COMPLETE: { summary: 'done', filePaths: [], artifacts: [], acceptance: [], feedback: null, by: 'team/ann' },
  FAIL: { message: 'broke', retryable: true, by: 'team/ann' },
  PROGRESS: { by: 'team/ann' },
  BLOCK: { reason: 'stuck', question: null },
  UNBLOCK: { note: null },
  ANSWER: { answer: 'that one' },
  CANCEL: { reason: null, subtree: false },
  REOPEN: { reason: 'again' },
  REVISE: { feedback: 'not yet' },
  DEPENDENCY_CHANGED: { id: target, state: 'open', taskType: 'standard', artifactTypes: [] },
  DEPENDENCY_REMOVE: { ids: [target], reason: null },
  DEPENDENCY_WAIVE: { ids: [target], reason: null },
  CHILD_CHANGED: { id: taskId(70) },
} as const satisfies Partial<Record<TaskEventName, object>>;

const event = <N extends TaskEventName>(type: N, payload: Payload<N> = {}): MachineEvent => {
  const base = type.startsWith('COMPLETE') ? defaults.COMPLETE : type in defaults ? defaults[type as keyof typeof defaults] : {};
  return { at: noon, by: 'someone', ...base, ...payload, type } as MachineEvent;
};

const on = (more: Partial<DependencyEntry> = {}): DependencyEntry => ({
  id: target,
  kind: 'completion',
  mandatory: true,
  status: 'waiting',
  waived: false,
  direct: true,
  via: [],
  ...more,
});

/** A task that lives through events; the last one can be refused. */
class Life {
  state: TaskState;
  messages: Message[] = [];
  refusal: string | null = null;
  readonly #resident = new Resident(self, null);

  constructor(spec: Partial<TaskSpec> = {}, context: Partial<TaskContext> = {}) {
    const born = newContext(taskSpec(parent, { parentId: parent, ...spec }));
    this.state = { value: 'pending', context: { ...born, dependents: { direct: [dependent], inherited: [] }, ...context } };
  }

  take(...events: readonly MachineEvent[]): this {
    for (const one of events) {
      this.messages = [];
      this.refusal = refusalOf(self, this.state, one)?.reason ?? null;
      const after = this.#resident.send(this.state, one, this.messages);
      expect(after === null, `${one.type} in ${this.state.value}`).toBe(this.refusal !== null);
      this.state = after ?? this.state;
    }
    return this;
  }

  get context(): TaskContext {
    return this.state.context;
  }

  get told(): readonly string[] {
    return this.messages.map(
      ({ to, event: { type, ...more } }) =>
        `${type} to ${to === parent ? 'parent' : to === dependent ? 'dependent' : 'other'}${'to' in more ? `: ${more.from} → ${more.to}` : ''}${'state' in more ? `: ${more.state}` : ''}`,
    );
  }
}

const life = (spec: Partial<TaskSpec> = {}, context: Partial<TaskContext> = {}) => new Life(spec, context);
const children = (counts: Partial<TaskContext['children']>): Partial<TaskContext> => ({
  children: { open: 0, completed: 0, failed: 0, cancelled: 0, ...counts },
});
const started = (spec: Partial<TaskSpec> = {}, context: Partial<TaskContext> = {}) => life(spec, context).take(event('START'));
const completed = () => started().take(event('COMPLETE'));
/** Its lease ended by expiry; with one attempt it is failed. */
const expired = (maxAttempts = 3) => started({ maxAttempts }).take(event('TIMER', { at: noon + hour }));
const later = { at: noon + 2 * hour };
const failures = (count: number, context: Partial<TaskContext> = {}) => life({ maxAttempts: 100 }, { failures: count, ...context });

interface Row {
  readonly it: string;
  readonly life: () => Life;
  /** A status, or the reason of a refusal. */
  readonly then: string;
  readonly has?: object;
  readonly tells?: readonly string[];
}

const rows: Readonly<Record<string, readonly Row[]>> = {
  START: [
    {
      it: 'claims: one attempt more, a lease of its own',
      life: () => started(),
      then: 'in_progress',
      has: { attempt: 1, lease: { id: leaseId(1), holder: 'team/ann', expiresAt: noon + hour, expired: false } },
      tells: [],
    },
    {
      it: 'waits for dependencies first, then for children, then for its pause',
      life: () => life({}, { dependsOn: [on()], ...children({ open: 1 }), notBefore: noon + 1 }).take(event('START')),
      then: 'DEPENDENCIES_UNMET',
    },
    {
      it: 'waits for children before its pause',
      life: () => life({}, { ...children({ open: 1 }), notBefore: noon + 1 }).take(event('START')),
      then: 'CHILDREN_UNFINISHED',
    },
    { it: 'waits for its pause to end', life: () => life({}, { notBefore: noon + 1 }).take(event('START')), then: 'NOT_DUE' },
    {
      it: 'needs no TIMER when the pause is over',
      life: () => life({}, { notBefore: noon }).take(event('START')),
      then: 'in_progress',
      has: { notBefore: null },
    },
    {
      it: 'of a parent with closed children, also failed ones, is the synthesis',
      life: () => life({}, children({ failed: 1, cancelled: 1 })).take(event('START')),
      then: 'in_progress',
    },
    { it: 'is refused while it runs', life: () => started().take(event('START')), then: 'INVALID_TRANSITION' },
    {
      it: 'does not wait for what is optional, related or waived',
      life: () => life({}, { dependsOn: [on({ mandatory: false }), on({ kind: 'related' }), on({ waived: true })] }).take(event('START')),
      then: 'in_progress',
    },
  ],
  PROGRESS: [
    {
      it: 'renews the lease for its length',
      life: () => started().take(event('PROGRESS', { at: noon + minute, value: 3, total: 10 })),
      then: 'in_progress',
      has: { lease: { expiresAt: noon + minute + hour }, progress: { value: 3, total: 10 } },
    },
    {
      it: 'never goes back',
      life: () => started().take(event('PROGRESS', { value: 3 }), event('PROGRESS', { value: 1, message: 'm' })),
      then: 'in_progress',
      has: { progress: { value: 3, message: 'm' } },
    },
    {
      it: 'by another name without the lease is refused',
      life: () => started().take(event('PROGRESS', { by: 'team/bob' })),
      then: 'STALE_LEASE',
    },
    {
      it: 'by a caller without a worker needs the lease',
      life: () => life().take(event('START', { by: 'team' }), event('PROGRESS', { by: 'team' })),
      then: 'STALE_LEASE',
    },
    {
      it: 'by anyone with the lease is taken',
      life: () => started().take(event('PROGRESS', { by: 'else', lease: leaseId(1) })),
      then: 'in_progress',
    },
    {
      it: 'with the name of the holder and a wrong lease is refused',
      life: () => started().take(event('PROGRESS', { lease: leaseId(2) })),
      then: 'STALE_LEASE',
    },
  ],
  COMPLETE: [
    {
      it: 'keeps the result, ends the lease, and tells parent and dependents',
      life: () => started().take(event('COMPLETE', { filePaths: ['a.ts'] })),
      then: 'completed',
      has: { lease: null, result: { summary: 'done', filePaths: ['a.ts'] } },
      tells: ['CHILD_CHANGED to parent: open → completed', 'DEPENDENCY_CHANGED to dependent: completed'],
    },
    {
      it: 'wants every criterion answered as met',
      life: () => started({ acceptance: ['a', 'b'] }).take(event('COMPLETE', { acceptance: [{ met: true }, { met: false }] })),
      then: 'ACCEPTANCE_UNANSWERED',
    },
    {
      it: 'asks for the lease before the criteria',
      life: () => started({ acceptance: ['a'] }).take(event('COMPLETE', { by: 'x' })),
      then: 'STALE_LEASE',
    },
    {
      it: 'asks for the criteria before the children',
      life: () => started({ acceptance: ['a'] }).take(event('CHILD_CHANGED', { from: null, to: 'open' }), event('COMPLETE')),
      then: 'ACCEPTANCE_UNANSWERED',
    },
    {
      it: 'with all criteria met is taken',
      life: () => started({ acceptance: ['a'] }).take(event('COMPLETE', { acceptance: [{ met: true, note: 'n' }] })),
      then: 'completed',
    },
    {
      it: 'is refused while a child is open',
      life: () => started().take(event('CHILD_CHANGED', { from: null, to: 'open' }), event('COMPLETE')),
      then: 'CHILDREN_UNFINISHED',
    },
    {
      it: 'is refused while a dependency is open again',
      life: () => started({}, { dependsOn: [on({ status: 'satisfied' })] }).take(event('DEPENDENCY_CHANGED'), event('COMPLETE')),
      then: 'DEPENDENCIES_UNMET',
    },
    { it: 'of a task that nobody executed is refused', life: () => life().take(event('COMPLETE')), then: 'INVALID_TRANSITION' },
    { it: 'twice is refused', life: () => completed().take(event('COMPLETE')), then: 'INVALID_TRANSITION' },
    {
      it: 'would bring too many artifacts',
      life: () =>
        started().take(
          event('COMPLETE', { artifacts: Array.from({ length: limits.artifacts + 1 }, () => artifactRef(artifactId(1), self, content)) }),
        ),
      then: 'LIMIT_EXCEEDED',
    },
  ],
  'late COMPLETE': [
    {
      it: 'after expiry, from pending',
      life: () => expired().take(event('COMPLETE', later)),
      then: 'completed',
      has: { lease: null, notBefore: null },
    },
    {
      it: 'after expiry, from failed',
      life: () => expired(1).take(event('COMPLETE', later)),
      then: 'completed',
      tells: ['CHILD_CHANGED to parent: failed → completed', 'DEPENDENCY_CHANGED to dependent: completed'],
    },
    {
      it: 'continue from pending stays pending, and the lease proves what comes',
      life: () => expired().take(event('COMPLETE.continue', later), event('COMPLETE.continue', later)),
      then: 'pending',
      has: { result: { summary: 'done' }, lease: { expired: true } },
    },
    {
      it: 'continue from failed opens it',
      life: () => expired(1).take(event('COMPLETE.continue', later)),
      then: 'pending',
      tells: ['CHILD_CHANGED to parent: failed → open', 'DEPENDENCY_CHANGED to dependent: open'],
    },
    {
      it: 'needs_revision from failed opens it anew',
      life: () => expired(1).take(event('COMPLETE.needs_revision', later)),
      then: 'pending',
      has: { revision: 1, failures: 0, lease: null },
    },
    {
      it: 'blocked from failed blocks',
      life: () => expired(1).take(event('COMPLETE.blocked', { ...later, feedback: 'no key' })),
      then: 'blocked',
      has: { blocked: { reason: 'no key' } },
    },
    {
      it: 'after another START is fenced',
      life: () => expired().take(event('START', { ...later, lease: leaseId(2), by: 'team/bob' }), event('COMPLETE', later)),
      then: 'STALE_LEASE',
    },
    { it: 'after RETRY is refused', life: () => expired(1).take(event('RETRY'), event('COMPLETE', later)), then: 'INVALID_TRANSITION' },
    {
      it: 'after FAIL is refused, since that ended the lease',
      life: () => started({ maxAttempts: 1 }).take(event('FAIL'), event('COMPLETE', later)),
      then: 'INVALID_TRANSITION',
    },
    {
      it: 'after BLOCK and UNBLOCK is refused, since that ended the lease',
      life: () => expired().take(event('BLOCK'), event('UNBLOCK'), event('COMPLETE', later)),
      then: 'INVALID_TRANSITION',
    },
  ],
  'COMPLETE with another next action': [
    {
      it: 'continue stores the work and goes on',
      life: () => started().take(event('COMPLETE.continue', { artifacts: [artifactRef(artifactId(1), self, content)] })),
      then: 'in_progress',
      has: { artifacts: [{ id: artifactId(1) }], lease: { expired: false } },
      tells: [],
    },
    {
      it: 'needs_revision goes back with its feedback and new attempts',
      life: () => started({}, { failures: 2 }).take(event('COMPLETE.needs_revision', { feedback: 'tests fail' })),
      then: 'pending',
      has: { revision: 1, failures: 0, lease: null, guidance: [{ kind: 'feedback', text: 'tests fail' }] },
      tells: [],
    },
    {
      it: 'blocked ends the attempt with a reason',
      life: () => started().take(event('COMPLETE.blocked', { feedback: 'no key' })),
      then: 'blocked',
      has: { lease: null, blocked: { reason: 'no key', question: null } },
    },
    {
      it: 'needs no criteria, no closed children, no met dependencies',
      life: () =>
        started({ acceptance: ['a'] }, { dependsOn: [on({ status: 'satisfied' })] }).take(
          event('DEPENDENCY_CHANGED'),
          event('CHILD_CHANGED', { from: null, to: 'open' }),
          event('COMPLETE.needs_revision'),
        ),
      then: 'pending',
    },
  ],
  FAIL: [
    {
      it: 'pauses before the next attempt',
      life: () => started().take(event('FAIL')),
      then: 'pending',
      has: { failures: 1, lease: null, notBefore: noon + 1_000 },
      tells: [],
    },
    {
      it: 'the last time is failed',
      life: () => started({ maxAttempts: 2 }, { failures: 1 }).take(event('FAIL')),
      then: 'failed',
      has: { failures: 2, notBefore: null },
      tells: ['CHILD_CHANGED to parent: open → failed', 'DEPENDENCY_CHANGED to dependent: failed'],
    },
    { it: 'not retryable is failed', life: () => started().take(event('FAIL', { retryable: false })), then: 'failed' },
    { it: 'of another holder is refused', life: () => started().take(event('FAIL', { by: 'x/y' })), then: 'STALE_LEASE' },
    { it: 'of a task that does not run is refused', life: () => expired().take(event('FAIL')), then: 'INVALID_TRANSITION' },
  ],
  TIMER: [
    {
      it: 'ends a lease: only marked, with a pause',
      life: () => expired(),
      then: 'pending',
      has: { failures: 1, notBefore: noon + hour + 1_000, lease: { id: leaseId(1), holder: 'team/ann', expired: true } },
    },
    { it: 'ends the last attempt', life: () => expired(1), then: 'failed', has: { notBefore: null, lease: { expired: true } } },
    { it: 'a millisecond early is refused', life: () => started().take(event('TIMER', { at: noon + hour - 1 })), then: 'NOT_DUE' },
    { it: 'ends a pause', life: () => life({}, { notBefore: noon }).take(event('TIMER')), then: 'pending', has: { notBefore: null } },
    {
      it: 'leaves a pause alone that something else outlasts',
      life: () => life({}, { notBefore: noon, dependsOn: [on()] }).take(event('TIMER')),
      then: 'NOT_DUE',
    },
    {
      it: 'announces the due date once',
      life: () => life({ dueAt: noon }).take(event('TIMER'), event('TIMER')),
      then: 'NOT_DUE',
      has: { marks: { dueAnnounced: noon } },
    },
    {
      it: 'takes the earliest first: the due date, then the lease',
      life: () => started({ dueAt: noon + minute }).take(event('TIMER', { at: noon + hour })),
      then: 'in_progress',
      has: { marks: { dueAnnounced: noon + minute } },
    },
    {
      it: 'what is due besides is the next one',
      life: () => started({ dueAt: noon + minute }).take(event('TIMER', { at: noon + hour }), event('TIMER', { at: noon + hour })),
      then: 'pending',
      has: { failures: 1 },
    },
    {
      it: 'on a tie takes what moves the task',
      life: () => started({ dueAt: noon + hour }).take(event('TIMER', { at: noon + hour })),
      then: 'pending',
      has: { marks: { dueAnnounced: null } },
    },
    {
      it: 'announces the due date of a blocked task',
      life: () => life({ dueAt: noon }).take(event('BLOCK'), event('TIMER')),
      then: 'blocked',
      has: { marks: { dueAnnounced: noon } },
    },
    { it: 'means nothing to a finished one', life: () => completed().take(event('TIMER', later)), then: 'INVALID_TRANSITION' },
  ],
  'BLOCK, ANSWER, UNBLOCK': [
    {
      it: 'BLOCK by anyone ends the lease',
      life: () => started().take(event('BLOCK', { reason: null, question: 'which?' })),
      then: 'blocked',
      has: { lease: null, blocked: { question: 'which?' } },
      tells: [],
    },
    {
      it: 'ANSWER goes into the next context',
      life: () => life({}, { failures: 2 }).take(event('BLOCK', { reason: null, question: 'which?' }), event('ANSWER')),
      then: 'pending',
      has: { failures: 0, guidance: [{ kind: 'answer', question: 'which?', text: 'that one' }] },
    },
    { it: 'ANSWER without a question is refused', life: () => life().take(event('BLOCK'), event('ANSWER')), then: 'INVALID_TRANSITION' },
    {
      it: 'UNBLOCK gives the attempts back',
      life: () => life({}, { failures: 2 }).take(event('BLOCK'), event('UNBLOCK', { note: 'here is a key' })),
      then: 'pending',
      has: { failures: 0, blocked: null, guidance: [{ text: 'here is a key' }] },
    },
    { it: 'a blocked task can not be started', life: () => life().take(event('BLOCK'), event('START')), then: 'INVALID_TRANSITION' },
    {
      it: 'a pause ends with the block',
      life: () => life({}, { notBefore: noon + 1 }).take(event('BLOCK'), event('UNBLOCK')),
      then: 'pending',
      has: { notBefore: null },
    },
  ],
  dependencies: [
    {
      it: 'ADD to what runs is refused',
      life: () => started().take(event('DEPENDENCY_ADD', { entries: [on()], cycle: null })),
      then: 'INVALID_TRANSITION',
    },
    {
      it: 'ADD that closes a circle is refused',
      life: () => life().take(event('DEPENDENCY_ADD', { entries: [on()], cycle: [{ taskId: target, waitsAs: 'dependency' }] })),
      then: 'DEPENDENCY_CYCLE',
    },
    {
      it: 'ADD again as optional leaves a waived edge waived: it was not searched for circles',
      life: () =>
        life({}, { dependsOn: [on({ waived: true })] }).take(event('DEPENDENCY_ADD', { entries: [on({ mandatory: false })], cycle: null })),
      then: 'pending',
      has: { dependsOn: [{ mandatory: true, waived: true }] },
    },
    {
      it: 'ADD again holds back again',
      life: () => life({}, { dependsOn: [on({ waived: true })] }).take(event('DEPENDENCY_ADD', { entries: [on()], cycle: null })),
      then: 'pending',
      has: { dependsOn: [{ waived: false }] },
    },
    {
      it: 'REMOVE loosens what runs',
      life: () => started({}, { dependsOn: [on({ status: 'satisfied' })] }).take(event('DEPENDENCY_REMOVE')),
      then: 'in_progress',
      has: { dependsOn: [] },
    },
    {
      it: 'REMOVE of an inherited one is refused',
      life: () => life({}, { dependsOn: [on({ direct: false, via: [ancestor] })] }).take(event('DEPENDENCY_REMOVE')),
      then: 'INVALID_TRANSITION',
    },
    {
      it: 'REMOVE leaves what an ancestor gave too',
      life: () => life({}, { dependsOn: [on({ via: [ancestor] })] }).take(event('DEPENDENCY_REMOVE')),
      then: 'pending',
      has: { dependsOn: [{ direct: false, via: [ancestor] }] },
    },
    {
      it: 'WAIVE keeps the edge',
      life: () => life({}, { dependsOn: [on()] }).take(event('DEPENDENCY_WAIVE')),
      then: 'pending',
      has: { dependsOn: [{ waived: true, status: 'waiting' }] },
    },
    {
      it: 'no news of the target ends a waiver',
      life: () =>
        life({}, { dependsOn: [on({ waived: true })] }).take(
          event('DEPENDENCY_CHANGED', { state: 'failed' }),
          event('DEPENDENCY_CHANGED', { state: 'open' }),
        ),
      then: 'pending',
      has: { dependsOn: [{ waived: true, status: 'waiting' }] },
    },
    {
      it: 'an ancestor gives one to what runs',
      life: () =>
        started().take(
          event('DEPENDENCY_CHANGED', { inherit: { from: ancestor, change: 'add', entries: [on({ direct: false, via: [ancestor] })] } }),
          event('COMPLETE'),
        ),
      then: 'DEPENDENCIES_UNMET',
      has: { dependsOn: [{ direct: false, via: [ancestor] }] },
    },
    {
      it: 'and takes it away',
      life: () =>
        life({}, { dependsOn: [on({ direct: false, via: [ancestor] })] }).take(
          event('DEPENDENCY_CHANGED', { inherit: { from: ancestor, change: 'remove', entries: [] } }),
        ),
      then: 'pending',
      has: { dependsOn: [] },
    },
    {
      it: 'a finished one records that its inputs are made again',
      life: () => started({}, { dependsOn: [on({ status: 'satisfied' })] }).take(event('COMPLETE'), event('DEPENDENCY_CHANGED')),
      then: 'completed',
      has: { marks: { inputsChanged: true } },
      tells: [],
    },
    {
      it: 'a pause that is over ends with the wait',
      life: () => life({}, { notBefore: noon, dependsOn: [on()] }).take(event('DEPENDENCY_CHANGED', { state: 'completed' })),
      then: 'pending',
      has: { notBefore: null },
    },
  ],
  children: [
    {
      it: 'never move an open parent',
      life: () => life().take(event('CHILD_CHANGED', { from: null, to: 'open' }), event('CHILD_CHANGED', { from: 'open', to: 'failed' })),
      then: 'pending',
      has: children({ failed: 1 }),
      tells: [],
    },
    {
      it: 'an archived child counts as what it was',
      life: () => life({}, children({ completed: 1 })),
      then: 'pending',
      has: children({ completed: 1 }),
    },
    ...(['completed', 'failed', 'cancelled'] as const).map((end): Row => ({
      it: `that open again open a ${end} parent`,
      life: () => {
        const one = life({}, children({ completed: 1 }));
        if (end === 'cancelled') one.take(event('CANCEL'));
        else one.take(event('START'), end === 'completed' ? event('COMPLETE') : event('FAIL', { retryable: false }));
        return one.take(event('CHILD_CHANGED', { from: 'completed', to: 'open' }));
      },
      then: 'pending',
      has: { revision: 1, failures: 0, ...children({ open: 1 }) },
      tells: [`CHILD_CHANGED to parent: ${end} → open`, 'DEPENDENCY_CHANGED to dependent: open'],
    })),
  ],
  'rollUp: auto': [
    {
      it: 'completes with its last child',
      life: () =>
        life({ rollUp: 'auto' }, children({ open: 1, cancelled: 1 })).take(event('CHILD_CHANGED', { from: 'open', to: 'completed' })),
      then: 'completed',
      has: { result: { summary: 'Done by its 2 children: 1 completed, 1 cancelled.' } },
      tells: ['CHILD_CHANGED to parent: open → completed', 'DEPENDENCY_CHANGED to dependent: completed'],
    },
    {
      it: 'not while one failed',
      life: () =>
        life({ rollUp: 'auto' }, children({ open: 1, failed: 1 })).take(
          event('CHILD_CHANGED', { from: 'open', to: 'completed' }),
          event('START'),
        ),
      then: 'in_progress',
    },
    {
      it: 'not when nothing was done',
      life: () => life({ rollUp: 'auto' }, children({ open: 1 })).take(event('CHILD_CHANGED', { from: 'open', to: 'cancelled' })),
      then: 'pending',
    },
    {
      it: 'not before what it depends on',
      life: () =>
        life({ rollUp: 'auto' }, { dependsOn: [on()], ...children({ open: 1 }) }).take(
          event('CHILD_CHANGED', { from: 'open', to: 'completed' }),
        ),
      then: 'pending',
    },
    {
      it: 'but with it',
      life: () =>
        life({ rollUp: 'auto' }, { dependsOn: [on()], ...children({ completed: 1 }) }).take(
          event('DEPENDENCY_CHANGED', { state: 'completed' }),
        ),
      then: 'completed',
    },
    {
      it: 'when it is unblocked',
      life: () =>
        life({ rollUp: 'auto' }, children({ open: 1 })).take(
          event('BLOCK'),
          event('CHILD_CHANGED', { from: 'open', to: 'completed' }),
          event('UNBLOCK'),
        ),
      then: 'completed',
    },
    {
      it: 'can not be reopened while it would complete again at once',
      life: () =>
        life({ rollUp: 'auto' }, children({ open: 1 })).take(event('CHILD_CHANGED', { from: 'open', to: 'completed' }), event('REOPEN')),
      then: 'INVALID_TRANSITION',
    },
    {
      it: 'can have no acceptance criteria',
      life: () => life({ rollUp: 'auto' }).take(event('EDIT', { set: { acceptance: ['works'] } })),
      then: 'INVALID_PARAMS',
    },
  ],
  'CANCEL, RETRY, REOPEN': [
    {
      it: 'CANCEL keeps the work and ends the lease',
      life: () => started().take(event('COMPLETE.continue'), event('CANCEL', { reason: 'no need' })),
      then: 'cancelled',
      has: { lease: null, result: { summary: 'done' }, guidance: [{ kind: 'reason', text: 'no need' }] },
      tells: ['CHILD_CHANGED to parent: open → cancelled', 'DEPENDENCY_CHANGED to dependent: cancelled'],
    },
    {
      it: 'CANCEL above an open child is refused',
      life: () => life({}, children({ open: 1 })).take(event('CANCEL')),
      then: 'CHILDREN_UNFINISHED',
    },
    {
      it: 'CANCEL with the subtree is taken',
      life: () => life({}, children({ open: 1 })).take(event('CANCEL', { subtree: true })),
      then: 'cancelled',
    },
    {
      it: 'CANCEL of a failed task',
      life: () => expired(1).take(event('CANCEL')),
      then: 'cancelled',
      tells: ['CHILD_CHANGED to parent: failed → cancelled', 'DEPENDENCY_CHANGED to dependent: cancelled'],
    },
    { it: 'CANCEL of a completed one is refused', life: () => completed().take(event('CANCEL')), then: 'INVALID_TRANSITION' },
    {
      it: 'RETRY gives the attempts back',
      life: () => expired(1).take(event('RETRY')),
      then: 'pending',
      has: { revision: 1, failures: 0, lease: null, notBefore: null },
    },
    { it: 'RETRY is for failed tasks', life: () => completed().take(event('RETRY')), then: 'INVALID_TRANSITION' },
    {
      it: 'REOPEN of a completed task tells everyone',
      life: () => completed().take(event('REOPEN')),
      then: 'pending',
      has: { revision: 1, lease: null, result: { summary: 'done' } },
      tells: ['CHILD_CHANGED to parent: completed → open', 'DEPENDENCY_CHANGED to dependent: open'],
    },
    { it: 'REOPEN of a cancelled one', life: () => life().take(event('CANCEL'), event('REOPEN')), then: 'pending' },
    { it: 'REOPEN is not for failed tasks', life: () => expired(1).take(event('REOPEN')), then: 'INVALID_TRANSITION' },
  ],
  reviews: [
    {
      it: 'needs_revision of a review sends the subject back',
      life: () =>
        life({ type: 'review', reviewOf: target }).take(event('START'), event('COMPLETE.needs_revision', { feedback: 'not yet' })),
      then: 'pending',
      has: { revision: 1 },
      tells: ['REVISE to other'],
    },
    {
      it: 'complete of a review approves',
      life: () => life({ type: 'review', reviewOf: target }).take(event('START'), event('COMPLETE')),
      then: 'completed',
      tells: ['CHILD_CHANGED to parent: open → completed', 'DEPENDENCY_CHANGED to dependent: completed'],
    },
    {
      it: 'a completed subject opens with the feedback',
      life: () => completed().take(event('REVISE')),
      then: 'pending',
      has: { revision: 1, guidance: [{ kind: 'feedback', text: 'not yet' }] },
    },
    {
      it: 'any number of rounds',
      life: () => completed().take(event('REVISE'), event('START', { lease: leaseId(2) }), event('COMPLETE'), event('REVISE')),
      then: 'pending',
      has: { revision: 2, attempt: 2 },
    },
    {
      it: 'an open subject only hears it',
      life: () => started().take(event('REVISE')),
      then: 'in_progress',
      has: { revision: 0, guidance: [{ text: 'not yet' }] },
    },
    { it: 'a cancelled subject refuses it', life: () => life().take(event('CANCEL'), event('REVISE')), then: 'INVALID_TRANSITION' },
    { it: 'an archived subject refuses it', life: () => completed().take(event('ARCHIVE'), event('REVISE')), then: 'INVALID_TRANSITION' },
  ],
  'EDIT and NOTE': [
    {
      it: 'EDIT on the revision that it was decided on',
      life: () => life().take(event('EDIT', { set: { title: 'Other', priority: 9 }, ifRev: 3, rev: 3 })),
      then: 'pending',
      has: { spec: { title: 'Other', priority: 9 } },
    },
    {
      it: 'EDIT on an older one is refused',
      life: () => life().take(event('EDIT', { set: { title: 'Other' }, ifRev: 2, rev: 3 })),
      then: 'REV_CONFLICT',
    },
    {
      it: 'EDIT of a finished task is refused',
      life: () => completed().take(event('EDIT', { set: { title: 'Other' } })),
      then: 'INVALID_TRANSITION',
    },
    {
      it: 'a new due date is announced again',
      life: () =>
        life({ dueAt: noon }).take(event('TIMER'), event('EDIT', { set: { dueAt: noon + minute } }), event('TIMER', { at: noon + minute })),
      then: 'pending',
      has: { marks: { dueAnnounced: noon + minute } },
    },
    {
      it: 'NOTE is appended, also to a finished task',
      life: () => completed().take(event('NOTE', { text: 'one' }), event('NOTE', { text: 'two' })),
      then: 'completed',
      has: { notes: [{ text: 'one' }, { text: 'two' }] },
    },
    {
      it: 'NOTE to an archived one is refused',
      life: () => completed().take(event('ARCHIVE'), event('NOTE', { text: 'x' })),
      then: 'INVALID_TRANSITION',
    },
  ],
  'ARCHIVE and DELETE': [
    {
      it: 'ARCHIVE leaves those that it waited for, and tells nobody else',
      life: () => life({}, { dependsOn: [on({ status: 'satisfied', via: [ancestor] })] }).take(event('CANCEL'), event('ARCHIVE')),
      then: 'archived',
      tells: ['DEPENDENT_CHANGED to other', 'DEPENDENT_CHANGED to other'],
    },
    { it: 'ARCHIVE of an open task is refused', life: () => life().take(event('ARCHIVE')), then: 'INVALID_TRANSITION' },
    {
      it: 'ARCHIVE above an open child is refused',
      life: () => started().take(event('CHILD_CHANGED', { from: null, to: 'open' }), event('FAIL', { retryable: false }), event('ARCHIVE')),
      then: 'CHILDREN_UNFINISHED',
    },
    { it: 'ARCHIVE is final', life: () => completed().take(event('ARCHIVE'), event('REOPEN')), then: 'INVALID_TRANSITION' },
    {
      it: 'DELETE leaves a tombstone',
      life: () => completed().take(event('NOTE', { text: 'x' }), event('DELETE', { by: 'admin' })),
      then: 'archived',
      has: {
        spec: { title: '', description: '', context: {} },
        notes: [],
        artifacts: [],
        result: null,
        attempts: [],
        marks: { deletedBy: 'admin' },
      },
    },
    {
      it: 'DELETE of an archived task',
      life: () => completed().take(event('ARCHIVE'), event('DELETE')),
      then: 'archived',
      has: { spec: { title: '' } },
    },
    { it: 'DELETE of an open task is refused', life: () => life().take(event('DELETE')), then: 'INVALID_TRANSITION' },
  ],
};

describe.each(Object.entries(rows))('%s', (_, examples) => {
  test.each(examples)('$it', ({ life: live, then, has = {}, tells }) => {
    const { state, refusal, told } = live();
    expect(refusal ?? state.value).toBe(then);
    expect(state.context).toMatchObject(has);
    if (tells !== undefined) expect(told).toEqual(tells);
  });
});

describe('time', () => {
  test('the pause doubles with every failure in a row, up to five minutes', () => {
    expect([1, 2, 3, 9, 10, 40].map(pauseMs)).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
    const paused = failures(3).take(event('START'), event('FAIL')).context;
    expect([paused.failures, paused.notBefore]).toEqual([4, noon + 8_000]);
  });

  test('and begins anew after UNBLOCK, RETRY, REOPEN, needs_revision', () => {
    const fails = (one: Life) => one.take(event('START'), event('FAIL')).context.notBefore;
    expect(fails(failures(5).take(event('BLOCK'), event('UNBLOCK')))).toBe(noon + 1_000);
    expect(fails(failures(5).take(event('START'), event('FAIL', { retryable: false }), event('RETRY')))).toBe(noon + 1_000);
    expect(fails(failures(5).take(event('CANCEL'), event('REOPEN')))).toBe(noon + 1_000);
    expect(fails(failures(5).take(event('START'), event('COMPLETE.needs_revision')))).toBe(noon + 1_000);
  });

  test('dueAt is the earliest of lease, pause and due date, and moves on with each TIMER', () => {
    const one = started({ dueAt: noon + 2 * hour, maxAttempts: 2 });
    const seen: (number | null)[] = [dueAtOf(one.state)];
    for (let due = dueAtOf(one.state); due !== null && seen.length < 10; due = dueAtOf(one.state)) {
      one.take(event('TIMER', { at: due }));
      seen.push(dueAtOf(one.state));
    }
    expect(seen).toEqual([noon + hour, noon + hour + 1_000, noon + 2 * hour, null]);
    expect([one.state.value, isReady(one.state)]).toEqual(['pending', true]);
  });
});

test('a dependency is met by the kind of its entry', () => {
  const heard = (entry: Partial<DependencyEntry>, news: Payload<'DEPENDENCY_CHANGED'>) => {
    const [kept] = life({}, { dependsOn: [on(entry)] }).take(event('DEPENDENCY_CHANGED', news)).context.dependsOn;
    return `${kept?.status}${kept?.reason === undefined ? '' : `: ${kept.reason}`}`;
  };
  expect(heard({}, { state: 'completed' })).toBe('satisfied');
  expect(heard({ status: 'satisfied' }, { state: 'open' })).toBe('waiting');
  expect(heard({}, { state: 'failed' })).toBe('failed: it was given up as failed');
  expect(heard({}, { state: 'cancelled' })).toBe('failed: it was cancelled');
  expect(heard({ status: 'satisfied' }, { state: 'archived' })).toBe('satisfied');
  expect(heard({ kind: 'approval' }, { state: 'completed', taskType: 'review' })).toBe('satisfied');
  expect(heard({ kind: 'approval' }, { state: 'completed' })).toBe('failed: it is of type standard, which approves nothing');
  expect(heard({ kind: 'data', artifactType: 'code' }, { state: 'completed', artifactTypes: ['design', 'code'] })).toBe('satisfied');
  expect(heard({ kind: 'data', artifactType: 'code' }, { state: 'completed', artifactTypes: ['design'] })).toBe(
    'failed: it completed without an artifact of type code',
  );
  expect(heard({ status: 'failed', reason: 'it was cancelled' }, { state: 'completed' })).toBe('satisfied');
});
