import { open } from 'node:fs/promises';
import { readRangeOf } from './durable-file.ts';
import type { Head } from '../resident/position.ts';
import { readJournal, unitsOf } from './read-journal.ts';
import type { Batch, HeaderLine, JournalUnit } from './read-journal.ts';
import { EventCollector } from './replay.ts';
import type { JournalEvents } from './replay.ts';

/** Events of a journal that only the replay window needs, and where they begin. */
export interface Window {
  readonly base: Head;
  readonly events: JournalEvents;
}

/**
 * The newest events of a sealed journal: at least `windowEvents`, or all. What comes before them is verified and not parsed,
 * since such a journal can be as large as the checkpoint.
 */
export async function readWindow(file: string, start: HeaderLine, next: HeaderLine, windowEvents: number): Promise<Window> {
  const lines: Omit<Batch, 'units'>[] = [];
  await readJournal(file, start, next, ({ check, offset, length }) => void lines.push({ check, offset, length }));
  const newest: { readonly units: readonly JournalUnit[]; readonly check: string }[] = [];
  let count = 0;
  const handle = await open(file, 'r');
  try {
    for (let line = lines.pop(); line !== undefined; line = lines.pop()) {
      const units = unitsOf(await readRangeOf(handle, line.offset, line.length), file, line.offset);
      newest.push({ units, check: line.check });
      for (const { writes } of units) count += writes.length;
      if (count >= windowEvents) break;
    }
  } finally {
    await handle.close();
  }
  const base: Head = { epoch: start.epoch, seq: next.seq - count, check: lines.at(-1)?.check ?? start.previous };
  const events = new EventCollector(base);
  for (const { units, check } of newest.toReversed()) events.add(units, check);
  return { base, events: events.events };
}
