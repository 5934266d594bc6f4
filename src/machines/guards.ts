import type { Reason } from '../errors.ts';
import { limits } from '../protocol/values.ts';
import type { TaskContext } from './context.ts';
import type { MachineEvent, TaskEventName } from './events.ts';
import { childTotal, dependenciesMet, heardAt } from './readings.ts';

/**
 * The guards of the task machine and, per event, the rows that say in which order they are asked.
 * The machine and the refusals are made from the same rows, since XState does not say which guard refused.
 */

interface Asked {
  readonly context: TaskContext;
  readonly event: MachineEvent;
}

interface Guard {
  readonly test: (asked: Asked) => boolean;
  readonly reason: Reason;
  /** `task`: the answer depends on the task alone, so it decides what the task allows to anyone. */
  readonly about: 'task' | 'call';
  readonly says: string;
  readonly fix?: string;
  /** What LIMIT_EXCEEDED tells. */
  readonly limit?: { readonly name: string; readonly max: number };
}

/** A holder who named its worker is known by name; everybody else shows the lease id. */
function holdsLease({ context: { lease }, event }: Asked): boolean {
  if (lease === null || !('summary' in event || event.type === 'PROGRESS' || event.type === 'FAIL')) return false;
  if (event.lease !== undefined) return event.lease === lease.id;
  return event.by.includes('/') && event.by === lease.holder;
}

const rowGuards = {
  sessionGoesOn: {
    test: ({ event }) => event.type !== 'START' || (event.pausedIn ?? null) === null,
    reason: 'SESSION_PAUSED',
    about: 'call',
    says: 'its session is paused',
  },
  dependenciesMet: {
    test: ({ context }) => dependenciesMet(context),
    reason: 'DEPENDENCIES_UNMET',
    about: 'task',
    says: 'it waits for other tasks',
  },
  childrenDone: {
    test: ({ context }) => context.children.open === 0,
    reason: 'CHILDREN_UNFINISHED',
    about: 'task',
    says: 'it has open children',
  },
  childrenCovered: {
    test: ({ context, event }) => context.children.open === 0 || (event.type === 'CANCEL' && event.subtree),
    reason: 'CHILDREN_UNFINISHED',
    about: 'call',
    says: 'it has open children',
    fix: 'cancel with subtree: true, or finish the children first',
  },
  dueForRetry: {
    test: ({ context, event }) => context.notBefore === null || event.at >= context.notBefore,
    reason: 'NOT_DUE',
    about: 'task',
    says: 'it pauses after a failed attempt',
  },
  executed: {
    test: ({ context }) => context.lease !== null,
    reason: 'INVALID_TRANSITION',
    about: 'task',
    says: 'nobody is executing it',
    fix: 'execute the task first',
  },
  leaseHeld: { test: holdsLease, reason: 'STALE_LEASE', about: 'call', says: 'the lease is not the newest one' },
  acceptanceAnswered: {
    test: ({ context, event }) =>
      'acceptance' in event && context.spec.acceptance.every((_, index) => event.acceptance[index]?.met === true),
    reason: 'ACCEPTANCE_UNANSWERED',
    about: 'call',
    says: 'not every acceptance criterion is answered as met',
  },
  roomForArtifacts: {
    test: ({ context, event }) => !('artifacts' in event) || context.artifacts.length + event.artifacts.length <= limits.artifacts,
    reason: 'LIMIT_EXCEEDED',
    about: 'call',
    says: `it would have more than ${limits.artifacts} artifacts`,
    limit: { name: 'artifacts of a task', max: limits.artifacts },
  },
  questionAsked: {
    test: ({ context }) => typeof context.blocked?.question === 'string',
    reason: 'INVALID_TRANSITION',
    about: 'task',
    says: 'no question was asked',
    fix: 'let it go on with task.unblock',
  },
  revMatches: {
    test: ({ event }) => !('ifRev' in event) || event.ifRev === undefined || event.ifRev === event.rev,
    reason: 'REV_CONFLICT',
    about: 'call',
    says: 'it has changed since the revision that ifRev names',
  },
  acyclic: {
    test: ({ event }) => event.type !== 'DEPENDENCY_ADD' || event.cycle === null,
    reason: 'DEPENDENCY_CYCLE',
    about: 'call',
    says: 'it would wait for itself',
  },
  roomForDependencies: {
    test: ({ context, event }) =>
      event.type !== 'DEPENDENCY_ADD' ||
      new Set([...context.dependsOn.filter((entry) => entry.direct), ...event.entries].map((entry) => entry.id)).size <=
        limits.dependencies,
    reason: 'LIMIT_EXCEEDED',
    about: 'call',
    says: `it would have more than ${limits.dependencies} dependencies`,
    limit: { name: 'dependencies of a task', max: limits.dependencies },
  },
  dependencyGiven: {
    test: ({ context, event }) =>
      !('ids' in event) ||
      event.type === 'DEPENDENT_CHANGED' ||
      context.dependsOn.some((entry) => entry.direct && event.ids.includes(entry.id)),
    reason: 'INVALID_TRANSITION',
    about: 'call',
    says: 'it was not given that dependency itself',
    fix: 'name an entry of dependsOn whose `direct` is true; an inherited one is changed at the ancestor that `via` names',
  },
  canStayOpen: {
    test: ({ context }) => !rollsUp({ context }),
    reason: 'INVALID_TRANSITION',
    about: 'task',
    says: 'it would complete again at once, since it rolls up its children',
    fix: 'reopen one of its children, or add one',
  },
  acceptanceFits: {
    test: ({ context, event }) => event.type !== 'EDIT' || context.spec.rollUp === 'execute' || (event.set.acceptance ?? []).length === 0,
    reason: 'INVALID_PARAMS',
    about: 'call',
    says: 'a task that rolls up by itself has nobody to answer acceptance criteria',
  },
  roomForNote: {
    test: ({ context }) => context.notes.length < limits.notes,
    reason: 'LIMIT_EXCEEDED',
    about: 'task',
    says: `it has ${limits.notes} notes already`,
    limit: { name: 'notes of a task', max: limits.notes },
  },
} as const satisfies Record<string, Guard>;

