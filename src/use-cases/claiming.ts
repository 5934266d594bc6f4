import type { Conversation } from '../actors/conversation.ts';
import type { LeaseId, TaskId } from '../ids.ts';
import type { MachineEvent } from '../machines/events.ts';
import { requireRole } from './execution.ts';
import type { Services } from './services.ts';

const hourMs = 3_600_000;

/** START for the caller of the conversation: the specialist's stale limit is the longest lease, a shorter one is given on request. */
export function startEvent(
  { roles }: Services,
  talk: Conversation,
  id: TaskId,
  lease: LeaseId,
  leaseMs: number | undefined,
): MachineEvent<'START'> {
  const { specialist, sessionId } = talk.state(id).context.spec;
  const role = requireRole(roles, specialist);
  // A session that can't be read holds nothing back: it is reported, and the work goes on.
  const pausedIn = sessionId !== null && talk.sessions.find(sessionId)?.value === 'paused' ? sessionId : null;
  const longest = role.staleHours * hourMs;
  return { type: 'START', lease, lengthMs: Math.min(leaseMs ?? longest, longest), roleHash: role.hash, pausedIn, at: talk.at, by: talk.by };
}
