import type { Attempt, Guidance, TaskContext } from './context.ts';
import type { MachineEvent } from './events.ts';
import { childTotal } from './readings.ts';

/** What each event changes in a task's context. Pure: a function of context and event. */

export type Change = Partial<TaskContext>;
type Complete = MachineEvent<'COMPLETE' | 'COMPLETE.continue' | 'COMPLETE.needs_revision' | 'COMPLETE.blocked'>;

/** Attempts and guidance are for the next worker, who reads the newest; the history has the rest. */
const remembered = 20;
const firstPauseMs = 1_000;
const longestPauseMs = 300_000;

/** The pause before the next attempt doubles with every failure in a row: 1 s, 2 s, … up to 5 minutes. */
function pauseMs(failures: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 20));
}

export const touch = (context: TaskContext, event: MachineEvent, more: Partial<TaskContext['marks']> = {}): TaskContext['marks'] => ({
  ...context.marks,
  updatedAt: event.at,
  ...more,
});

const latest = <T>(items: readonly T[], item: T): readonly T[] => [...items.slice(1 - remembered), item];

const advise = (context: TaskContext, advice: Guidance | null): readonly Guidance[] =>
  advice === null ? context.guidance : latest(context.guidance, advice);

const advice = (kind: Guidance['kind'], text: string | null, event: MachineEvent): Guidance | null =>
  text === null ? null : { kind, text, by: event.by, at: event.at };

/** Ends the newest attempt, also one that ended by expiry before: late work belongs to it. */
function endAttempt(context: TaskContext, event: MachineEvent, outcome: Attempt['outcome'], report: string | null): readonly Attempt[] {
  const last = context.attempts.at(-1);
  if (last === undefined || context.lease === null) return context.attempts;
  return [...context.attempts.slice(0, -1), { ...last, endedAt: event.at, outcome, report: report ?? last.report }];
}

/** A pause that is over is forgotten when something else moves, since no TIMER was set for a task that could not run. */
export const pauseLeft = ({ notBefore }: TaskContext, event: MachineEvent): number | null =>
  notBefore !== null && event.at >= notBefore ? null : notBefore;

const opened = (context: TaskContext, event: MachineEvent): Change => ({
  revision: context.revision + 1,
  failures: 0,
  lease: null,
  notBefore: null,
  blocked: null,
  progress: null,
  marks: touch(context, event, { completedAt: null }),
});

const stored = (context: TaskContext, event: Complete): Change => ({
  result: { summary: event.summary, filePaths: event.filePaths },
  artifacts: event.artifacts.length === 0 ? context.artifacts : [...context.artifacts, ...event.artifacts],
  marks: touch(context, event),
});

