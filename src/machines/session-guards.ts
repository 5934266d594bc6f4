import type { Reason } from '../errors.ts';
import type { SessionContext, SessionEventName, SessionMachineEvent } from './session-context.ts';

/** The guards of the session machine; the machine and the refusals are made from the same rows. */

interface Asked {
  readonly context: SessionContext;
  readonly event: SessionMachineEvent;
}

interface Guard {
  readonly test: (asked: Asked) => boolean;
  readonly reason: Reason;
  readonly says: string;
  readonly fix?: string;
}

const guards = {
  tasksFinished: {
    test: ({ event }) => event.type !== 'COMPLETE' || event.open === 0,
    reason: 'SESSION_UNFINISHED',
    says: 'it has open tasks',
  },
  tasksArchived: {
    test: ({ event }) => event.type !== 'ARCHIVE' || event.left === 0,
    reason: 'SESSION_UNFINISHED',
    says: 'not all of its tasks are archived',
    fix: 'archive its finished trees first: session.cleanup does both',
  },
} as const satisfies Record<string, Guard>;

export type SessionGuardName = keyof typeof guards;
export const sessionGuards: Readonly<Record<SessionGuardName, Guard>> = guards;

/** The guards of each event, in the order in which they are asked. */
export const sessionRows = {
  COMPLETE: ['tasksFinished'],
  ARCHIVE: ['tasksArchived'],
} as const satisfies Partial<Record<SessionEventName, readonly SessionGuardName[]>>;

const anyRow: Readonly<Partial<Record<SessionEventName, readonly SessionGuardName[]>>> = sessionRows;

export const sessionRowOf = (name: SessionEventName): readonly SessionGuardName[] => anyRow[name] ?? [];
