import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { appendHistory } from '../resident/history.ts';
import type { Entry } from '../resident/row.ts';
import type { Write } from '../store.ts';
import { Archive, archivedTree } from './archive.ts';
import { decodeContent } from './artifacts.ts';
import { createLayout, journalPattern } from './layout.ts';
import type { Layout } from './layout.ts';
import { readHeader, readJournal } from './read-journal.ts';
import { readLines } from './read-lines.ts';
import { entryProblem, isEntry } from './stored-entry.ts';
import { messageOf, systemCode } from './system-error.ts';
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

  add(entry: Entry): void {
    const reason = entryProblem(entry);
    if (reason === null) this.#entries.set(entry.record.id, entry);
    else this.#lost.push(`the record of ${entry.record.id}: ${reason}`);
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

/** Line by line, whatever the checksum says. Answers the journal that goes on from it: all of them when that can't be read. */
async function readCheckpoint({ checkpoint }: Layout, found: Found): Promise<number> {
  let journal = 0;
  let damaged = 0;
  try {
    for await (const { bytes, offset } of readLines(checkpoint)) {
      const text = bytes.toString('utf8');
      if (offset === 0) journal = Number(/"journal":(\d+)/.exec(text)?.[1] ?? 0);
      else if (!isOutline(text) && !take(text.endsWith(',') ? text.slice(0, -1) : text, found)) damaged += 1;
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  if (damaged > 0) found.lose(`${damaged} lines of ${basename(checkpoint)}`);
  return journal;
}

/** What stands between the lines, and the checksum behind them. */
const isOutline = (text: string): boolean => text.startsWith(']') || text.startsWith('"checksum"');

function take(line: string, found: Found): boolean {
  try {
    const value: unknown = JSON.parse(line);
    if (isEntry(value)) found.add(value);
    else found.archive.add(archivedTree.parse(value));
    return true;
  } catch {
    return false;
  }
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
