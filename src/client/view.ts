import type { TroupeError } from '../errors.ts';
import type { SessionId, TaskId } from '../ids.ts';
import type { Task } from '../protocol/task.ts';
import type { Link } from './link.ts';
import type { StreamEvent } from './following.ts';
import type { LinkState } from './link-state.ts';
import { Pauses, wait } from './pauses.ts';
import { asError, cancelled } from './refusals.ts';
import type { ViewChange, ViewFilter, ViewOptions } from './view-options.ts';
import { pausedSessions } from './view-sessions.ts';
import { fieldsFor, Rows } from './view-rows.ts';
import type { Row } from './view-rows.ts';

export type { ViewChange, ViewFilter, ViewOptions };

const pageItems = 1_000;
/** As many as the service looks at in one request by their ids. */
const readItems = 200;
/** Between two such requests, so that what changes often is read once. */
const readPauseMs = 50;

/**
 * The tasks of a filter as they are now, for as long as it is open: listed once and kept by the events, over any number of connections.
 * What an event tells is shown at once; what it does not tell is read again, so for a moment a row may be older in that. Archived and
 * deleted tasks leave. When the log was replaced everything is listed anew, and the rows stay until that is done.
 */
export class LiveView<F extends keyof Task> {
  readonly #link: Link;
  readonly #filter: ViewFilter;
  readonly #fields: ReadonlySet<keyof Task>;
  readonly #limit: number;
  readonly #listeners = new Set<(change: ViewChange) => void>();
  readonly #closing = new AbortController();
  readonly #stops: (() => void)[] = [];
  /** What is shown. */
  #rows: Rows<F>;
  /** What is being listed; the same at first. */
  #next: Rows<F> | null;
  #isReading = false;
  #isDown = false;
  #error: TroupeError | null = null;
  #ownSession: SessionId | null = null;

