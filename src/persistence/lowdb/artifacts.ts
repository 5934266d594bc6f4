import { isUtf8 } from 'node:buffer';
import { unlinkSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSynced, readRange, syncDirectory, writeAll } from './durable-file.ts';
import type { Layout } from './layout.ts';
import type { Packs } from './packs.ts';
import type { InlineContent } from './read-journal.ts';
import { systemCode } from './system-error.ts';

/** Content up to this size travels in its unit's line. */
export const inlineBytes = 64 * 1024;
/** Content that waits in memory for a checkpoint; beyond it even small content is written before its unit. */
const pendingBytes = 64 * 1024 * 1024;

/** UTF-8 goes through JSON unchanged and readable, anything else as base64. */
export function encodeContent(sha256: string, content: Uint8Array): InlineContent {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return isUtf8(bytes) ? { sha256, text: bytes.toString('utf8') } : { sha256, base64: bytes.toString('base64') };
}

export function decodeContent({ text, base64 }: InlineContent): Uint8Array {
  return text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
}

/** The content of artifacts. What is small is in memory until a checkpoint and in a pack since; what is large has a file named after its hash. */
export class Artifacts {
  readonly #layout: Layout;
  readonly #packs: Packs;
  /** Came since the last checkpoint began. */
  readonly #pending = new Map<string, Uint8Array>();
  /** Belongs to the checkpoint that runs, or to one that failed. */
  readonly #sealed = new Map<string, Uint8Array>();
  #waitingBytes = 0;
  /** Content that something not yet committed counts on. */
  readonly #pins = new Map<string, number>();
  /** Content of deleted tasks. */
  readonly #erasable = new Set<string>();
  readonly #durableFolders = new Set<string>();

  constructor(layout: Layout, packs: Packs) {
    this.#layout = layout;
    this.#packs = packs;
  }

  get isFull(): boolean {
    return this.#waitingBytes >= pendingBytes;
  }

  /** Committed content that a journal holds. */
  add(sha256: string, content: Uint8Array): void {
    if (this.#pending.has(sha256)) return;
    this.#pending.set(sha256, content);
    this.#waitingBytes += content.length;
  }

  /** What came so far is the coming checkpoint's. */
  seal(): void {
    for (const [sha256, content] of this.#pending) {
      if (this.#sealed.has(sha256)) this.#waitingBytes -= content.length;
      else this.#sealed.set(sha256, content);
    }
    this.#pending.clear();
  }

  /**
   * Brings what was sealed and is still needed out of the journals, and removes what nobody needs any more; durable when it
   * resolves. It runs before the checkpoint is written, so that after a crash the journal names the same content again.
   */
  async materialise(isNeeded: (sha256: string) => boolean): Promise<void> {
    const needed = [...this.#sealed].filter(([sha256]) => isNeeded(sha256));
    const dead = this.#takeDead(isNeeded);
    try {
      // No unit can come to count on a file between the look and its removal: both are one synchronous step. Whatever counts on
      // content of a pack brings that content along.
      const folders = new Set<string>();
      for (const sha256 of dead) {
        const path = this.#layout.artifact(sha256);
        if (unlinkIfThere(path)) folders.add(dirname(path));
      }
      for (const folder of folders) await syncDirectory(folder);
      await this.#packs.write(needed, dead);
    } catch (error) {
      for (const sha256 of dead) this.#erasable.add(sha256);
      throw error;
    }
  }

  #takeDead(isNeeded: (sha256: string) => boolean): ReadonlySet<string> {
    const dead = new Set<string>();
    for (const sha256 of this.#erasable) {
      // Whatever has it pinned may fail, and then nobody needs it.
      if (this.#pins.has(sha256)) continue;
      if (!isNeeded(sha256)) dead.add(sha256);
      this.#erasable.delete(sha256);
    }
    return dead;
  }

  /** The checkpoint is durable: what it materialised is read from files from now on. */
  release(): void {
    for (const content of this.#sealed.values()) this.#waitingBytes -= content.length;
    this.#sealed.clear();
  }

  /** Writes content to its file; durable when it resolves. */
  async write(sha256: string, content: Uint8Array): Promise<void> {
    const temporary = this.#layout.temporary(sha256);
    const handle = await createSynced(temporary, (file) => writeAll(file, content, 0));
    await handle.close();
    await this.adopt(sha256, temporary);
  }

  /** Makes a synced file the content's; durable when it resolves. */
  async adopt(sha256: string, file: string): Promise<void> {
    const path = this.#layout.artifact(sha256);
    await mkdir(dirname(path), { recursive: true });
    await rename(file, path);
    await this.#syncFolders([dirname(path)]);
  }

  /** Makes the files in the folders durable, and the folders themselves once for each process. */
  async #syncFolders(folders: Iterable<string>): Promise<void> {
    const added: string[] = [];
    for (const folder of folders) {
      await syncDirectory(folder);
      if (!this.#durableFolders.has(folder)) added.push(folder);
    }
    if (added.length === 0) return;
    await syncDirectory(this.#layout.artifacts);
    for (const folder of added) this.#durableFolders.add(folder);
  }

  /** Bytes from `offset`, at most `length`; null when the content is not there. */
  async read(sha256: string, offset: number, length: number): Promise<Uint8Array | null> {
    const content = this.#pending.get(sha256) ?? this.#sealed.get(sha256);
    if (content !== undefined) return new Uint8Array(content.subarray(offset, offset + length));
    return (await this.#packs.read(sha256, offset, length)) ?? (await readRange(this.#layout.artifact(sha256), offset, length));
  }

  pin(sha256: string): void {
    this.#pins.set(sha256, (this.#pins.get(sha256) ?? 0) + 1);
  }

  unpin(sha256: string): void {
    const count = (this.#pins.get(sha256) ?? 0) - 1;
    if (count > 0) this.#pins.set(sha256, count);
    else this.#pins.delete(sha256);
  }

  /** Content that nothing may need any more, to be looked at with the next checkpoint. */
  mayErase(sha256: string): void {
    this.#erasable.add(sha256);
  }
}

function unlinkIfThere(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
