import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

export interface Line {
  /** Without the newline. */
  readonly bytes: Buffer;
  /** Where the line begins in the file. */
  readonly offset: number;
  /** Whether a newline ends it; only a file's last line can lack one. */
  readonly ended: boolean;
}

const chunkBytes = 1024 * 1024;
/** What the read behind the end gets: files are mostly small, and then a whole chunk for nothing costs more than the rest. */
const leastBytes = 1024;
const newline = 0x0a;

/** Reads ahead: the next chunk comes while the lines of this one are looked at. */
async function* chunksOf(handle: FileHandle): AsyncGenerator<Buffer, void, undefined> {
  let { size: left } = await handle.stat();
  const read = () => {
    const length = Math.min(chunkBytes, Math.max(leastBytes, left));
    const reading = handle.read(Buffer.allocUnsafe(length), 0, length, null);
    // A failure is told when its turn comes.
    reading.catch(() => {});
    return reading;
  };
  let coming = read();
  try {
    for (;;) {
      const { bytesRead, buffer } = await coming;
      if (bytesRead === 0) return;
      left -= bytesRead;
      coming = read();
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await coming.catch(() => {});
  }
}

/** A file's lines one after another: no string ever holds the whole file. */
export async function* readLines(path: string): AsyncGenerator<Line, void, undefined> {
  const handle = await open(path, 'r');
  try {
    let parts: Buffer[] = [];
    let offset = 0;
    for await (const chunk of chunksOf(handle)) {
      let start = 0;
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        const last = chunk.subarray(start, end);
        const bytes = parts.length === 0 ? last : Buffer.concat([...parts, last]);
        yield { bytes, offset, ended: true };
        parts = [];
        offset += bytes.length + 1;
        start = end + 1;
      }
      if (start < chunk.length) parts.push(chunk.subarray(start));
    }
    if (parts.length > 0) yield { bytes: Buffer.concat(parts), offset, ended: false };
  } finally {
    await handle.close();
  }
}
