import type { ActorEvent, EventType } from '../../protocol/event.ts';
import { limits } from '../../protocol/values.ts';
import type { Page } from '../store.ts';
import { decodeRevision, encodeRevision } from './cursor.ts';

/** Events that an actor's history holds. */
export const historyLength = 200;

const changesOfState: ReadonlySet<EventType> = new Set([
  'task.started',
  'task.revision_requested',
  'task.completed',
  'task.failed',
  'task.retry_scheduled',
  'task.lease_expired',
  'task.blocked',
  'task.answered',
  'task.unblocked',
  'task.cancelled',
  'task.retried',
  'task.reopened',
  'task.archived',
  'session.changed',
]);

const neverAges = ({ type }: ActorEvent): boolean => type === 'task.created' || type === 'task.noted' || type === 'session.created';

/** How long an event stays in a full history: 0 goes first, 1 when nothing lesser is left, 2 for as long as there are few of its kind. */
export const weightOf = (event: ActorEvent): 0 | 1 | 2 => (neverAges(event) ? 2 : changesOfState.has(event.type) ? 1 : 0);

/** The place of the event that goes first: an old fact, progress or edit, else an old change of state. */
function oldestToAge(history: readonly ActorEvent[]): number {
  const passing = history.findIndex((event) => weightOf(event) === 0);
  return passing >= 0 ? passing : history.findIndex((event) => weightOf(event) === 1);
}

/**
 * The history with one event more. Beyond 200 events facts, progress and edits age out before changes of state;
 * what made the actor and the newest 100 notes stay. `task.deleted` leaves only itself: the content is erased.
 */
export function appendHistory(history: readonly ActorEvent[], event: ActorEvent): readonly ActorEvent[] {
  if (event.type === 'task.deleted') return [event];
  const longer = [...history, event];
  if (longer.length <= historyLength) return longer;
  const notes = event.type === 'task.noted' ? longer.filter(({ type }) => type === 'task.noted').length : 0;
  const aged = notes > limits.notes ? longer.findIndex(({ type }) => type === 'task.noted') : oldestToAge(longer);
  longer.splice(aged, 1);
  return longer;
}

/** A page of a history, oldest first. The cursor is the last revision shown, so it survives what ages out meanwhile. */
export function pageHistory(
  history: readonly ActorEvent[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<ActorEvent> {
  const after = cursor === undefined ? 0 : decodeRevision(cursor);
  const start = history.findIndex((event) => event.rev > after);
  if (start < 0) return { items: [], next: null };
  const items = history.slice(start, start + limit);
  const last = items.at(-1);
  return { items, next: last === undefined || start + limit >= history.length ? null : encodeRevision(last.rev) };
}
