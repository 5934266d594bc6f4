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
/** Content that waits in memory for a pack; beyond it even small content is written before its unit. */
const waitingBytes = 64 * 1024 * 1024;

/** UTF-8 goes through JSON unchanged and readable, anything else as base64. */
export function encodeContent(sha256: string, content: Uint8Array): InlineContent {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return isUtf8(bytes) ? { sha256, text: bytes.toString('utf8') } : { sha256, base64: bytes.toString('base64') };
}

export function decodeContent({ text, base64 }: InlineContent): Uint8Array {
  return text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
}

/** Content that is brought out of memory without waiting for a checkpoint. */
const packedAtBytes = 16 * 1024 * 1024;

type IsNeeded = (sha256: string) => boolean;

/** The content of artifacts. What is small is in memory first and then in a pack; what is large has a file named after its hash. */
export class Artifacts {
  readonly #layout: Layout;
  readonly #packs: Packs;
  /** Came since contents were last brought into packs. */
  #pending = new Map<string, Uint8Array>();
  /** Is on its way into a pack, or failed to get there. */
  readonly #leaving = new Map<string, Uint8Array>();
  #pendingBytes = 0;
  #leavingBytes = 0;
  #packing: Promise<void> | null = null;
  /** Content that something not yet committed counts on. */
  readonly #pins = new Map<string, number>();
  /** Content of deleted tasks. */
  readonly #erasable = new Set<string>();
  readonly #durableFolders = new Set<string>();

  constructor(layout: Layout, packs: Packs) {
    this.#layout = layout;
    this.#packs = packs;
  }

  /** Content that waits in memory. */
  get bytes(): number {
    return this.#pendingBytes + this.#leavingBytes;
  }

  get isFull(): boolean {
    return this.bytes >= waitingBytes;
  }

  /** Committed content that a journal holds. */
  add(sha256: string, content: Uint8Array): void {
    if (this.#pending.has(sha256)) return;
    this.#pending.set(sha256, content);
    this.#pendingBytes += content.length;
    // When this fails, the content stays where it is until a checkpoint, which says so if it fails too.
    if (this.#pendingBytes >= packedAtBytes && this.#packing === null) this.#pack(null).catch(() => {});
  }

  /**
   * Brings out of memory what came so far, and removes what nobody needs any more; durable when it resolves. It runs before a
   * checkpoint is written, so that after a crash the journal names the same content again.
   */
  async materialise(isNeeded: IsNeeded): Promise<void> {
    await this.idle();
    await this.#pack(isNeeded);
  }

  /** Waits for what is on its way to the disk. */
  async idle(): Promise<void> {
    while (this.#packing !== null) await this.#packing.catch(() => {});
  }

  #pack(isNeeded: IsNeeded | null): Promise<void> {
    this.#packing = this.#writePacks(isNeeded).finally(() => {
      this.#packing = null;
    });
    return this.#packing;
  }

  async #writePacks(isNeeded: IsNeeded | null): Promise<void> {
    // The look and the removal are one synchronous step, so no unit can come to count on a file in between. Whatever counts on
    // content of a pack brings that content along.
    const dead = this.#takeDead(isNeeded);
    try {
      const folders = this.#unlinkFiles(dead);
      this.#seal();
      for (const folder of folders) await syncDirectory(folder);
      await this.#packs.write(
        [...this.#leaving].filter(([sha256]) => !dead.has(sha256)),
        dead,
      );
      this.#leaving.clear();
      this.#leavingBytes = 0;
    } catch (error) {
      for (const sha256 of dead) this.#erasable.add(sha256);
      throw error;
    }
  }

  #seal(): void {
    for (const [sha256, content] of this.#pending) {
      if (this.#leaving.has(sha256)) continue;
      this.#leaving.set(sha256, content);
      this.#leavingBytes += content.length;
    }
    this.#pending = new Map();
    this.#pendingBytes = 0;
  }

  #unlinkFiles(dead: ReadonlySet<string>): ReadonlySet<string> {
    const folders = new Set<string>();
    for (const sha256 of dead) {
      const path = this.#layout.artifact(sha256);
      if (unlinkIfThere(path)) folders.add(dirname(path));
    }
    return folders;
  }

  #takeDead(isNeeded: IsNeeded | null): ReadonlySet<string> {
    const dead = new Set<string>();
    if (isNeeded === null) return dead;
    for (const sha256 of this.#erasable) {
      // Whatever has it pinned may fail, and then nobody needs it.
      if (this.#pins.has(sha256)) continue;
      if (!isNeeded(sha256)) dead.add(sha256);
      this.#erasable.delete(sha256);
    }
    return dead;
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
    const content = this.#pending.get(sha256) ?? this.#leaving.get(sha256);
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
