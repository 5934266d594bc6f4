import { TroupeError } from '../errors.ts';
import type { SessionId } from '../ids.ts';
import { sessionStatuses } from '../protocol/values.ts';
import type { SessionStatus } from '../protocol/values.ts';
import type { SessionMachineEvent, SessionState } from './session-context.ts';
import { sessionGuards, sessionRowOf } from './session-guards.ts';
import { sessionMachine } from './session.ts';

/** Why a session does not take an event, and what it takes instead. */

const acceptedBy: ReadonlyMap<SessionStatus, readonly string[]> = new Map(
  sessionStatuses.map((status) => [status, (sessionMachine.root.states[status]?.ownEvents ?? []).map(String)]),
);

/** The events that the session accepts now; what its tasks decide is not looked at. */
export const allowedSessionEvents = ({ value }: SessionState): readonly string[] => acceptedBy.get(value) ?? [];

const wayOut: Readonly<Record<SessionStatus, string>> = {
  active: 'it is at work already: plan and claim in it; session.complete ends it, and only a completed session is archived',
  paused: 'resume the session first',
  completed: 'resume the session first',
  archived: 'an archived session is final: make a new one',
};

/** The refusal of an event that the session in this state does not take; null when it takes it. */
export function sessionRefusalOf(id: SessionId, state: SessionState, event: SessionMachineEvent): TroupeError | null {
  const { value, context } = state;
  const name = event.type.toLowerCase();
  const details = { sessionId: id, from: value, event: event.type, allowed: allowedSessionEvents(state) };
  if (!details.allowed.includes(event.type))
    return new TroupeError('INVALID_TRANSITION', `cannot ${name}: the session is ${value}`, { ...details, fix: wayOut[value] });
  for (const guard of sessionRowOf(event.type)) {
    const { test, reason, says, fix } = sessionGuards[guard];
    if (test({ context, event })) continue;
    const open = event.type === 'COMPLETE' ? { open: event.open } : {};
    return new TroupeError(reason, `cannot ${name}: ${says}`, { ...details, guard, ...open, ...(fix === undefined ? {} : { fix }) });
  }
  return null;
}
