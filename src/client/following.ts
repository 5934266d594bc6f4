import type { TroupeError } from '../errors.ts';
import type { EventFilter } from '../protocol/event.ts';
import type { Output } from '../protocol/methods.ts';
import { eventsOf, isBookmark } from './guards.ts';
import type { SentEvent } from './guards.ts';

/** What a follower is told, in order. */
export type StreamEvent =
  /** From here on nothing is missed: whoever needs the state lists now. */
  | { readonly kind: 'live'; readonly position: string }
  /** What came together, at least one; of tasks and of sessions, whose `taskId` is null. */
  | { readonly kind: 'events'; readonly events: readonly SentEvent[] }
  /** The log was replaced, or too much was missed: forget what was known, and list now. Events from here on follow. */
  | { readonly kind: 'list'; readonly position: string }
  /** Nothing more comes: the service could not be reached in time, or refused. */
  | { readonly kind: 'ended'; readonly error: TroupeError };

export type Listener = (event: StreamEvent) => void;

/** Actors whose newest revision is remembered: at least as many as a replay has events. */
const rememberedActors = 20_000;

/** One filter that is followed, whoever listens, over any number of connections. */
export class Following {
  readonly filter: EventFilter;
  /** How long the service may hold events back, to send them together. */
  readonly batchMs: number;
  /** The same for what can share it: a connection has only one view of equal filters and times. */
  readonly key: string;
  readonly listeners = new Set<Listener>();
  /** Its name on the present connection. */
  view: string | null = null;
  /** The newest place of the log up to which everything was told. */
  position: string | null = null;
  readonly #revs = new Map<string, number>();

  /** Whether whoever follows the same joins it. */
  readonly isShared: boolean;

  constructor(filter: EventFilter, batchMs: number, isShared = true, since?: string) {
    const { project, rootId, taskId, sessionId } = filter;
    this.filter = filter;
    this.isShared = isShared;
    this.position = since ?? null;
    this.batchMs = batchMs;
    this.key = JSON.stringify([project, rootId, taskId, sessionId, batchMs]);
  }

  opened({ view, mode, position }: Output<'events.subscribe'>): void {
    this.view = view;
    if (mode === 'resumed') return;
    this.position = position;
    this.#revs.clear();
    this.tell({ kind: mode, position });
  }

  tell(told: StreamEvent): void {
    // As they are now: one that is told may follow anew.
    const now = [...this.listeners];
    for (const listener of now) listener(told);
  }

  /** Takes a notification if it is of this view. */
  take(method: string, params: unknown): void {
    const sent = eventsOf(method, params);
    if (sent !== null) {
      if (sent.view !== this.view) return;
      const events = sent.events.filter((event) => this.#isNew(event));
      this.position = sent.events.at(-1)?.position ?? this.position;
      if (events.length > 0) this.tell({ kind: 'events', events });
    } else if ((method === 'events.bookmark' || method === 'events.closed') && isBookmark(params) && params.view === this.view) {
      this.position = params.position;
    }
  }

  /** What comes a second time is not told again: a revision of an actor is told once. */
  #isNew({ taskId, sessionId, rev }: SentEvent): boolean {
    const actor = taskId ?? sessionId ?? '';
    if ((this.#revs.get(actor) ?? 0) >= rev) return false;
    // Put at the end, so that the first is the one not heard of for longest.
    this.#revs.delete(actor);
    this.#revs.set(actor, rev);
    if (this.#revs.size > rememberedActors)
      for (const [oldest] of this.#revs) {
        this.#revs.delete(oldest);
        break;
      }
    return true;
  }
}
