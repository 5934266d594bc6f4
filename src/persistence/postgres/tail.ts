import { setTimeout as pause } from 'node:timers/promises';
import type { ActorEvent } from '../../protocol/event.ts';
import { createLog } from '../resident/log.ts';
import type { Log } from '../resident/log.ts';
import type { LogEntry, Tail, TailSink } from '../store.ts';
import { checkOf } from './commits.ts';
import type { Database, Statement } from './database.ts';
import { eventColumn } from './histories.ts';
import type { Positions } from './position.ts';

export interface EventTailOptions {
  readonly database: Database;
  readonly schema: string;
  /** Notifications of other nodes come here. */
  readonly channel: string;
  readonly gen: number;
  readonly positions: Positions;
  readonly windowEvents: number;
  readonly onFailed: (error: unknown) => void;
}

interface LoggedRow {
  readonly xid: string;
  readonly n: number;
  readonly event: ActorEvent;
}

const page = 2_000;
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
  #last: { readonly xid: string; readonly n: number };
  /** The newest transaction of which is known that it put something into the log. */
  #wanted = 0n;
  #wantedSince: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #pauseMs = soonMs.first;
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;

  private constructor(options: EventTailOptions, log: Log, last: { readonly xid: string; readonly n: number }) {
    this.#options = options;
    this.#log = log;
    this.#last = last;
    this.#next = {
      name: 'tail',
      text: `select xid::text as xid, n, ${eventColumn} from ${options.schema}.events
        where gen = $1 and (xid, n) > ($2::xid8, $3) and xid < pg_snapshot_xmin(pg_current_snapshot()) order by xid, n limit ${page}`,
    };
  }

  /** Opens the log with its newest events, and follows it. */
  static async open(options: EventTailOptions): Promise<EventTail> {
    const { database, schema, gen, positions, windowEvents, channel } = options;
    const window = await database.query<LoggedRow>(
      {
        name: null,
        text: `select * from (
          select xid::text as xid, n, ${eventColumn} from ${schema}.events
          where gen = $1 and xid < pg_snapshot_xmin(pg_current_snapshot()) order by gen desc, xid desc, n desc limit $2
        ) newest order by xid::xid8, n`,
      },
      [gen, windowEvents + 1],
    );
    // One more than the window holds is the place before it.
    const before = window.length > windowEvents ? window[0] : undefined;
    const shown = before === undefined ? window : window.slice(1);
    const base = before === undefined ? positions.none : positionOf(options, before);
    const last = window.at(-1) ?? { xid: '0', n: 0 };
    const log = createLog({ base, windowEvents });
    const tail = new EventTail(options, log, last);
    tail.#append(shown);
    await database.listen(channel, (payload) => tail.wake(payload === null ? null : BigInt(payload)));
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

  /** Something was committed: with a number, by that transaction. */
  wake(xid: bigint | null): void {
    if (xid !== null && xid > this.#wanted) {
      this.#wanted = xid;
      this.#wantedSince ??= performance.now();
    }
    this.#pauseMs = soonMs.first;
    void this.#look();
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
        const rows = await this.#options.database.query<LoggedRow>(this.#next, [this.#options.gen, this.#last.xid, this.#last.n]);
        this.#append(rows);
        if (rows.length === page) this.#again = true;
      }
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  #append(rows: readonly LoggedRow[]): void {
    const last = rows.at(-1);
    if (last !== undefined) {
      const entries = rows.map((row): LogEntry => ({ event: row.event, position: positionOf(this.#options, row) }));
      this.#last = { xid: last.xid, n: last.n };
      this.#log.append(entries, entries.at(-1)?.position ?? this.#options.positions.none);
      this.#log.seal();
    }
    if (BigInt(this.#last.xid) >= this.#wanted) this.#wantedSince = null;
    else if (last !== undefined) this.#wantedSince = performance.now();
  }

  #schedule(): void {
    if (this.#closed) return;
    const waits = this.#wantedSince === null;
    this.#timer = setTimeout(() => void this.#look(), waits ? idleMs : this.#pauseMs);
    this.#timer.unref();
    this.#pauseMs = waits ? soonMs.first : Math.min(2 * this.#pauseMs, soonMs.last);
  }
}

const positionOf = ({ positions, gen }: EventTailOptions, { xid, n, event }: LoggedRow): string =>
  positions.format({ gen, xid, n, check: checkOf(event) });
