import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '../resident/log.ts';
import type { Log } from '../resident/log.ts';
import type { LogEntry, Tail, TailSink } from '../store.ts';
import { checkOf } from './commits.ts';
import type { Database, Statement } from './database.ts';
import type { Positions } from './position.ts';
import { newestEvents, nextEvents, page } from './tail-statements.ts';
import type { Looked, LoggedRow } from './tail-statements.ts';

export interface EventTailOptions {
  readonly database: Database;
  readonly schema: string;
  /** Notifications of other nodes come here. */
  readonly channel: string;
  readonly gen: number;
  readonly positions: Positions;
  readonly windowEvents: number;
  readonly onFailed: (error: unknown) => void;
  /** What was shown is not in the database any more: a standby took over that had not got it. */
  readonly onForked: () => void;
}

/** The place of the newest event that was shown. */
export interface Shown {
  readonly gen: number;
  readonly xid: string;
  readonly n: number;
}

/** Between two looks while something that was committed is not seen yet: an older transaction is still running. */
const soonMs = { first: 1, last: 20 };
/** Between two looks when nobody said anything: a notification may have been lost. */
const idleMs = 1_000;
/** Committed for so long, and still not to be seen: somebody else's transaction holds it back. */
const stalledMs = 2_000;

/**
 * The events in the order of their transactions' numbers. An event is shown when every transaction that began to write before it has
 * ended, so nothing can come before what was shown: a sequence would be in the order in which numbers were drawn, not in that of commits.
 * Of one actor a later revision is always written by a later transaction, since it was built on what was committed.
 */
export class EventTail {
  readonly #options: EventTailOptions;
  readonly #next: Statement;
  readonly #log: Log;
  /** What this node wrote and has not shown yet, by transactions: it need not be read again. */
  readonly #own = new Map<string, ReadonlyMap<number, LogEntry>>();
  #ownEvents = 0;
  #last: Omit<LoggedRow, 'event'>;
  /** The newest transaction of which is known that it put something into the log. */
  #wanted = 0n;
  #wantedSince: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #pauseMs = soonMs.first;
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;

  /** `window`: the newest events, and one more when there are more: the place before them. */
  private constructor(options: EventTailOptions, window: readonly LoggedRow[]) {
    this.#options = options;
    const entries = window.map((row) => this.#entryOf(row));
    const isWhole = window.length <= options.windowEvents;
    const base = (isWhole ? undefined : entries.shift()?.position) ?? options.positions.none;
    this.#log = createLog({ base, windowEvents: options.windowEvents });
    this.#last = window.at(-1) ?? { xid: '0', n: 0, actor: '', rev: 0 };
    this.#show(entries);
    this.#next = nextEvents(options.schema);
  }

  /** Opens the log with its newest events, and follows it. */
  static async open(options: EventTailOptions): Promise<EventTail> {
    const { database, schema, gen, windowEvents, channel } = options;
    const window = await database.query<LoggedRow>(newestEvents(schema), [gen, windowEvents + 1]);
    const tail = new EventTail(options, window);
    // Whoever may connect may say anything on any channel.
    await database.listen(channel, (payload) => tail.wake(payload !== null && /^\d{1,19}$/.test(payload) ? BigInt(payload) : null));
    await tail.#look();
    return tail;
  }

  /** Whoever asks after a commit finds it: what is known to be committed is shown first, unless somebody else holds it back for long. */
  async tail(from: string, sink: TailSink): Promise<Tail> {
    const deadline = performance.now() + stalledMs;
    while (this.#wantedSince !== null && performance.now() < deadline && !this.#closed) {
      await this.#look();
      if (this.#wantedSince !== null) await pause(soonMs.first);
    }
    return this.#log.tail(from, sink);
  }

  /** This node's transaction `xid` has put these events into the log. */
  wrote(xid: string, events: ReadonlyMap<number, LogEntry>): void {
    // While somebody holds the log back, what comes on top is read when it can be shown.
    if (this.#ownEvents + events.size <= this.#options.windowEvents) {
      this.#own.set(xid, events);
      this.#ownEvents += events.size;
    }
    this.wake(BigInt(xid));
  }

  /** Something was committed: with a number, by that transaction. */
  wake(xid: bigint | null): void {
    if (xid !== null && xid > this.#wanted) {
      this.#wanted = xid;
      this.#wantedSince ??= performance.now();
    }
    this.#pauseMs = soonMs.first;
    void this.#look();
  }

  get shown(): Shown {
    const { xid, n } = this.#last;
    return { gen: this.#options.gen, xid, n };
  }

  /** For how long something that was committed has not been shown; null when it is not long. */
  get stalledMs(): number | null {
    const ms = this.#wantedSince === null ? 0 : performance.now() - this.#wantedSince;
    return ms > stalledMs ? ms : null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    this.#log.close();
  }

  /** Reads what can be shown; asked while it reads, it reads once more. */
  #look(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#again = true;
    this.#looking ??= this.#read().finally(() => {
      this.#looking = null;
      this.#schedule();
    });
    return this.#looking;
  }

  async #read(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        const { xid: at, n, actor, rev } = this.#last;
        const looked = await this.#options.database.query<Looked>(this.#next, [
          this.#options.gen,
          at,
          n,
          [...this.#own.keys()],
          actor,
          rev,
        ]);
        const rows = looked.flatMap(({ xid, ...row }) => (xid === null ? [] : [{ ...row, xid }]));
        if (looked[0]?.goes_on !== true || rows.some((row) => this.#isOthers(row))) return this.#fork();
        this.#append(rows);
        if (rows.length === page) this.#again = true;
      }
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  /** Under the number of a transaction that this node made stands another one. */
  #isOthers({ xid, n, actor, rev, event }: LoggedRow): boolean {
    if (event !== null) return false;
    const own = this.#own.get(xid)?.get(n)?.event;
    return own === undefined || (own.taskId ?? own.sessionId) !== actor || own.rev !== rev;
  }

  /** Nothing more is shown: whoever follows must be told that what they saw is gone, and that is done by opening the store anew. */
  #fork(): void {
    this.#closed = true;
    this.#options.onForked();
  }

  #append(rows: readonly LoggedRow[]): void {
    const last = rows.at(-1);
    if (last !== undefined) {
      const { event: _, ...place } = last;
      this.#last = place;
      this.#show(rows.map((row) => this.#entryOf(row)));
      this.#forget(BigInt(last.xid));
    }
    if (BigInt(this.#last.xid) >= this.#wanted) this.#wantedSince = null;
    else if (last !== undefined) this.#wantedSince = performance.now();
  }

  #entryOf({ xid, n, event }: LoggedRow): LogEntry {
    const entry =
      event === null ? this.#own.get(xid)?.get(n) : { event, position: this.#options.positions.format({ xid, n, check: checkOf(event) }) };
    if (entry === undefined) throw new Error(`event ${n} of transaction ${xid} was not written here`);
    return entry;
  }

  #show(entries: readonly LogEntry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#log.append(entries, last.position);
    this.#log.seal();
  }

  /** Of the newest transaction more may follow. */
  #forget(shown: bigint): void {
    for (const [xid, events] of this.#own) {
      if (BigInt(xid) >= shown) continue;
      this.#own.delete(xid);
      this.#ownEvents -= events.size;
    }
  }

  #schedule(): void {
    if (this.#closed) return;
    const waits = this.#wantedSince === null;
    this.#timer = setTimeout(() => void this.#look(), waits ? idleMs : this.#pauseMs);
    this.#timer.unref();
    this.#pauseMs = waits ? soonMs.first : Math.min(2 * this.#pauseMs, soonMs.last);
  }
}
