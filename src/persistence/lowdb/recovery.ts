import { readdir } from 'node:fs/promises';
import * as z from 'zod';
import type { Entry } from '../resident/tables.ts';
import { archivedTree } from './archive.ts';
import type { Archive } from './archive.ts';
import { CorruptStoreError } from './corrupt.ts';
import { journalPattern } from './layout.ts';
import type { Layout } from './layout.ts';
import { noCheck } from '../resident/position.ts';
import type { Head } from '../resident/position.ts';
import type { SetAsideRecord } from './quarantine.ts';
import { readHeader, readJournal } from './read-journal.ts';
import type { HeaderLine, JournalEnd } from './read-journal.ts';
import { readWindow } from './read-window.ts';
import { EventCollector, Replay } from './replay.ts';
import type { JournalEvents } from './replay.ts';
import { readSnapshot } from './snapshot-file.ts';

/** What a data directory holds, read and verified; nothing was changed. */
export interface Recovered {
  readonly entries: readonly Entry[];
  readonly setAside: readonly SetAsideRecord[];
  readonly archive: Archive;
  /** Artifacts that only the journals hold so far. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Content of tasks that were deleted since the checkpoint. */
  readonly erasable: ReadonlySet<string>;
  /** The event window: where it begins, then the events of each journal. */
  readonly base: Head;
  readonly journals: readonly JournalEvents[];
  readonly head: Head;
  /** The newest journal, to be continued at `end`. */
  readonly newest: { readonly n: number; readonly file: string; readonly end: JournalEnd };
  /** Size of the checkpoint; 0 when there is none yet. */
  readonly checkpointBytes: number;
}

const checkpointHead = z.object({
  epoch: z.string().min(1),
  seq: z.int().min(0),
  check: z.string().regex(/^[0-9a-f]{8}$/),
  journal: z.int().min(1),
});

interface Checkpoint extends Head {
  readonly journal: number;
  readonly bytes: number;
}

/** Reads the checkpoint and the journals after it. Null for a directory without a store; CorruptStoreError when anything but the very end is damaged. */
export async function recover(layout: Layout, archive: Archive, windowEvents: number): Promise<Recovered | null> {
  const names = await readdir(layout.directory);
  const numbers = names.flatMap((name) => journalPattern.exec(name)?.[1] ?? []).map(Number);
  const replay = new Replay(archive);
  const checkpoint = names.includes('db.json') ? await readCheckpoint(layout, replay) : null;
  if (checkpoint === null && numbers.length === 0) {
    await refuseLeftovers(layout, names);
    return null;
  }
  const first = checkpoint?.journal ?? 1;
  const last = Math.max(first, ...numbers);
  const headers = await readHeaders(layout, numbers, first, last);
  const start = headers.get(first);
  if (start === undefined) throw missing(layout, first);
  const from: Head = checkpoint ?? { epoch: start.epoch, seq: 0, check: noCheck };
  if (!isSame(headOf(start), from)) throw foreign(layout, first);
  for (const { n, epoch } of headers.values()) if (epoch !== from.epoch) throw foreign(layout, n);

  const sealed = headers.get(first - 1);
  const window = sealed === undefined ? null : await readWindow(layout.journal(first - 1), sealed, start, windowEvents);
  const journals: JournalEvents[] = window === null ? [] : [window.events];
  let head = from;
  let end: JournalEnd | undefined;
  for (let n = first; n <= last; n++) {
    const header = headers.get(n);
    if (header === undefined || !isSame(headOf(header), head)) throw foreign(layout, n);
    const events = new EventCollector(head);
    end = await readJournal(layout.journal(n), header, headers.get(n + 1) ?? null, async (batch) => {
      const units = batch.units();
      events.add(units, batch.check);
      await replay.apply(units, layout.journal(n), batch.offset);
    });
    journals.push(events.events);
    head = events.events.head;
  }
  if (end === undefined) throw missing(layout, first);
  return {
    ...replay.finish(),
    archive,
    contents: replay.contents,
    erasable: replay.erasable,
    base: window?.base ?? from,
    journals,
    head,
    newest: { n: last, file: layout.journal(last), end },
    checkpointBytes: checkpoint?.bytes ?? 0,
  };
}

const headOf = ({ epoch, seq, previous }: HeaderLine): Head => ({ epoch, seq, check: previous });

const isSame = (a: Head, b: Head): boolean => a.epoch === b.epoch && a.seq === b.seq && a.check === b.check;

function foreign(layout: Layout, n: number): CorruptStoreError {
  return new CorruptStoreError(layout.journal(n), 0, `journal ${n} does not continue what is before it`);
}

function missing(layout: Layout, n: number): CorruptStoreError {
  return new CorruptStoreError(layout.journal(n), 0, 'the journal is missing');
}

/** Headers from the sealed journal before the checkpoint, which only the event window needs, to the newest. */
async function readHeaders(layout: Layout, numbers: readonly number[], first: number, last: number): Promise<Map<number, HeaderLine>> {
  const headers = new Map<number, HeaderLine>();
  for (let n = first - 1; n <= last; n++) {
    if (numbers.includes(n)) headers.set(n, await readHeader(layout.journal(n), n));
    else if (n >= first) throw missing(layout, n);
  }
  return headers;
}

async function readCheckpoint(layout: Layout, replay: Replay): Promise<Checkpoint> {
  const file = layout.checkpoint;
  let head: z.infer<typeof checkpointHead> | undefined;
  const { bytes } = await readSnapshot(file, {
    head(value) {
      const parsed = checkpointHead.safeParse(value);
      if (!parsed.success) throw new CorruptStoreError(file, 0, 'the first line is not that of a checkpoint');
      head = parsed.data;
    },
    actor: (text, value) => replay.restore(text, value),
    archived(value, offset) {
      const parsed = archivedTree.safeParse(value);
      if (!parsed.success) throw new CorruptStoreError(file, offset, 'not an archived tree');
      replay.archive.add(parsed.data);
    },
  });
  if (head === undefined) throw new CorruptStoreError(file, 0, 'the first line is missing');
  return { ...head, bytes };
}

/** Archived trees without a checkpoint are what is left of a store, not a new one. */
async function refuseLeftovers(layout: Layout, names: readonly string[]): Promise<void> {
  if (names.includes('archive') && (await readdir(layout.archive)).length > 0) {
    throw new CorruptStoreError(layout.checkpoint, 0, 'the checkpoint and the journals are missing, but archived trees are there');
  }
}
