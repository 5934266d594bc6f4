import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { ActorId } from '../../ids.ts';

/** A line of a snapshot: where it lies in the file, without what separates it from the next, and its CRC-32. */
export interface Place {
  readonly offset: number;
  readonly length: number;
  readonly check: number;
}

/**
 * Which lines of the checkpoint on the disk still say what their actors are. The next checkpoint copies these: to write
 * everything anew would cost the more, the more there is.
 */
export class StoredLines {
  #places: ReadonlyMap<ActorId, Place> = new Map();
  /** Actors that were written to since the moment of the checkpoint that is being written, or of the last one. */
  #changed = new Set<ActorId>();
  /** As `changed`, since the moment of the checkpoint that places are of. */
  #stale = new Set<ActorId>();

  /** The actor is not what its line says any more. */
  forget(id: ActorId): void {
    this.#changed.add(id);
    this.#stale.add(id);
  }

  placeOf(id: ActorId): Place | null {
    return this.#stale.has(id) ? null : (this.#places.get(id) ?? null);
  }

  /** The moment of a checkpoint. */
  begin(): void {
    this.#changed = new Set();
  }

  /** The checkpoint of the last moment is on the disk, with these lines. */
  replace(places: ReadonlyMap<ActorId, Place>): void {
    this.#places = places;
    this.#stale = this.#changed;
  }
}

const windowBytes = 1024 * 1024;

/** Reads lines of a file that lie in order in large pieces. */
export class LineWindow {
  readonly #handle: FileHandle;
  #buffer = Buffer.allocUnsafe(windowBytes);
  #offset = 0;
  #bytes: Uint8Array = new Uint8Array();

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  covers({ offset, length }: Place): boolean {
    return offset >= this.#offset && offset + length <= this.#offset + this.#bytes.length;
  }

  /** The line, from the piece that was loaded; null when it is not what was written. */
  read({ offset, length, check }: Place): Uint8Array | null {
    const bytes = this.#bytes.subarray(offset - this.#offset, offset - this.#offset + length);
    return bytes.length === length && crc32(bytes) === check ? bytes : null;
  }

  /** Reads the piece that begins with the line, in the place of the one before. */
  async load({ offset, length }: Place): Promise<void> {
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#handle.read(this.#buffer, 0, this.#buffer.length, offset);
    this.#offset = offset;
    this.#bytes = this.#buffer.subarray(0, bytesRead);
  }
}
