import type { Adapter } from 'lowdb';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TroupeError } from '../../errors.ts';
import type { Tables } from '../resident/tables.ts';
import type { Position, Unit } from '../store.ts';
import type { FailPoint } from './fail-point.ts';
import { Journal } from './journal.ts';
import type { Layout } from './layout.ts';
import { LineWriter } from './line.ts';
import type { Part } from './line.ts';
import type { Head } from '../resident/position.ts';
import { messageOf } from './system-error.ts';

/** A line is closed at this size; a larger unit gets a line of its own. */
const batchBytes = 8 * 1024 * 1024;

/** A unit on its way into the journal. */
export interface StagedUnit extends Part {
  readonly unit: Unit;
  /** When it was staged, by `performance.now()`. */
  readonly at: number;
  /** What must be durable before the unit's line is written; null when nothing is. */
  ready: Promise<void> | null;
  /** Small content that travels in the unit's line. */
  readonly inline: readonly (readonly [sha256: string, content: Uint8Array])[];
  /** Content in files that must stay there until the unit is settled. */
  readonly pinned: readonly string[];
  /** The place after the unit's last event, once it is committed. */
  position: Position;
}

/** Units that became durable with one line. */
interface SyncedBatch {
  readonly units: readonly StagedUnit[];
  /** Where the log stood. */
  readonly before: Head;
  /** The line's checksum. */
  readonly check: string;
  /** Size of the journal with the line. */
  readonly journalBytes: number;
}

export interface AdapterHooks {
  /** Called before anyone is told. */
  committed(batch: SyncedBatch): void;
  /** The journal failed: nothing that was staged will be committed. */
  failed(lost: readonly StagedUnit[], error: TroupeError): void;
  /** Commands are taken again. */
  resumed(): void;
}

interface Waiter {
  readonly upTo: number;
  resolve(): void;
  reject(error: TroupeError): void;
}

/** lowdb's adapter: a write appends what was staged to the journal, one line for all that came together, and syncs it. */
export class JournalAdapter implements Adapter<Tables> {
  readonly #layout: Layout;
  readonly #hooks: AdapterHooks;
  readonly #failPoint: FailPoint | undefined;
  readonly #loaded: Tables;
  readonly #lines = new LineWriter(batchBytes + batchBytes / 4);
  #journal: Journal;
  #head: Head;
  #queue: StagedUnit[] = [];
  /** Units that were staged, and settled, since the adapter was made. */
  #staged = 0;
  #settled = 0;
  #waiters: Waiter[] = [];
  /** Work that needs a moment between two batches. */
  readonly #betweenBatches: (() => Promise<void>)[] = [];
  #isPumping = false;
  #failure: TroupeError | null = null;
  /** A journal that failed once is never written or synced again: the kernel may have dropped what it could not write. */
  #isJournalFinal = false;

  constructor(options: {
    readonly layout: Layout;
    readonly tables: Tables;
    readonly journal: Journal;
    readonly head: Head;
    readonly hooks: AdapterHooks;
    readonly failPoint: FailPoint | undefined;
  }) {
    this.#layout = options.layout;
    this.#loaded = options.tables;
    this.#journal = options.journal;
    this.#head = options.head;
    this.#hooks = options.hooks;
    this.#failPoint = options.failPoint;
  }

  get head(): Head {
    return this.#head;
  }

  get journal(): Journal {
    return this.#journal;
  }

  /** Why nothing can be written now; null when all is well. */
  get failure(): TroupeError | null {
    return this.#failure;
  }

  /** What recovery read. */
  read(): Promise<Tables> {
    return Promise.resolve(this.#loaded);
  }

  stage(unit: StagedUnit): void {
    this.#queue.push(unit);
    this.#staged += 1;
  }

  /** Resolves when everything staged so far is durable; rejects when it never will be. */
  write(): Promise<void> {
    if (this.#settled === this.#staged) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ upTo: this.#staged, resolve, reject });
      // Everything that arrives in this turn of the event loop joins the batch.
      if (!this.#isPumping) this.#startPump();
    });
  }

  /**
   * Opens the next journal between two batches, unless the present one is sound and empty, and calls `capture` before
   * anything can be written to it. After a failure the new journal takes commands only with `resume`.
   */
  rotate<T>(capture: (isNew: boolean) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#betweenBatches.push(async () => {
        try {
          const isNew = this.#isJournalFinal || !this.#journal.isEmpty;
          if (isNew) await this.#openNext();
          resolve(capture(isNew));
        } catch (error) {
          reject(error);
        }
      });
      if (!this.#isPumping) this.#startPump();
    });
  }

  /** Takes commands again, unless the journal failed since `rotate`: a checkpoint and the new journal are durable. */
  resume(): void {
    if (this.#failure === null || this.#isJournalFinal) return;
    this.#failure = null;
    this.#hooks.resumed();
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  async #openNext(): Promise<void> {
    const sealed = this.#journal;
    const { epoch, seq, check } = this.#head;
    const prepared = await Journal.prepare(this.#layout, { n: sealed.n + 1, epoch, seq, previous: check });
    try {
      this.#journal = await prepared.publish();
      this.#isJournalFinal = false;
      await sealed.close().catch(() => {});
      if (this.#failPoint !== undefined) await this.#failPoint('rotated');
    } catch (error) {
      // The next journal may exist after a crash, and would end this one here.
      this.#fail([], error);
      throw error;
    }
  }

  #startPump(): void {
    this.#isPumping = true;
    setImmediate(() => void this.#pump());
  }

  async #pump(): Promise<void> {
    for (;;) {
      const job = this.#betweenBatches.shift();
      if (job !== undefined) await job();
      else if (this.#queue.length > 0) await this.#writeBatch();
      else break;
      // What has come in meanwhile joins the next batch: a turn costs less than a sync.
      await nextTurn();
    }
    this.#isPumping = false;
  }

  async #writeBatch(): Promise<void> {
    let batch: StagedUnit[] = [];
    try {
      const [first] = this.#queue;
      if (first?.ready != null) await first.ready;
      batch = this.#takeBatch();
      const check = await this.#journal.append(batch, this.#lines, this.#failPoint);
      this.#commit(batch, check);
    } catch (error) {
      this.#fail(batch, error);
    }
  }

  /** The units that make up the next line: in order, up to the first that is not ready. */
  #takeBatch(): StagedUnit[] {
    let bytes = 0;
    let count = 0;
    for (const staged of this.#queue) {
      bytes += staged.bytes;
      if (count > 0 && (bytes > batchBytes || staged.ready !== null)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #commit(batch: readonly StagedUnit[], check: string): void {
    const before = this.#head;
    let { seq } = before;
    for (const { unit } of batch) seq += unit.writes.length;
    this.#head = { epoch: before.epoch, seq, check };
    this.#hooks.committed({ units: batch, before, check, journalBytes: this.#journal.bytes });
    this.#settled += batch.length;
    let done = 0;
    for (const { upTo, resolve } of this.#waiters) {
      if (upTo > this.#settled) break;
      resolve();
      done += 1;
    }
    this.#waiters.splice(0, done);
  }

  #fail(batch: readonly StagedUnit[], error: unknown): void {
    const failure = new TroupeError('STORE_UNAVAILABLE', `the journal could not be written: ${messageOf(error)}`);
    const lost = [...batch, ...this.#queue];
    const waiters = this.#waiters;
    this.#failure = failure;
    this.#isJournalFinal = true;
    this.#queue = [];
    this.#waiters = [];
    this.#settled = this.#staged;
    this.#hooks.failed(lost, failure);
    for (const { reject } of waiters) reject(failure);
  }
}
