import { createHash } from 'node:crypto';
import { open, readFile, readdir, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTime } from '../../clock.ts';
import type { Clock } from '../../clock.ts';
import { TroupeError } from '../../errors.ts';
import type { ArtifactId } from '../../ids.ts';
import { defaults } from '../../protocol/defaults.ts';
import { artifactRef } from '../../protocol/task.ts';
import type { ArtifactRef } from '../../protocol/task.ts';
import type { UploadMeta } from '../store.ts';
import type { Artifacts } from './artifacts.ts';
import { replaceFile, syncDirectory, writeAll } from './durable-file.ts';
import type { Layout } from './layout.ts';
import { messageOf, systemCode } from './system-error.ts';

/** Content that was uploaded before the unit that will refer to it. */
export class Uploads {
  readonly #layout: Layout;
  readonly #artifacts: Artifacts;
  readonly #clock: Clock;
  readonly #refs = new Map<ArtifactId, ArtifactRef>();
  /** By units in flight. */
  readonly #claimed = new Set<ArtifactId>();

  constructor(layout: Layout, artifacts: Artifacts, clock: Clock) {
    this.#layout = layout;
    this.#artifacts = artifacts;
    this.#clock = clock;
  }

  /** Takes in the uploads that an earlier process stored; what `isClaimed` is forgotten. */
  async restore(isClaimed: (id: ArtifactId) => boolean, onProblem: (line: string) => void): Promise<void> {
    for (const name of await readdir(this.#layout.uploads)) {
      const file = join(this.#layout.uploads, name);
      try {
        const ref = artifactRef.parse(JSON.parse(await readFile(file, 'utf8')));
        this.#refs.set(ref.id, ref);
        if (isClaimed(ref.id)) await this.forget(ref.id);
      } catch (error) {
        onProblem(`uploads/${name} can't be read (${messageOf(error)}) and is left where it is`);
      }
    }
  }

  /** Stores the content and then a note of it; both are durable when it resolves. UPLOAD_MISMATCH for another hash. */
  async put(meta: UploadMeta, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ArtifactRef> {
    const { sha256, ...rest } = meta;
    const temporary = this.#layout.temporary(meta.id);
    const handle = await open(temporary, 'w');
    this.#artifacts.pin(sha256);
    try {
      const { bytes, hash } = await receive(handle, content);
      await handle.close();
      if (hash !== sha256) throw new TroupeError('UPLOAD_MISMATCH', `the content hashes to ${hash}, not to ${sha256}`);
      const ref: ArtifactRef = { ...rest, taskId: null, bytes, sha256, createdAt: formatTime(this.#clock.now()) };
      await this.#artifacts.adopt(sha256, temporary);
      await replaceFile(this.#noteOf(ref.id), this.#layout.temporary(`${ref.id}.note`), Buffer.from(`${JSON.stringify(ref)}\n`));
      await syncDirectory(this.#layout.uploads);
      this.#refs.set(ref.id, ref);
      return ref;
    } catch (error) {
      await handle.close().catch(() => {});
      await rm(temporary, { force: true });
      if (systemCode(error) === null) throw error;
      throw new TroupeError('STORE_UNAVAILABLE', `the upload could not be stored: ${messageOf(error)}`);
    } finally {
      this.#artifacts.unpin(sha256);
    }
  }

  /** An upload that is not yet claimed and not older than an hour. */
  get(id: ArtifactId): ArtifactRef | null {
    const ref = this.#refs.get(id);
    return ref === undefined || this.#isOver(ref) ? null : ref;
  }

  holds(sha256: string): boolean {
    for (const ref of this.#refs.values()) if (ref.sha256 === sha256) return true;
    return false;
  }

  /** Keeps the uploads for the unit that claims them, all or none; answers the first that can't be claimed, else null. */
  claim(ids: readonly ArtifactId[]): ArtifactId | null {
    const missing = ids.find((id) => this.#claimed.has(id) || this.get(id) === null);
    if (missing !== undefined) return missing;
    for (const id of ids) this.#claimed.add(id);
    return null;
  }

  /** The unit that claimed it will not be committed. */
  release(id: ArtifactId): void {
    this.#claimed.delete(id);
  }

  /** The unit that claimed it is committed. A note that a crash leaves behind is recognised at the next start. */
  async forget(id: ArtifactId): Promise<void> {
    this.#claimed.delete(id);
    if (this.#refs.delete(id)) await this.removeNotes([id]);
  }

  /** Lets go of what waited for more than an hour; its notes are removed when its content is gone. */
  expire(): readonly ArtifactId[] {
    const over = [...this.#refs.values()].filter((ref) => this.#isOver(ref) && !this.#claimed.has(ref.id));
    for (const { id, sha256 } of over) {
      this.#refs.delete(id);
      this.#artifacts.mayErase(sha256);
    }
    return over.map(({ id }) => id);
  }

  async removeNotes(ids: readonly ArtifactId[]): Promise<void> {
    for (const id of ids) await rm(this.#noteOf(id), { force: true });
  }

  #isOver({ createdAt }: ArtifactRef): boolean {
    return Date.parse(createdAt) + defaults.uploadMs <= this.#clock.now();
  }

  #noteOf(id: ArtifactId): string {
    return join(this.#layout.uploads, `${id}.json`);
  }
}

async function receive(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ readonly bytes: number; readonly hash: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    await writeAll(handle, chunk, bytes);
    bytes += chunk.length;
  }
  await handle.sync();
  return { bytes, hash: hash.digest('hex') };
}