export type GuardName = keyof typeof rowGuards;
export const guardRows: Readonly<Record<GuardName, Guard>> = rowGuards;

/** The guards of each event, in the order in which they are asked. */
export const rows = {
  START: ['sessionGoesOn', 'dependenciesMet', 'childrenDone', 'dueForRetry'],
  PROGRESS: ['leaseHeld'],
  COMPLETE: ['executed', 'leaseHeld', 'roomForArtifacts', 'acceptanceAnswered', 'childrenDone', 'dependenciesMet'],
  'COMPLETE.continue': ['executed', 'leaseHeld', 'roomForArtifacts'],
  'COMPLETE.needs_revision': ['executed', 'leaseHeld', 'roomForArtifacts'],
  'COMPLETE.blocked': ['executed', 'leaseHeld', 'roomForArtifacts'],
  FAIL: ['leaseHeld'],
  ANSWER: ['questionAsked'],
  DEPENDENCY_ADD: ['revMatches', 'acyclic', 'roomForDependencies'],
  DEPENDENCY_REMOVE: ['revMatches', 'dependencyGiven'],
  DEPENDENCY_WAIVE: ['revMatches', 'dependencyGiven'],
  CANCEL: ['revMatches', 'childrenCovered'],
  REOPEN: ['revMatches', 'canStayOpen'],
  EDIT: ['revMatches', 'acceptanceFits'],
  NOTE: ['revMatches', 'roomForNote'],
  ARCHIVE: ['childrenDone'],
} as const satisfies Partial<Record<TaskEventName, readonly GuardName[]>>;

const anyRow: Readonly<Partial<Record<TaskEventName, readonly GuardName[]>>> = rows;

/** The guards of any event; none for one that nothing holds back. */
export const rowOf = (name: TaskEventName): readonly GuardName[] => anyRow[name] ?? [];

/** An `auto` parent completes by itself: something was done, nothing is open, nothing failed. */
function rollsUp({ context }: { readonly context: TaskContext }): boolean {
  const { open, failed, completed } = context.children;
  return (
    context.spec.rollUp === 'auto' && childTotal(context) > 0 && open === 0 && failed === 0 && completed > 0 && dependenciesMet(context)
  );
}

/** A TIMER handles the earliest thing that is due; on a tie, what moves the task goes before the announcement of its due date. */
const goesFirst = (at: number, { spec, marks }: TaskContext): boolean =>
  spec.dueAt === null || spec.dueAt === marks.dueAnnounced || at <= spec.dueAt;

/** Whether whoever looks for stuck work names a time since which the lease's holder was not heard of. */
export const unheard = ({ context: { lease }, event }: Asked): boolean =>
  event.type === 'TIMER' && event.unheardSince !== undefined && lease !== null && heardAt(lease) <= event.unheardSince;

/** These choose between ways, they refuse nothing. */
export const choices = {
  rollsUp,
  attemptsLeft: ({ context }: Asked) => context.failures + 1 < context.spec.maxAttempts,
  canRetry: ({ context, event }: Asked) => event.type === 'FAIL' && event.retryable && context.failures + 1 < context.spec.maxAttempts,
  leaseIsOver: ({ context, event }: Asked) =>
    unheard({ context, event }) ||
    (context.lease !== null && event.at >= context.lease.expiresAt && goesFirst(context.lease.expiresAt, context)),
  pauseIsOver: ({ context, event }: Asked) =>
    context.notBefore !== null &&
    event.at >= context.notBefore &&
    goesFirst(context.notBefore, context) &&
    context.children.open === 0 &&
    dependenciesMet(context),
  dueDateIsHere: ({ context, event }: Asked) =>
    context.spec.dueAt !== null && context.spec.dueAt !== context.marks.dueAnnounced && event.at >= context.spec.dueAt,
  childOpens: ({ event }: Asked) => event.type === 'CHILD_CHANGED' && event.to === 'open',
};
