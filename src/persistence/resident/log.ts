import type { LogEntry, Position, Tail, TailSink } from '../store.ts';

/** The newest committed events in the order of the log, and everyone who follows them. */
export interface Log {
  /** Where the log ends. */
  readonly head: Position;
  /** Adds committed entries and hands them to who follows. `head` is the place after them. */
  append(entries: readonly LogEntry[], head: Position): void;
  /** The entries up to here are a journal of their own: they stay until the next one is sealed too. */
  seal(): void;
  /**
   * Replays from the position and goes on live without a gap; the sink is called for the first time before this returns.
   * A sink's promise holds back only its own next delivery, which then brings everything since. A sink that throws or rejects,
   * or is so slow that its place is no longer kept, is closed and told nothing more.
   */
  tail(from: Position | 'oldest' | 'now', sink: TailSink): Tail;
  /** Closes every tail; what is appended later is dropped. */
  close(): void;
}

interface Reader {
  readonly sink: TailSink;
  /** Number of the entry that comes next, counted from the log's beginning. */
  next: number;
  waiting: boolean;
}

/**
 * @param options.base the position before the first entry
 * @param options.windowEvents how many entries are kept at least. What came since the last seal but one is kept beyond it, so a log
 * that is never sealed keeps everything.
 */
export function createLog(options: { readonly base: Position; readonly windowEvents: number }): Log {
  let entries: LogEntry[] = [];
  /** Number of the first entry kept, and the position before it. */
  let first = 0;
  let before = options.base;
  let head = options.base;
  /** Where the last journal was sealed, and the one before it; the log's beginning counts as both. */
  let sealedAt = 0;
  let keptFrom = 0;
  let closed = false;
  const readers = new Set<Reader>();

  const end = () => first + entries.length;

  /** Drops in strides of a quarter, so that each entry is moved only a few times in its life. */
  function trim(): void {
    const excess = Math.min(end() - options.windowEvents, keptFrom) - first;
    if (excess <= 0 || excess * 4 < entries.length) return;
    before = entries[excess - 1]?.position ?? before;
    entries = entries.slice(excess);
    first += excess;
  }

  function pump(reader: Reader): void {
    while (readers.has(reader) && !reader.waiting && reader.next < end()) {
      if (reader.next < first) {
        readers.delete(reader);
        return;
      }
      const batch = entries.slice(reader.next - first);
      reader.next = end();
      try {
        const held = reader.sink(batch);
        if (held instanceof Promise) hold(reader, held);
      } catch {
        readers.delete(reader);
      }
    }
  }

  function hold(reader: Reader, held: Promise<void>): void {
    reader.waiting = true;
    held.then(
      () => {
        reader.waiting = false;
        pump(reader);
      },
      () => readers.delete(reader),
    );
  }

  /** The number of the entry after the position; null when it is not of this log or no longer kept. */
  function find(from: Position | 'oldest' | 'now'): number | null {
    if (from === 'now' || from === head) return end();
    if (from === 'oldest' || from === before) return first;
    // From the end, since most who come back were away for a moment.
    const index = entries.findLastIndex(({ position }) => position === from);
    return index < 0 ? null : first + index + 1;
  }

  function placeOf(from: Position | 'oldest' | 'now', next: number | null): Pick<Tail, 'mode' | 'position'> {
    if (next === null) return { mode: 'gone', position: head };
    if (from === 'now') return { mode: 'resumed', position: head };
    return { mode: 'resumed', position: from === 'oldest' ? before : from };
  }

  return {
    get head() {
      return head;
    },
    append(added, place) {
      if (closed) return;
      for (const entry of added) entries.push(entry);
      head = place;
      for (const reader of readers) pump(reader);
      trim();
    },
    seal() {
      keptFrom = sealedAt;
      sealedAt = end();
    },
    tail(from, sink) {
      const next = find(from);
      const reader: Reader = { sink, next: next ?? end(), waiting: false };
      const tail: Tail = { ...placeOf(from, next), close: () => void readers.delete(reader) };
      if (!closed) readers.add(reader);
      pump(reader);
      return tail;
    },
    close() {
      closed = true;
      readers.clear();
    },
  };
}
