import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { ActorId } from '../../ids.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { CorruptStoreError } from './corrupt.ts';
import { parseJson, toHex } from './line.ts';
import { unknownFormat } from './read-journal.ts';
import { readLines } from './read-lines.ts';
import { LineWindow } from './stored-lines.ts';
import type { Place } from './stored-lines.ts';

/**
 * The format of `db.json` and of an archived tree: valid JSON with one actor per line, then one archived tree per line.
 * The last line holds the CRC-32 of everything before it.
 */

const toActors = ',"actors":[';
const toArchived = '],"archived":[';
const toChecksum = '],';
const checksum = /^"checksum":"([0-9a-f]{8})"\}$/;

const sliceMs = 3;

/** An actor's line. */
export interface ActorLine {
  /** Null for a line that can't be taken in. */
  readonly id: ActorId | null;
  /** Where an older snapshot has the same line. */
  readonly place: Place | null;
  readonly text: () => string;
}

export interface SnapshotLines {
  readonly head: object;
  readonly actors: Iterable<ActorLine>;
  readonly archived: Iterable<string>;
}

/** What was written, and where each actor's line is in it. */
export interface WrittenSnapshot {
  readonly bytes: number;
  readonly places: ReadonlyMap<ActorId, Place>;
}

/**
 * Writes in slices of a few milliseconds, each followed by a write that leaves the event loop free.
 * @param older where the places of lines are; a line that is not there as it was written is written anew
 */
export async function writeSnapshot(
  handle: FileHandle,
  { head, actors, archived }: SnapshotLines,
  older: FileHandle | null = null,
): Promise<WrittenSnapshot> {
  const out = new ChunkWriter(handle);
  const window = older === null ? null : new LineWindow(older);
  const places = new Map<ActorId, Place>();
  let since = performance.now();
  const pause = async () => {
    await out.flush();
    since = performance.now();
  };
  out.add(JSON.stringify({ format: 1, ...head }).slice(0, -1) + toActors);
  let between = '\n';
  for (const { id, place, text } of actors) {
    if (place !== null && window !== null && !window.covers(place)) await window.load(place);
    const copied = place === null || window === null ? null : window.read(place);
    out.add(between);
    between = ',\n';
    const offset = out.size;
    const bytes = out.add(copied ?? text());
    if (id !== null) places.set(id, { offset, length: bytes.length, check: crc32(bytes) });
    if (out.isFull || performance.now() - since >= sliceMs) await pause();
  }
  out.add(`\n${toArchived}`);
  between = '\n';
  for (const line of archived) {
    out.add(between + line);
    between = ',\n';
    if (out.isFull) await pause();
  }
  out.add(`\n${toChecksum}\n`);
  await pause();
  out.add(`"checksum":"${toHex(out.check)}"}\n`);
  await pause();
  return { bytes: out.size, places };
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
