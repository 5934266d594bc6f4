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
  const role = requireRole(roles, talk.state(id).context.spec.specialist);
  const longest = role.staleHours * hourMs;
  return { type: 'START', lease, lengthMs: Math.min(leaseMs ?? longest, longest), roleHash: role.hash, at: talk.at, by: talk.by };
}
