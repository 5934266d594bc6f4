import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { appendHistory } from '../resident/history.ts';
import type { Entry } from '../resident/row.ts';
import type { Write } from '../store.ts';
import { Archive } from './archive.ts';
import { decodeContent } from './artifacts.ts';
import { readCheckpointLines } from './checkpoint-lines.ts';
import { createLayout, journalPattern } from './layout.ts';
import type { Layout } from './layout.ts';
import { readHeader, readJournal } from './read-journal.ts';
import { entryProblem } from './stored-entry.ts';
import { messageOf } from './system-error.ts';
import { writeAnew } from './write-anew.ts';

/** What came of a damaged store. */
export interface Salvaged {
  readonly records: number;
  /** What could not be recovered, a line each. */
  readonly lost: readonly string[];
}

/**
 * Makes a store that opens out of a copy of one that does not: every record of the checkpoint that can be read, and the journals up to
 * the first damage. What a line behind it says counts on the lost one, so it is left out.
 */
export async function salvage(directory: string): Promise<Salvaged> {
  const layout = createLayout(directory);
  const lost: string[] = [];
  const found = new Found(new Archive(layout, (line) => lost.push(line)), lost);
  const first = await readCheckpoint(layout, found);
  const numbers = (await readdir(directory)).flatMap((name) => journalPattern.exec(name)?.[1] ?? []).map(Number);
  await readJournals(
    layout,
    numbers.filter((n) => n >= first).toSorted((a, b) => a - b),
    found,
  );
  const { archive, contents } = found;
  await writeAnew(layout, { archive, contents, entries: found.good(), setAside: [], erasable: new Set() });
  return { records: found.good().length, lost };
}

class Found {
  readonly archive: Archive;
  readonly contents = new Map<string, Uint8Array>();
  readonly #lost: string[];
  readonly #entries = new Map<string, Entry>();

  constructor(archive: Archive, lost: string[]) {
    this.archive = archive;
    this.#lost = lost;
  }

  /** False for a record that no actor can be made of. */
  add(entry: Entry, place?: string): boolean {
    const reason = entryProblem(entry);
    if (reason === null) this.#entries.set(entry.record.id, entry);
    else this.#lost.push(`the record of ${entry.record.id}${place === undefined ? '' : ` (${place})`}: ${reason}`);
    return reason === null;
  }

  lose(what: string): void {
    this.#lost.push(what);
  }

  good(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  async write({ record, event }: Write): Promise<void> {
    const tree = this.archive.treeOf(record.id);
    if (tree !== undefined) {
      const entries = await this.archive.read(tree).then(
        (read) => [...read.entries.values()],
        (error: unknown) => {
          this.#lost.push(messageOf(error));
          return [];
        },
      );
      this.archive.remove(tree);
      for (const entry of entries) this.add(entry);
    }
    const before = this.#entries.get(record.id);
    if (before !== undefined && before.record.rev >= record.rev) return;
    const history = appendHistory(before?.history ?? [], event);
    this.add(record.kind === 'task' ? { record, history } : { record, history });
  }
}

/** More lines than these are counted, not named. */
const namedLines = 20;

/** Answers the journal that goes on from it: all of them when that can't be read. */
async function readCheckpoint({ checkpoint }: Layout, found: Found): Promise<number> {
  const name = basename(checkpoint);
  const damaged: number[] = [];
  let seemsWhole = true;
  const { journal, differs } = await readCheckpointLines(checkpoint, (read) => {
    if (read.kind === 'entry') seemsWhole = found.add(read.entry, `line ${read.line} of ${name}`) && seemsWhole;
    else if (read.kind === 'tree') found.archive.add(read.tree);
    else damaged.push(read.line);
  });
  if (damaged.length > 0) {
    const more = damaged.length > namedLines ? ', …' : '';
    const count = `${damaged.length} ${damaged.length === 1 ? 'line' : 'lines'}`;
    found.lose(`${count} of ${name}: ${damaged.slice(0, namedLines).join(', ')}${more}`);
  } else if (differs && seemsWhole) {
    found.lose(`nothing that can be told, but the checksum of ${name} does not match: some value in it may not be what was stored`);
  }
  return journal;
}

async function readJournals(layout: Layout, numbers: readonly number[], found: Found): Promise<void> {
  for (const [index, n] of numbers.entries()) {
    const file = layout.journal(n);
    try {
      await readJournal(file, await readHeader(file, n), null, async (batch) => {
        for (const { writes, artifacts = [] } of batch.units()) {
          for (const write of writes) await found.write(write);
          for (const content of artifacts) found.contents.set(content.sha256, decodeContent(content));
        }
      });
    } catch (error) {
      const behind = numbers.length - index - 1;
      return found.lose(
        `${basename(file)} from its damage on${behind === 0 ? '' : `, and ${behind} journals behind it`}: ${messageOf(error)}`,
      );
    }
  }
}
