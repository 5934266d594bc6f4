import { crc32 } from 'node:zlib';
import type { Entry } from '../resident/row.ts';
import { archivedTree } from './archive.ts';
import type { ArchivedTree } from './archive.ts';
import { toHex } from './line.ts';
import { readLines } from './read-lines.ts';
import { entryProblem, isEntry } from './stored-entry.ts';
import { systemCode } from './system-error.ts';

/** A line of a checkpoint that may be damaged; lines count from 1. */
export type CheckpointLine = { readonly line: number } & (
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'tree'; readonly tree: ArchivedTree }
  | { readonly kind: 'damaged'; readonly problem: string }
);

export interface CheckpointFrame {
  /** The journal that goes on from it; 0 when that can't be read, or there is no checkpoint. */
  readonly journal: number;
  /** Whether it ends in a checksum that is not that of its lines. */
  readonly differs: boolean;
}

/** Hands over a checkpoint line by line, whatever its checksum says. */
export async function readCheckpointLines(file: string, take: (line: CheckpointLine) => void): Promise<CheckpointFrame> {
  let journal = 0;
  let differs = false;
  let check = 0;
  let line = 0;
  try {
    for await (const { bytes } of readLines(file)) {
      const text = bytes.toString('utf8');
      line += 1;
      const stated = /^"checksum":"([0-9a-f]{8})"/.exec(text)?.[1];
      if (stated !== undefined) differs = stated !== toHex(check);
      check = crc32('\n', crc32(bytes, check));
      if (line === 1) journal = Number(/"journal":(\d+)/.exec(text)?.[1] ?? 0);
      else if (!isOutline(text)) take({ line, ...readLine(text.endsWith(',') ? text.slice(0, -1) : text) });
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  return { journal, differs };
}

/** The lines that can't be what was written, in words; empty when each looks like what it should be. */
export async function damagedLines(file: string): Promise<readonly string[]> {
  const damaged: string[] = [];
  await readCheckpointLines(file, (read) => {
    const problem = read.kind === 'entry' ? entryProblem(read.entry) : read.kind === 'damaged' ? read.problem : null;
    if (problem !== null) damaged.push(`line ${read.line}: ${problem}`);
  });
  return damaged;
}

/** What stands between the lines, and the checksum behind them. */
const isOutline = (text: string): boolean => text.startsWith(']') || text.startsWith('"checksum"');

type Read = CheckpointLine extends infer L ? (L extends CheckpointLine ? Omit<L, 'line'> : never) : never;

function readLine(text: string): Read {
  try {
    const value: unknown = JSON.parse(text);
    if (isEntry(value)) return { kind: 'entry', entry: value };
    const tree = archivedTree.safeParse(value);
    return tree.success ? { kind: 'tree', tree: tree.data } : { kind: 'damaged', problem: 'neither a record nor an archived tree' };
  } catch {
    return { kind: 'damaged', problem: 'no JSON' };
  }
}
