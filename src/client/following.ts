import * as z from 'zod';
import type { TroupeError } from '../errors.ts';
import type { EventFilter, TaskEvent } from '../protocol/event.ts';
import { notifications } from '../protocol/messages.ts';
import type { Output } from '../protocol/methods.ts';

/** What a follower is told, in order. */
export type StreamEvent =
  /** From here on nothing is missed: whoever needs the state lists now. */
  | { readonly kind: 'live'; readonly position: string }
  | { readonly kind: 'event'; readonly event: TaskEvent & { readonly position: string } }
  /** The log was replaced, or too much was missed: forget what was known, and list now. Events from here on follow. */
  | { readonly kind: 'list'; readonly position: string }
  /** Nothing more comes: the service could not be reached in time, or refused. */
  | { readonly kind: 'ended'; readonly error: TroupeError };

export type Listener = (event: StreamEvent) => void;

type Sent = TaskEvent & { readonly view: string; readonly position: string };
const isSent = notifications['events.event'].params;
const event = z.custom<Sent>((params) => isSent.safeParse(params).success);
const batch = z.looseObject({ view: z.string(), events: z.array(z.custom<Omit<Sent, 'view'>>()) });
const bookmark = z.looseObject({ view: z.string(), position: z.string() });

/** Tasks whose newest revision is remembered: at least as many as a replay has events. */
const rememberedTasks = 20_000;

/** One filter that is followed, whoever listens, over any number of connections. */
export class Following {
  readonly filter: EventFilter;
  readonly listeners = new Set<Listener>();
  /** Its name on the present connection. */
  view: string | null = null;
  /** The newest place of the log up to which everything was told. */
  position: string | null = null;
  readonly #revs = new Map<string, number>();

  constructor(filter: EventFilter) {
    this.filter = filter;
  }

  /** The same for equal filters: a connection has only one view of each. */
  static keyOf({ project, rootId, taskId, sessionId }: EventFilter): string {
    return JSON.stringify([project, rootId, taskId, sessionId]);
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
    if (method === 'events.event') {
      const sent = event.safeParse(params).data;
      if (sent !== undefined && sent.view === this.view) this.#event(sent);
    } else if (method === 'events.batch') {
      const sent = batch.safeParse(params).data;
      if (sent !== undefined && sent.view === this.view) for (const each of sent.events) this.#event(each);
    } else if (method === 'events.bookmark' || method === 'events.closed') {
      const sent = bookmark.safeParse(params).data;
      if (sent !== undefined && sent.view === this.view) this.position = sent.position;
    }
  }

  /** What comes a second time is not told again: a revision of a task is told once. */
  #event({ view: _view, ...sent }: Omit<Sent, 'view'> & { readonly view?: string }): void {
    this.position = sent.position;
    if ((this.#revs.get(sent.taskId) ?? 0) >= sent.rev) return;
    // Put at the end, so that the first is the one not heard of for longest.
    this.#revs.delete(sent.taskId);
    this.#revs.set(sent.taskId, sent.rev);
    if (this.#revs.size > rememberedTasks)
      for (const [oldest] of this.#revs) {
        this.#revs.delete(oldest);
        break;
      }
    this.tell({ kind: 'event', event: sent });
  }
}
