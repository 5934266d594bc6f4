import { TroupeError } from '../errors.ts';
import type { LogEntry, Position, Store } from '../persistence/store.ts';
import type { ActorEvent } from '../protocol/event.ts';

/** A committed event in the window. */
export class EventLogEntry {
  readonly position: Position;
  readonly event: ActorEvent;
  /** When it came into the window, by `performance.now()`. */
  readonly at: number;
  #json: string | undefined;

  constructor(entry: LogEntry, at = 0) {
    this.position = entry.position;
    this.event = entry.event;
    this.at = at;
  }

  /** The event as JSON; encoded once for everyone who sends it. */
  get json(): string {
    this.#json ??= JSON.stringify(this.event);
    return this.#json;
  }
}

/**
 * The newest committed events, for everyone who follows them. A cursor is the number of an entry since the log was opened:
 * `first` is the oldest one in the window, `end` the one that will come next.
 */
export interface EventLog {
  /** The position after the newest event. */
  readonly head: Position;
  readonly first: number;
  readonly end: number;
  /** How many entries the window holds at most. */
  readonly windowEvents: number;
  /** RangeError for a cursor outside of the window. */
  at(cursor: number): EventLogEntry;
  /** The cursor of the first event after the position; null when the position is of another log or too old. */
  since(position: Position): number | null;
  /** The position before the entry at the cursor, for any cursor from `first` to `end`. */
  positionAt(cursor: number): Position;
  /** Calls after every append, once for all events that came together. */
  onAppend(listener: () => void): () => void;
  /** Resolves when the log has reached the position, which the window may have left behind. NOT_YET_VISIBLE after `timeoutMs`, CANCELLED (or the signal's own reason) when withdrawn. */
  waitFor(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** Opens the window over the store's tail and fills it with what the store still keeps. */
export async function openEventLog(store: Store, options: { readonly windowEvents: number }): Promise<EventLog> {
  const log = new Window(store, options.windowEvents);
  const tail = await store.tail('oldest', (entries) => log.append(entries));
  log.open(tail.position, () => tail.close());
  return log;
}

class Window implements EventLog {
  readonly windowEvents: number;
  first = 0;
  end = 0;
  /** The place before the entry at `first`. */
  #base: Position = '';
  #closeTail: () => void = () => {};
  readonly #order: Pick<Store, 'precedes'>;
  readonly #ring: EventLogEntry[] = [];
  readonly #cursors = new Map<Position, number>();
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Map<Position, Set<(error?: TroupeError) => void>>();

  constructor(order: Pick<Store, 'precedes'>, windowEvents: number) {
    this.#order = order;
    this.windowEvents = windowEvents;
  }

  /** The base is known only when the tail is open, and by then entries may have pushed it out of the window. */
  open(base: Position, closeTail: () => void): void {
    if (this.first === 0) this.#base = base;
    this.#closeTail = closeTail;
  }

  get head(): Position {
    return this.positionAt(this.end);
  }

  at(cursor: number): EventLogEntry {
    const entry = cursor >= this.first && cursor < this.end ? this.#ring[cursor % this.windowEvents] : undefined;
    if (entry === undefined) throw new RangeError(`cursor ${cursor} is outside of the window ${this.first}..${this.end}`);
    return entry;
  }

  since(position: Position): number | null {
    const cursor = this.#cursors.get(position);
    if (cursor !== undefined) return cursor + 1;
    return position === this.#base ? this.first : null;
  }

  positionAt(cursor: number): Position {
    return cursor === this.first ? this.#base : this.at(cursor - 1).position;
  }

  append(entries: readonly LogEntry[]): void {
    const at = performance.now();
    for (const entry of entries) this.#push(entry, at);
    for (const listener of this.#listeners) listener();
  }

  #push(entry: LogEntry, at: number): void {
    // The tail delivers at least once.
    if (this.#cursors.has(entry.position)) return;
    const slot = this.end % this.windowEvents;
    const oldest = this.#ring[slot];
    if (oldest !== undefined) {
      this.#cursors.delete(oldest.position);
      this.#base = oldest.position;
      this.first += 1;
    }
    this.#ring[slot] = new EventLogEntry(entry, at);
    this.#cursors.set(entry.position, this.end);
    this.end += 1;
    const waiting = this.#waiting.get(entry.position);
    if (waiting !== undefined) for (const settle of waiting) settle();
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  waitFor(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.since(position) !== null || this.#order.precedes(position, this.#base)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (error?: TroupeError): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', withdraw);
        const others = this.#waiting.get(position);
        others?.delete(settle);
        if (others?.size === 0) this.#waiting.delete(position);
        if (error === undefined) resolve();
        else reject(error);
      };
      const withdraw = (): void => settle(withdrawn(signal));
      const timer = setTimeout(
        () => settle(new TroupeError('NOT_YET_VISIBLE', `the position was not reached within ${timeoutMs} ms`, { position: this.head })),
        timeoutMs,
      );
      const waiting = this.#waiting.get(position) ?? new Set();
      this.#waiting.set(position, waiting.add(settle));
      signal?.addEventListener('abort', withdraw);
      if (signal?.aborted === true) withdraw();
    });
  }

  close(): void {
    this.#closeTail();
    this.#listeners.clear();
    for (const waiting of this.#waiting.values()) for (const settle of waiting) settle(new TroupeError('DRAINING', 'the service stops'));
  }
}

/** Whoever aborts says why with a TroupeError; everyone else means a withdrawn request. */
function withdrawn(signal: AbortSignal | undefined): TroupeError {
  const reason: unknown = signal?.reason;
  return reason instanceof TroupeError ? reason : new TroupeError('CANCELLED', 'the request was withdrawn');
}
