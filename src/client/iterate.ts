import type { EventFilter } from '../protocol/event.ts';
import type { SentEvent } from './guards.ts';
import type { Link } from './link.ts';
import type { TroupeError } from '../errors.ts';

/** What an iteration of events yields, in order. */
export type EventItem =
  /** The first, unless it goes on from a position: from here on nothing is missed. Whoever needs the state lists now. */
  | { readonly kind: 'live'; readonly position: string }
  | { readonly kind: 'event'; readonly event: SentEvent }
  /** The log was replaced, or too much was missed: forget what was known, and list now. Events from here on follow. */
  | { readonly kind: 'list'; readonly position: string };

export interface EventsOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined;
  /** The position of the last event that was taken, to go on behind it. */
  readonly since?: string | undefined;
  /** How long the service may hold events back to send them together: 0 (the default) to 50 ms. */
  readonly batchMs?: number | undefined;
  /** Items that wait here at most, beside what came with the last one; then the service waits. Default 1,000. */
  readonly limit?: number | undefined;
}

/**
 * Follows from the first `next` on. When nobody takes what comes, the service is told to stop and asked for the rest later, so nothing
 * is lost in silence: what it does not have any more is told as `list`.
 */
export async function* iterate(
  link: Link,
  filter: EventFilter,
  { signal, limit = 1_000, ...options }: EventsOptions,
): AsyncGenerator<EventItem, void, undefined> {
  let queue: EventItem[] = [];
  let end: TroupeError | null = null;
  let wake = (): void => {};
  const held = link.followAlone(
    (told) => {
      if (told.kind === 'ended') end = told.error;
      else if (told.kind !== 'events') queue.push(told);
      else for (const event of told.events) queue.push({ kind: 'event', event });
      if (queue.length >= limit) held.pause();
      wake();
    },
    filter,
    options,
  );
  const stop = (): void => wake();
  signal?.addEventListener('abort', stop);
  try {
    for (;;) {
      const items = queue;
      queue = [];
      for (const item of items) {
        if (signal?.aborted === true) return;
        yield item;
      }
      if (signal?.aborted === true) return;
      // Those that came meanwhile, up to the limit, are still to be yielded.
      if (queue.length > 0) continue;
      if (end !== null) throw end;
      held.resume();
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    held.pause();
  }
}