  constructor(link: Link, { filter = {}, fields, batchMs = 50, limit = 20_000 }: ViewOptions<F>) {
    this.#link = link;
    this.#filter = filter;
    this.#limit = limit;
    this.#fields = fieldsFor(fields);
    this.#rows = new Rows(this.#fields, limit);
    this.#next = this.#rows;
    this.#stops.push(
      link.follow((told) => this.#take(told), filter, { batchMs }),
      link.watch((state) => this.#turn(state)),
    );
  }

  /** By id, the one that was changed last last. Rows are replaced, never changed. They may have members beside those asked for. */
  get items(): ReadonlyMap<TaskId, Row<F>> {
    return this.#rows.items;
  }

  /** `lost`: without a connection, or, with `error`, for good. */
  get state(): 'loading' | 'live' | 'lost' {
    if (this.#isDown || this.#error !== null) return 'lost';
    return this.#next === null ? 'live' : 'loading';
  }

  /** Why nothing will change any more. */
  get error(): TroupeError | null {
    return this.#error;
  }

  /** All tasks of the filter; exact unless it is truncated. */
  get total(): number {
    return this.#rows.total;
  }

  /** Whether there are more tasks than rows. */
  get truncated(): boolean {
    return this.#rows.beyond > 0;
  }

  /** Tells the listener which rows changed or went, once for what came together, and of a new state. It must not throw. */
  subscribe(listener: (change: ViewChange) => void): () => void {
    const own = (change: ViewChange): void => listener(change);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  close(): void {
    this.#end(cancelled('the view was closed'));
  }

  #take(told: StreamEvent): void {
    if (told.kind === 'ended') return this.#end(told.error);
    if (told.kind !== 'events') return this.#list();
    const rows = this.#next ?? this.#rows;
    for (const event of told.events) rows.apply(event);
    this.#tell();
    void this.#read();
  }

  #turn({ status }: LinkState): void {
    if (status !== 'lost' && status !== 'open') return;
    const isDown = status === 'lost';
    if (isDown === this.#isDown) return;
    this.#isDown = isDown;
    this.#tell(true);
  }

  #end(error: TroupeError): void {
    if (this.#error !== null) return;
    this.#error = error;
    this.#closing.abort(error);
    for (const stop of this.#stops) stop();
    this.#tell(true);
    this.#listeners.clear();
  }

  #list(): void {
    const rows = new Rows<F>(this.#fields, this.#limit);
    // The first list is shown as it comes; any other when it is whole.
    if (this.#rows.items.size === 0) this.#rows = rows;
    this.#next = rows;
    this.#tell(true);
    void this.#untilDone(async () => {
      if (this.#next === rows) await this.#load(rows);
    });
  }

  async #load(rows: Rows<F>): Promise<void> {
    if (this.#fields.has('sessionId')) await this.#loadSessions(rows);
    let cursor: string | null = null;
    let total = 0;
    do {
      const limit = Math.min(pageItems, this.#limit - rows.items.size);
      const page: { items: readonly unknown[]; nextCursor: string | null; total?: number | undefined } = await this.#link.call(
        'task.list',
        {
          filter: this.#filter,
          sort: '-updated',
          fields: [...this.#fields],
          limit,
          ...(cursor === null ? { count: true } : { cursor }),
        },
        { signal: this.#closing.signal },
      );
      if (this.#next !== rows) return;
      for (const item of page.items) rows.put(item);
      ({ nextCursor: cursor, total = total } = page);
      if (rows === this.#rows) this.#tell();
    } while (cursor !== null && rows.items.size < this.#limit);
    rows.settle();
    rows.sort();
    rows.beyond += cursor === null ? 0 : Math.max(1, total - rows.items.size);
    this.#show(rows);
  }

  #show(rows: Rows<F>): void {
    for (const id of this.#rows.items.keys()) if (!rows.items.has(id)) rows.gone.add(id);
    this.#rows = rows;
    this.#next = null;
    this.#tell(true);
    void this.#read();
  }

  async #loadSessions(rows: Rows<F>): Promise<void> {
    const { signal } = this.#closing;
    const { project, rootId } = this.#filter;
    if (rootId !== undefined && this.#ownSession === null) {
      // Events of a session are of no tree, so those of the tree's session are followed beside.
      const fields = ['sessionId'] as const;
      const { items } = await this.#link.call('task.list', { filter: { ids: [rootId] }, fields: [...fields] }, { signal });
      const id = items[0]?.sessionId ?? null;
      if (id !== null && this.#ownSession === null) this.#followSession(id);
    }
    for await (const { id, rev } of pausedSessions(this.#link, project, signal)) rows.putSession(id, rev, true);
  }

  #followSession(sessionId: SessionId): void {
    this.#ownSession = sessionId;
    const stop = this.#link.follow(
      (told) => {
        if (told.kind === 'ended') return this.#end(told.error);
        if (told.kind !== 'events') return this.#list();
        const rows = this.#next ?? this.#rows;
        for (const event of told.events) if (event.taskId === null) rows.apply(event);
        void this.#read();
      },
      { sessionId },
      { batchMs: 50 },
    );
    this.#stops.push(stop);
  }

  /** Reads what the events leave open, one request at a time. */
  async #read(): Promise<void> {
    if (this.#isReading || this.#next !== null) return;
    this.#isReading = true;
    await this.#untilDone(async () => {
      while (this.#next === null && this.#rows.stale.size > 0) {
        await this.#readSome(this.#rows);
        if (this.#rows.stale.size < readItems) await wait(readPauseMs, this.#closing.signal);
      }
    });
    this.#isReading = false;
    if (this.#error === null && this.#rows.stale.size > 0) void this.#read();
  }

  async #readSome(rows: Rows<F>): Promise<void> {
    const ids: TaskId[] = [];
    for (const id of rows.stale) if (ids.push(id) === readItems) break;
    for (const id of ids) rows.stale.delete(id);
    try {
      const { items } = await this.#link.call(
        'task.list',
        { filter: { ids }, fields: [...this.#fields], limit: readItems },
        { signal: this.#closing.signal },
      );
      const found = new Set(items.map(({ id }) => id));
      for (const item of items) rows.put(item);
      for (const id of ids) if (!found.has(id)) rows.miss(id);
      rows.settle();
    } catch (error) {
      for (const id of ids) rows.stale.add(id);
      throw error;
    }
    this.#tell();
  }

  /** Again after what passes; anything else ends the view. */
  async #untilDone(work: () => Promise<void>): Promise<void> {
    const pauses = new Pauses(100, 5_000);
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const { signal } = this.#closing;
        if (signal.aborted) return;
        const told = asError(error);
        if (!told.retryable) return this.#end(told);
        await pauses.take(signal).catch(() => {});
      }
    }
  }

  #tell(isState = false): void {
    const { changed, gone } = this.#rows;
    if (changed.size + gone.size === 0 && !isState) return;
    this.#rows.changed = new Set();
    this.#rows.gone = new Set();
    for (const listener of this.#listeners) listener({ changed, gone });
  }
}
