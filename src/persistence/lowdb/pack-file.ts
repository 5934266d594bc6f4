import { rename } from 'node:fs/promises';
import * as z from 'zod';
import { sha256 } from '../../protocol/values.ts';
import { CorruptStoreError } from './corrupt.ts';
import { createSynced, writeAll } from './durable-file.ts';
import { encodeLine, parseLine, verifyLine } from './line.ts';
import { readLines } from './read-lines.ts';

/**
 * The format of a pack: its first line lists its contents, with their lengths, in the order in which they follow on it, byte after
 * byte. A pack is written once and never changed.
 */

export type Content = readonly [sha256: string, bytes: Uint8Array];

/** Where the contents of a pack are. */
export interface PackIndex {
  readonly contents: readonly { readonly sha256: string; readonly offset: number; readonly length: number }[];
  /** Size of the file. */
  readonly bytes: number;
}

const firstLine = z.object({ format: z.literal(1), contents: z.array(z.tuple([sha256, z.int().min(0)])) });
type FirstLine = z.infer<typeof firstLine>;

/** What one write hands to the operating system, so that many small contents are not as many calls. */
const sliceBytes = 1024 * 1024;

function indexOf({ contents }: FirstLine, start: number): PackIndex {
  let offset = start;
  const places = contents.map(([content, length]) => {
    const place = { sha256: content, offset, length };
    offset += length;
    return place;
  });
  return { contents: places, bytes: offset };
}

/** Writes a pack, synced; durable once its directory is synced. */
export async function writePack(file: string, temporary: string, contents: readonly Content[]): Promise<PackIndex> {
  const listed: FirstLine = { format: 1, contents: contents.map(([content, bytes]) => [content, bytes.length]) };
  const { line } = encodeLine(listed, 0);
  const handle = await createSynced(temporary, async (open) => {
    let position = 0;
    let slice: Uint8Array[] = [line];
    let size = line.length;
    const flush = async () => {
      await writeAll(open, Buffer.concat(slice, size), position);
      position += size;
      slice = [];
      size = 0;
    };
    for (const [, bytes] of contents) {
      slice.push(bytes);
      size += bytes.length;
      if (size >= sliceBytes) await flush();
    }
    await flush();
  });
  await handle.close();
  await rename(temporary, file);
  return indexOf(listed, line.length);
}

/** Reads a pack's first line and nothing else. CorruptStoreError when it is not whole. */
export async function readPackIndex(file: string): Promise<PackIndex> {
  for await (const { bytes, ended } of readLines(file)) {
    if (!ended || verifyLine(bytes, 0) === null) break;
    const parsed = firstLine.safeParse(parseLine(bytes, file, 0));
    if (parsed.success) return indexOf(parsed.data, bytes.length + 1);
    break;
  }
  throw new CorruptStoreError(file, 0, 'the first line is not that of a pack');
}
