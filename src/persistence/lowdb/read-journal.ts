import * as z from 'zod';
import type { Unit } from '../store.ts';
import { CorruptStoreError } from './corrupt.ts';
import type { JournalHeader } from './journal.ts';
import { hidesWholeLine, parseLine, toHex, verifyLine } from './line.ts';
import { readLines } from './read-lines.ts';

/** An artifact's content on its way through the journal. */
export interface InlineContent {
  readonly sha256: string;
  readonly text?: string;
  readonly base64?: string;
}

/** A unit as a line carries it. */
export interface JournalUnit {
  readonly id: string;
  readonly writes: Unit['writes'];
  readonly artifacts?: readonly InlineContent[];
}

const checkPattern = /^[0-9a-f]{8}$/;
const header: z.ZodType<JournalHeader> = z.object({
  format: z.literal(1),
  epoch: z.string().min(1),
  n: z.int().min(1),
  seq: z.int().min(0),
  previous: z.string().regex(checkPattern),
  writer: z.string(),
});
const format = z.object({ format: z.number() });

export interface HeaderLine extends JournalHeader {
  readonly check: number;
  readonly bytes: number;
}

/** Reads a journal's first line. CorruptStoreError when it isn't whole, of another format, or another journal's. */
export async function readHeader(file: string, n: number): Promise<HeaderLine> {
  for await (const { bytes, ended } of readLines(file)) {
    // The chain before this journal is stated in the header itself, so it is read first and believed only with its checksum.
    const previous = /"previous":"([0-9a-f]{8})"/.exec(bytes.toString('latin1'))?.[1];
    const check = ended && previous !== undefined ? verifyLine(bytes, Number.parseInt(previous, 16)) : null;
    if (check === null) throw new CorruptStoreError(file, 0, 'the header is damaged');
    const value = parseLine(bytes, file, 0);
    const other = format.safeParse(value);
    if (other.success && other.data.format !== 1) throw new CorruptStoreError(file, 0, unknownFormat(other.data.format));
    const parsed = header.safeParse(value);
    if (!parsed.success || parsed.data.n !== n) throw new CorruptStoreError(file, 0, `the header is not that of journal ${n}`);
    return { ...parsed.data, check, bytes: bytes.length + 1 };
  }
  throw new CorruptStoreError(file, 0, 'the header is missing');
}

export const unknownFormat = (found: number): string =>
  `written in format ${found}, which this version of troupe can't read: use the version that wrote it`;

/** A line that passed its checksum. */
export interface Batch {
  readonly check: string;
  readonly offset: number;
  readonly length: number;
  /** Parses the line; not every reader needs what is in every one. */
  units(): readonly JournalUnit[];
}

/** Where a journal ends and what lies behind that end. */
export interface JournalEnd {
  readonly bytes: number;
  readonly chain: number;
  readonly lines: number;
  readonly torn: { readonly offset: number; readonly bytes: Buffer } | null;
}

/**
 * Verifies a journal and hands its batches over in order.
 * @param next the header of the journal after this one, which says where this one ended; null for the newest, whose end may be torn
 */
export async function readJournal(
  file: string,
  start: HeaderLine,
  next: HeaderLine | null,
  take: (batch: Batch) => void | Promise<void>,
): Promise<JournalEnd> {
  let chain = start.check;
  let last = start.previous;
  let end = start.bytes;
  let lines = 0;
  let bad: { readonly offset: number; readonly bytes: Buffer } | null = null;
  for await (const { bytes, offset, ended } of readLines(file)) {
    if (offset === 0) continue;
    // Behind the place that the next journal continues from are only writes that failed and were never acknowledged.
    if (next !== null && last === next.previous) break;
    if (bad !== null) throw new CorruptStoreError(file, bad.offset, 'a damaged line that is not the last one');
    const check = ended ? verifyLine(bytes, chain) : null;
    if (check === null) {
      bad = { offset, bytes: ended ? Buffer.concat([bytes, Buffer.of(0x0a)]) : bytes };
      continue;
    }
    last = toHex(check);
    await take({ check: last, offset, length: bytes.length, units: () => unitsOf(bytes, file, offset) });
    chain = check;
    end = offset + bytes.length + 1;
    lines += 1;
  }
  if (next !== null && last !== next.previous) {
    throw new CorruptStoreError(file, bad?.offset ?? end, `the journal does not reach the place that journal ${next.n} continues from`);
  }
  if (bad !== null && hidesWholeLine(bad.bytes, chain))
    throw new CorruptStoreError(file, bad.offset, 'the newline behind a line is damaged');
  return { bytes: end, chain, lines, torn: bad };
}

/** A line that passed its checksum was written by `commit`, so only its outline is looked at. */
export function unitsOf(line: Buffer, file: string, offset: number): readonly JournalUnit[] {
  const value = parseLine(line, file, offset);
  const isUnit = (unit: unknown): unit is JournalUnit =>
    typeof unit === 'object' && unit !== null && 'writes' in unit && Array.isArray(unit.writes);
  if (Array.isArray(value) && value.every(isUnit)) return value;
  throw new CorruptStoreError(file, offset, 'not a batch of units');
}
