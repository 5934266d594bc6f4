import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { writeAll } from './durable-file.ts';

const chunkBytes = 256 * 1024;

/** Fills one buffer again and again and appends it to a file, with a checksum of all that was written. */
export class ChunkWriter {
  readonly #handle: FileHandle;
  #buffer = Buffer.allocUnsafe(2 * chunkBytes);
  #used = 0;
  #flushed = 0;
  #check = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Size of the file with what is in the buffer. */
  get size(): number {
    return this.#flushed + this.#used;
  }

  /** CRC-32 of everything that was flushed. */
  get check(): number {
    return this.#check;
  }

  get isFull(): boolean {
    return this.#used >= chunkBytes;
  }

  /** Adds to the buffer and answers the bytes as they lie there, until the next call. */
  add(part: string | Uint8Array): Uint8Array {
    const length = typeof part === 'string' ? Buffer.byteLength(part) : part.length;
    this.#makeRoom(length);
    const start = this.#used;
    if (typeof part === 'string') this.#buffer.write(part, start);
    else this.#buffer.set(part, start);
    this.#used += length;
    return this.#buffer.subarray(start, this.#used);
  }

  /** Nothing may be added before it resolves. */
  async flush(): Promise<void> {
    const bytes = this.#buffer.subarray(0, this.#used);
    this.#check = crc32(bytes, this.#check);
    await writeAll(this.#handle, bytes, this.#flushed);
    this.#flushed += bytes.length;
    this.#used = 0;
  }

  #makeRoom(length: number): void {
    const needed = this.#used + length;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(needed + chunkBytes);
    larger.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = larger;
  }
}
