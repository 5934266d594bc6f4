import type { ActorId } from '../ids.ts';
import type { ActorRecord } from '../persistence/store.ts';
import type { ActorEvent } from '../protocol/event.ts';
import type { Caller } from '../use-cases/caller.ts';
import { actorsOf, inspects, recordsOf } from '../use-cases/inspect.ts';
import type { InspectFilter } from '../use-cases/inspect.ts';
import type { EventLogEntry, Services } from '../use-cases/services.ts';
import { actorIdOf, Frames, isBirth } from './frames.ts';
import type { FrameOptions } from './frames.ts';
import { takenOf } from './taken.ts';

/** Where the frames go: one socket. */
export interface Sink {
  text(frame: string): void;
  /** Resolves when what was given is on its way and more can be taken, or when nothing more can. */
  ready(): Promise<void>;
}

export type ViewerOptions = InspectFilter & FrameOptions;

/** An actor whose newest state is to be told instead of the events that led to it. */
interface Stale {
  readonly isNew: boolean;
  /** The newest event that it took. */
  readonly name: string;
}

/** What is given to a socket before it is asked whether it can take more. */
const turnBytes = 262_144;
const batchEvents = 200;
/** A viewer that is further behind than this is told states instead of events. */
const mostBehind = 2_000;

/**
 * What one inspector is shown, from records and the committed log alone: first every actor as it is, then every event. It holds a
 * cursor in the log and no frames. Whoever is slow gets what became of each actor instead of how: a set of ids is all that grows.
 *
 * A store shows a unit's records and its events in one step, so what was loaded is never ahead of the log.
 */
export class Viewer {
  /** Resolves when it was closed; rejects when the store could not be read. */
  readonly ended: Promise<void>;
  readonly #services: Services;
  readonly #options: ViewerOptions;
  readonly #caller: Caller;
  readonly #sink: Sink;
  readonly #frames: Frames;
  readonly #matches: (event: ActorEvent) => boolean;
  readonly #stopListening: () => void;
  readonly #stale = new Map<ActorId, Stale>();
  /** The next event to be told. */
  #cursor: number;
  /** Revisions told ahead of the cursor, for events before `#aheadUntil`. */
  #ahead: ReadonlyMap<ActorId, ActorRecord> = new Map();
  #aheadUntil = 0;
  /** Events left the window before they were seen. */
  #isLost = true;
  #isClosed = false;
  #given = 0;
  #wake: () => void = () => {};

  constructor(services: Services, options: ViewerOptions, caller: Caller, sink: Sink) {
    this.#services = services;
    this.#options = options;
    this.#caller = caller;
    this.#sink = sink;
    this.#frames = new Frames(options);
    this.#matches = inspects(options, caller);
    this.#cursor = services.log.end;
    this.#stopListening = services.log.onAppend(() => this.#appended());
    this.ended = this.#run().finally(() => this.close());
  }

  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    this.#stale.clear();
    this.#wake();
  }

  async #run(): Promise<void> {
    const { log } = this.#services;
    while (!this.#isClosed) {
      if (this.#isLost) await this.#tellAll();
      else if (this.#stale.size > 0) await this.#tellLatest();
      else if (this.#cursor < log.end) await this.#tellEvents();
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #appended(): void {
    const { end, windowEvents } = this.#services.log;
    if (end - this.#cursor > Math.min(mostBehind, windowEvents / 2)) this.#fold(new Map());
    this.#wake();
  }

  /** Passes over the events up to the head: of each actor that they are about, the newest state is told later. */
  #fold(told: ReadonlyMap<ActorId, ActorRecord>): void {
    const { log } = this.#services;
    if (this.#cursor < log.first) this.#lose();
    for (; this.#cursor < log.end; this.#cursor += 1) {
      const { event } = log.at(this.#cursor);
      const id = actorIdOf(event);
      if (!this.#matches(event) || event.rev <= (told.get(id)?.rev ?? this.#revAhead(id))) continue;
      const isNew = isBirth(event) || (this.#stale.get(id)?.isNew ?? false);
      this.#stale.set(id, { isNew, name: takenOf(event).at(-1)?.name ?? '' });
    }
  }

  #lose(): void {
    this.#isLost = true;
    this.#cursor = this.#services.log.end;
    this.#stale.clear();
  }

  #revAhead(id: ActorId): number {
    return this.#cursor < this.#aheadUntil ? (this.#ahead.get(id)?.rev ?? 0) : 0;
  }

  /** Every actor as its record has it. What happens meanwhile is told as states. */
  async #tellAll(): Promise<void> {
    this.#isLost = false;
    for await (const page of actorsOf(this.#services, this.#options, this.#caller)) {
      if (this.#isClosed) return;
      for (const { id } of page) this.#stale.delete(id);
      this.#fold(byId(page));
      for (const record of page) await this.#give(this.#frames.actor(record));
    }
  }

  /** The newest state of what is stale, a part at a time; events go on from there. */
  async #tellLatest(): Promise<void> {
    const part = [...this.#stale].slice(0, batchEvents);
    for (const [id] of part) this.#stale.delete(id);
    const records = byId(
      await recordsOf(
        this.#services,
        part.map(([id]) => id),
      ),
    );
    if (this.#stale.size > 0) this.#fold(records);
    else this.#goOnFrom(records);
    for (const [id, { isNew, name }] of part) {
      const record = records.get(id);
      if (record === undefined) continue;
      await this.#give(isNew ? this.#frames.actor(record) : this.#frames.latest(record, name));
    }
  }

  #goOnFrom(records: ReadonlyMap<ActorId, ActorRecord>): void {
    this.#ahead = records;
    this.#aheadUntil = this.#services.log.end;
  }

  async #tellEvents(): Promise<void> {
    const { log } = this.#services;
    if (this.#cursor < log.first) return this.#lose();
    const batch: EventLogEntry[] = [];
    for (; this.#cursor < log.end && batch.length < batchEvents; this.#cursor += 1) {
      const entry = log.at(this.#cursor);
      const id = actorIdOf(entry.event);
      if (this.#matches(entry.event) && entry.event.rev > this.#revAhead(id)) batch.push(entry);
    }
    const ids = this.#options.context ? [...new Set(batch.map(({ event }) => actorIdOf(event)))] : [];
    const records = ids.length === 0 ? new Map<ActorId, ActorRecord>() : byId(await recordsOf(this.#services, ids));
    for (const { event, position } of batch) await this.#give(...this.#frames.event(event, position, records.get(actorIdOf(event))));
    if (batch.length > 0) await this.#sink.ready();
  }

  /** Gives way to the others after each part, and waits for a socket that is full. */
  async #give(...frames: readonly string[]): Promise<void> {
    if (this.#isClosed) return;
    for (const frame of frames) {
      this.#sink.text(frame);
      this.#given += frame.length;
    }
    if (this.#given < turnBytes) return;
    this.#given = 0;
    await this.#sink.ready();
  }
}

const byId = (records: readonly ActorRecord[]): ReadonlyMap<ActorId, ActorRecord> => new Map(records.map((record) => [record.id, record]));