// What is shared stands last: V8 gives each object that begins with a spread and goes on a hidden class of its own.
export const changes = {
  claim: (context: TaskContext, event: MachineEvent<'START'>): Change => ({
    attempt: context.attempt + 1,
    lease: { id: event.lease, holder: event.by, expiresAt: event.at + event.lengthMs, lengthMs: event.lengthMs, expired: false },
    progress: null,
    blocked: null,
    notBefore: null,
    attempts: latest(context.attempts, {
      number: context.attempt + 1,
      holder: event.by,
      startedAt: event.at,
      endedAt: null,
      outcome: 'running',
      report: null,
      roleHash: event.roleHash,
    }),
    marks: touch(context, event, { startedAt: event.at, inputsChanged: false }),
  }),

  report: (context: TaskContext, event: MachineEvent<'PROGRESS'>): Change => {
    const { lease, progress } = context;
    const last = context.attempts.at(-1);
    return {
      lease: lease === null ? null : { ...lease, expiresAt: event.at + lease.lengthMs },
      progress: {
        value: Math.max(progress?.value ?? 0, event.value ?? 0),
        total: event.total ?? progress?.total ?? null,
        message: event.message ?? progress?.message ?? null,
      },
      attempts:
        last === undefined || event.message === undefined
          ? context.attempts
          : [...context.attempts.slice(0, -1), { ...last, report: event.message }],
      marks: touch(context, event),
    };
  },

  finish: (context: TaskContext, event: MachineEvent<'COMPLETE'>): Change => ({
    lease: null,
    notBefore: null,
    attempts: endAttempt(context, event, 'completed', event.summary),
    ...stored(context, event),
    marks: touch(context, event, { completedAt: event.at, inputsChanged: false }),
  }),

  /** The work is kept and the attempt goes on, or, when its lease is over, waits for the next worker. */
  save: (context: TaskContext, event: MachineEvent<'COMPLETE.continue'>): Change => {
    const last = context.attempts.at(-1);
    return {
      ...stored(context, event),
      attempts: last === undefined ? context.attempts : [...context.attempts.slice(0, -1), { ...last, report: event.summary }],
      marks: touch(context, event, { completedAt: null }),
    };
  },

  sendBack: (context: TaskContext, event: MachineEvent<'COMPLETE.needs_revision'>): Change => ({
    ...opened(context, event),
    ...stored(context, event),
    guidance: advise(context, advice('feedback', event.feedback ?? event.summary, event)),
    attempts: endAttempt(context, event, 'revision', event.summary),
    marks: touch(context, event, { completedAt: null }),
  }),

  storeAndStop: (context: TaskContext, event: MachineEvent<'COMPLETE.blocked'>): Change => ({
    ...stored(context, event),
    lease: null,
    notBefore: null,
    blocked: { reason: event.feedback ?? event.summary, question: null, answer: null },
    attempts: endAttempt(context, event, 'blocked', event.summary),
    marks: touch(context, event, { completedAt: null }),
  }),

  failForRetry: (context: TaskContext, event: MachineEvent<'FAIL'>): Change => ({
    failures: context.failures + 1,
    notBefore: event.at + pauseMs(context.failures + 1),
    lease: null,
    attempts: endAttempt(context, event, 'failed', event.message),
    marks: touch(context, event),
  }),

  failForGood: (context: TaskContext, event: MachineEvent<'FAIL'>): Change => ({
    failures: context.failures + 1,
    notBefore: null,
    lease: null,
    attempts: endAttempt(context, event, 'failed', event.message),
    marks: touch(context, event, { completedAt: event.at }),
  }),

  expire: (context: TaskContext, event: MachineEvent<'TIMER'>): Change => ({
    failures: context.failures + 1,
    notBefore: event.at + pauseMs(context.failures + 1),
    attempts: endAttempt(context, event, 'expired', null),
    lease: context.lease === null ? null : { ...context.lease, expired: true },
    marks: touch(context, event),
  }),

  expireForGood: (context: TaskContext, event: MachineEvent<'TIMER'>): Change => ({
    failures: context.failures + 1,
    notBefore: null,
    attempts: endAttempt(context, event, 'expired', null),
    lease: context.lease === null ? null : { ...context.lease, expired: true },
    marks: touch(context, event, { completedAt: event.at }),
  }),

  endPause: (context: TaskContext, event: MachineEvent<'TIMER'>): Change => ({ notBefore: null, marks: touch(context, event) }),

  announceDue: (context: TaskContext, event: MachineEvent<'TIMER'>): Change => ({
    marks: touch(context, event, { dueAnnounced: context.spec.dueAt }),
  }),

  stop: (context: TaskContext, event: MachineEvent<'BLOCK'>): Change => ({
    blocked: { reason: event.reason, question: event.question, answer: null },
    attempts: endAttempt(context, event, 'blocked', event.reason ?? event.question),
    lease: null,
    notBefore: null,
    marks: touch(context, event),
  }),

  answer: (context: TaskContext, event: MachineEvent<'ANSWER'>): Change => {
    const question = context.blocked?.question ?? '';
    return {
      failures: 0,
      blocked: { reason: context.blocked?.reason ?? null, question, answer: event.answer },
      guidance: advise(context, { kind: 'answer', question, text: event.answer, by: event.by, at: event.at }),
      marks: touch(context, event),
    };
  },

  goOn: (context: TaskContext, event: MachineEvent<'UNBLOCK'>): Change => ({
    failures: 0,
    blocked: null,
    guidance: advise(context, advice('feedback', event.note, event)),
    marks: touch(context, event),
  }),

  cancel: (context: TaskContext, event: MachineEvent<'CANCEL'>): Change => ({
    lease: null,
    notBefore: null,
    guidance: advise(context, advice('reason', event.reason, event)),
    attempts: endAttempt(context, event, 'cancelled', event.reason),
    marks: touch(context, event, { completedAt: event.at }),
  }),

  retry: (context: TaskContext, event: MachineEvent<'RETRY'>): Change => opened(context, event),

  reopen: (context: TaskContext, event: MachineEvent<'REOPEN'>): Change => ({
    ...opened(context, event),
    guidance: advise(context, advice('reason', event.reason, event)),
  }),

  revise: (context: TaskContext, event: MachineEvent<'REVISE'>): Change => ({
    ...opened(context, event),
    guidance: advise(context, advice('feedback', event.feedback, event)),
  }),

  hearFeedback: (context: TaskContext, event: MachineEvent<'REVISE'>): Change => ({
    guidance: advise(context, advice('feedback', event.feedback, event)),
    marks: touch(context, event),
  }),

  edit: (context: TaskContext, event: MachineEvent<'EDIT'>): Change => ({
    spec: { ...context.spec, ...Object.fromEntries(Object.entries(event.set).filter(([, value]) => value !== undefined)) },
    marks: touch(context, event),
  }),

  note: (context: TaskContext, event: MachineEvent<'NOTE'>): Change => ({
    notes: [...context.notes, { text: event.text, by: event.by, at: event.at }],
    marks: touch(context, event),
  }),

  archive: (context: TaskContext, event: MachineEvent<'ARCHIVE'>): Change => ({ marks: touch(context, event) }),

  /** What stays is a tombstone: id, revision, who and when. */
  erase: (context: TaskContext, event: MachineEvent<'DELETE'>): Change => ({
    spec: {
      ...context.spec,
      externalId: null,
      title: '',
      description: '',
      tags: [],
      acceptance: [],
      context: {},
      estimatedEffort: null,
      dueAt: null,
    },
    guidance: [],
    progress: null,
    blocked: null,
    lease: null,
    notBefore: null,
    dependsOn: [],
    dependents: { direct: [], inherited: [] },
    result: null,
    artifacts: [],
    notes: [],
    attempts: [],
    marks: touch(context, event, { deletedBy: event.by }),
  }),

  countChild: (context: TaskContext, event: MachineEvent<'CHILD_CHANGED'>): Change => {
    const children = { ...context.children };
    if (event.from !== null && event.from !== 'archived') children[event.from] -= 1;
    if (event.to !== 'archived') children[event.to] += 1;
    return { children, notBefore: pauseLeft(context, event), marks: touch(context, event) };
  },

  reopenForChild: (context: TaskContext, event: MachineEvent<'CHILD_CHANGED'>): Change => opened(context, event),

  keepDependents: ({ dependents, ...context }: TaskContext, event: MachineEvent<'DEPENDENT_CHANGED'>): Change => {
    const which = event.direct ? 'direct' : 'inherited';
    const others = dependents[which].filter((id) => !event.ids.includes(id));
    return {
      dependents: { ...dependents, [which]: event.on ? [...others, ...event.ids] : others },
      marks: { ...context.marks, updatedAt: event.at },
    };
  },

  rollUp: (context: TaskContext, event: MachineEvent): Change => {
    const { completed, cancelled } = context.children;
    const besides = cancelled === 0 ? '' : `, ${cancelled} cancelled`;
    return {
      result: { summary: `Done by its ${childTotal(context)} children: ${completed} completed${besides}.`, filePaths: [] },
      lease: null,
      notBefore: null,
      marks: touch(context, event, { completedAt: event.at, inputsChanged: false }),
    };
  },
};
