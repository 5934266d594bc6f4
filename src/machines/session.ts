import { and, assign, setup } from 'xstate';
import type { SessionContext, SessionMachineEvent } from './session-context.ts';
import { sessionGuards, sessionRows } from './session-guards.ts';

export const sessionMachineId = 'session';
/** Raised when a stored snapshot needs a migration to be understood. */
export const sessionMachineVersion = 1;

const touch = (context: SessionContext, { at }: SessionMachineEvent): SessionContext['marks'] => ({ ...context.marks, updatedAt: at });

const machine = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionMachineEvent,
    input: {} as SessionContext,
    tags: {} as 'open' | 'closed',
  },
  guards: {
    tasksFinished: sessionGuards.tasksFinished.test,
    tasksArchived: sessionGuards.tasksArchived.test,
  },
  actions: {
    pause: assign(({ context, event }) => ({
      pause: { reason: event.type === 'PAUSE' ? event.reason : null, by: event.by, at: event.at },
      marks: touch(context, event),
    })),
    resume: assign(({ event }) => ({ pause: null, marks: { updatedAt: event.at, completedAt: null } })),
    complete: assign(({ context, event }) => ({
      pause: null,
      summary: event.type === 'COMPLETE' && event.summary !== null ? event.summary : context.summary,
      marks: { updatedAt: event.at, completedAt: event.at },
    })),
    archive: assign(({ context, event }) => ({ marks: touch(context, event) })),
  },
});

/**
 * The session: a named piece of work that owns plans. It holds no list of them: a task names its session. Paused, its tasks are not
 * ready; completed, nothing more is planned in it; archived is final.
 */
export const sessionMachine = machine.createMachine({
  id: sessionMachineId,
  context: ({ input }) => input,
  initial: 'active',
  states: {
    active: {
      tags: 'open',
      on: {
        PAUSE: { target: 'paused', actions: 'pause' },
        COMPLETE: { target: 'completed', guard: and(sessionRows.COMPLETE), actions: 'complete' },
      },
    },
    paused: {
      tags: 'open',
      on: {
        RESUME: { target: 'active', actions: 'resume' },
        COMPLETE: { target: 'completed', guard: and(sessionRows.COMPLETE), actions: 'complete' },
      },
    },
    completed: {
      tags: 'closed',
      on: {
        RESUME: { target: 'active', actions: 'resume' },
        ARCHIVE: { target: 'archived', guard: and(sessionRows.ARCHIVE), actions: 'archive' },
      },
    },
    archived: { tags: 'closed' },
  },
});
