import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { CorruptStoreError } from './corrupt.ts';
import { writeAll } from './durable-file.ts';
import { parseJson, toHex } from './line.ts';
import { unknownFormat } from './read-journal.ts';
import { readLines } from './read-lines.ts';

/**
 * The format of `db.json` and of an archived tree: valid JSON with one actor per line, then one archived tree per line.
 * The last line holds the CRC-32 of everything before it.
 */

const toActors = ',"actors":[';
const toArchived = '],"archived":[';
const toChecksum = '],';
const checksum = /^"checksum":"([0-9a-f]{8})"\}$/;

const sliceMs = 3;
const sliceBytes = 256 * 1024;

export interface SnapshotLines {
  readonly head: object;
  readonly actors: Iterable<string>;
  readonly archived: Iterable<string>;
}

function* linesOf({ head, actors, archived }: SnapshotLines): Generator<string, void, undefined> {
  yield JSON.stringify({ format: 1, ...head }).slice(0, -1) + toActors;
  yield* separated(actors);
  yield `\n${toArchived}`;
  yield* separated(archived);
  yield `\n${toChecksum}\n`;
}

function* separated(lines: Iterable<string>): Generator<string, void, undefined> {
  let between = '\n';
  for (const line of lines) {
    yield between + line;
    between = ',\n';
  }
}

/** Writes in slices of a few milliseconds, each followed by a write that leaves the event loop free. Resolves with the size in bytes. */
export async function writeSnapshot(handle: FileHandle, lines: SnapshotLines): Promise<number> {
  let size = 0;
  let check = 0;
  const flush = async (text: string) => {
    const bytes = Buffer.from(text);
    check = crc32(bytes, check);
    await writeAll(handle, bytes, size);
    size += bytes.length;
  };
  let slice = '';
  let since = performance.now();
  for (const line of linesOf(lines)) {
    slice += line;
    if (slice.length < sliceBytes && performance.now() - since < sliceMs) continue;
    await flush(slice);
    slice = '';
    since = performance.now();
  }
  await flush(slice);
  await flush(`"checksum":"${toHex(check)}"}\n`);
  return size;
}

export interface SnapshotSink {
  head(head: unknown): void;
  actor(text: string, value: unknown): void;
  archived(value: unknown, offset: number): void;
}

/** Hands the lines over as they come; they may be believed only when it resolves. CorruptStoreError when the file is not whole. */
export async function readSnapshot(file: string, sink: SnapshotSink): Promise<{ readonly bytes: number }> {
  let check = 0;
  let section: 'head' | 'actors' | 'archived' | 'checksum' | 'end' = 'head';
  let size = 0;
  for await (const { bytes, offset, ended } of readLines(file)) {
    size = offset + bytes.length + 1;
    if (!ended) throw new CorruptStoreError(file, offset, 'the last line is cut');
    if (section === 'end') throw new CorruptStoreError(file, offset, 'something follows the checksum');
    if (section === 'checksum') {
      if (checksum.exec(bytes.toString('latin1'))?.[1] !== toHex(check))
        throw new CorruptStoreError(file, offset, 'the checksum does not match');
      section = 'end';
      continue;
    }
    check = crc32('\n', crc32(bytes, check));
    const text = bytes.toString('utf8');
    if (section === 'head') {
      sink.head(parseHead(text, file));
      section = 'actors';
    } else if (text === toArchived && section === 'actors') section = 'archived';
    else if (text === toChecksum && section === 'archived') section = 'checksum';
    else {
      const json = text.endsWith(',') ? text.slice(0, -1) : text;
      const value = parseJson(json, file, offset);
      if (section === 'actors') sink.actor(json, value);
      else sink.archived(value, offset);
    }
  }
  if (section !== 'end') throw new CorruptStoreError(file, size, 'the end is missing');
  return { bytes: size };
}

function parseHead(text: string, file: string): unknown {
  if (!text.endsWith(toActors)) throw new CorruptStoreError(file, 0, 'the first line is damaged');
  const head = parseJson(`${text.slice(0, -toActors.length)}}`, file, 0);
  const format = typeof head === 'object' && head !== null && 'format' in head ? head.format : undefined;
  if (typeof format === 'number' && format !== 1) throw new CorruptStoreError(file, 0, unknownFormat(format));
  if (format !== 1) throw new CorruptStoreError(file, 0, 'the format is missing');
  return head;
}
