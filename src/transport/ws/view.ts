import { frameTexts } from './frame.ts';
import type { EventLog, EventLogEntry } from '../../use-cases/services.ts';
import type { EventFilter, ActorEvent } from '../../protocol/event.ts';
import type { Subscription } from './subscription.ts';

export interface ViewOptions {
  readonly filter: EventFilter;
  /** 0: each event in a frame of its own; else how long events may be held back to share one. */
  readonly batchMs: number;
  /** The projects whose events may be shown; null for all. */
  readonly projects: readonly string[] | null;
}

/** Frames of the events from one cursor to another, ready for a socket. */
interface Chunk {
  readonly bytes: Buffer;
  readonly events: number;
  readonly to: number;
}

/** Replays stop at multiples of this, so that subscribers who came at different places soon share their chunks. */
const chunkEvents = 128;
/** What is kept of a view's newest chunks for subscribers who come later. */
const keptBytes = 1_048_576;
const keptChunks = 256;

const nothing = Buffer.alloc(0);

/** One selection of the log, with all its subscribers. What it sends is encoded and framed once, for all of them. */
export class View {
  readonly id: string;
  /** Equal selections have equal keys. */
  readonly key: string;
  readonly batchMs: number;
  /** Where the subscribers at the head stand; no subscriber is further. */
  cursor: number;
  /** Subscribers who got everything up to `cursor`. */
  readonly atHead = new Set<Subscription>();
  /** Those who have a cursor of their own: not started, replaying, or slow. */
  readonly behind = new Set<Subscription>();
  /** Ends the time for which events are held back. */
  timer: NodeJS.Timeout | undefined;
  readonly #log: EventLog;
  readonly #matches: (event: ActorEvent) => boolean;
  readonly #chunks = new Map<number, Chunk>();
  #chunkBytes = 0;

  constructor(id: string, log: EventLog, options: ViewOptions) {
    this.id = id;
    this.key = keyOf(options);
    this.batchMs = options.batchMs;
    this.cursor = log.end;
    this.#log = log;
    this.#matches = matcher(options);
  }

  get empty(): boolean {
    return this.atHead.size === 0 && this.behind.size === 0;
  }

  /** A part of what follows `from`, at most up to `cursor`. */
  replay(from: number): Chunk {
    const boundary = from - (from % chunkEvents) + chunkEvents;
    return this.#chunks.get(from) ?? this.#make(from, Math.min(boundary, this.cursor));
  }

  /** Moves the cursor to the head and answers the frames of what lies between. */
  advance(): Chunk {
    const from = this.cursor;
    this.cursor = this.#log.end;
    return this.#make(from, this.cursor);
  }

  /** Moves the cursor to the head when nobody needs what lies between, or when the log no longer has it. */
  skip(): void {
    this.cursor = this.#log.end;
  }

  bookmark(cursor: number): Buffer {
    return frameTexts([notification('events.bookmark', `"view":"${this.id}","position":${JSON.stringify(this.#log.positionAt(cursor))}`)]);
  }

  closed(cursor: number, reason: string): string {
    const position = JSON.stringify(this.#log.positionAt(cursor));
    return notification('events.closed', `"view":"${this.id}","reason":"${reason}","position":${position}`);
  }

  #encode(from: number, to: number): Chunk {
    const entries: EventLogEntry[] = [];
    for (let cursor = from; cursor < to; cursor += 1) {
      const entry = this.#log.at(cursor);
      if (this.#matches(entry.event)) entries.push(entry);
    }
    const { length } = entries;
    if (length === 0) return { bytes: nothing, events: 0, to };
    if (this.batchMs > 0) {
      const events = entries.map((entry) => `{${members(entry)}}`).join(',');
      return { bytes: frameTexts([notification('events.batch', `"view":"${this.id}","events":[${events}]`)]), events: length, to };
    }
    const texts = entries.map((entry) => notification('events.event', `"view":"${this.id}",${members(entry)}`));
    return { bytes: frameTexts(texts), events: length, to };
  }

  #make(from: number, to: number): Chunk {
    const chunk = this.#encode(from, to);
    this.#chunks.set(from, chunk);
    this.#chunkBytes += chunk.bytes.length;
    for (const [oldest, { bytes }] of this.#chunks) {
      if (this.#chunkBytes <= keptBytes && this.#chunks.size <= keptChunks) break;
      this.#chunks.delete(oldest);
      this.#chunkBytes -= bytes.length;
    }
    return chunk;
  }
}

/** The selection in one canonical form. */
export function keyOf({ filter, batchMs, projects }: ViewOptions): string {
  const { project, rootId, taskId, sessionId } = filter;
  return JSON.stringify([project ?? null, rootId ?? null, taskId ?? null, sessionId ?? null, batchMs, projects?.toSorted() ?? null]);
}

/** The event's members, with its position before them. */
function members(entry: EventLogEntry): string {
  return `"position":${JSON.stringify(entry.position)},${entry.json.slice(1, -1)}`;
}

function notification(method: string, params: string): string {
  return `{"jsonrpc":"2.0","method":"${method}","params":{${params}}}`;
}

function matcher({ filter, projects }: ViewOptions): (event: ActorEvent) => boolean {
  const { project, rootId, taskId, sessionId } = filter;
  const allowed = projects === null ? null : new Set(projects);
  return (event) =>
    (allowed === null || allowed.has(event.project)) &&
    (project === undefined || event.project === project) &&
    (rootId === undefined || event.rootId === rootId) &&
    (taskId === undefined || event.taskId === taskId) &&
    (sessionId === undefined || event.sessionId === sessionId);
}
