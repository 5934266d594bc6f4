import { createHash } from 'node:crypto';
import { formatTime } from '../../clock.ts';
import type { Clock } from '../../clock.ts';
import { TroupeError } from '../../errors.ts';
import type { ArtifactId } from '../../ids.ts';
import { defaults } from '../../protocol/defaults.ts';
import type { ArtifactRef } from '../../protocol/task.ts';
import type { Tables } from '../resident/tables.ts';
import type { ArtifactContent, UploadMeta } from '../store.ts';

/** The bytes of artifacts by their hash, and the uploads that no unit claimed yet. */
export interface Artifacts {
  put(meta: UploadMeta, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ArtifactRef>;
  find(id: ArtifactId): ArtifactRef | null;
  /** A copy of the bytes. ARTIFACT_NOT_FOUND when there is none. */
  read(id: ArtifactId, offset: number, length: number): Uint8Array;
  /** Keeps the uploads for the unit that claims them, all or none; answers the first that can't be claimed, else null. */
  claim(ids: readonly ArtifactId[]): ArtifactId | null;
  /** The unit that brought or claimed these is committed. */
  keep(artifacts: readonly ArtifactContent[]): void;
  /** Forgets the bytes that nothing references any more. */
  release(refs: readonly ArtifactRef[]): void;
  clear(): void;
}

interface Upload {
  readonly ref: ArtifactRef;
  readonly expiresAt: number;
  readonly claimed: boolean;
}

export function createArtifacts(clock: Clock, tables: Tables): Artifacts {
  const contents = new Map<string, Uint8Array>();
  const uploads = new Map<ArtifactId, Upload>();

  function release(refs: Iterable<ArtifactRef>): void {
    const held = new Set([...uploads.values()].map(({ ref }) => ref.sha256));
    for (const { sha256 } of refs) if (!held.has(sha256) && !tables.isArtifactReferenced(sha256)) contents.delete(sha256);
  }

  function expire(): void {
    const expired = [...uploads.values()].filter(({ claimed, expiresAt }) => !claimed && expiresAt <= clock.now()).map(({ ref }) => ref);
    for (const { id } of expired) uploads.delete(id);
    release(expired);
  }

  function find(id: ArtifactId): ArtifactRef | null {
    expire();
    return tables.artifact(id) ?? uploads.get(id)?.ref ?? null;
  }

  return {
    async put({ sha256: expected, ...meta }, content) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      if (sha256 !== expected) throw new TroupeError('UPLOAD_MISMATCH', `the upload hashes to ${sha256}, not ${expected}`);
      expire();
      const now = clock.now();
      const ref: ArtifactRef = { ...meta, taskId: null, bytes: bytes.length, sha256, createdAt: formatTime(now) };
      contents.set(sha256, bytes);
      uploads.set(meta.id, { ref, expiresAt: now + defaults.uploadMs, claimed: false });
      return ref;
    },
    find,
    read(id, offset, length) {
      const ref = find(id);
      const bytes = ref === null ? undefined : contents.get(ref.sha256);
      if (bytes === undefined) throw new TroupeError('ARTIFACT_NOT_FOUND', `there is no artifact ${id}`);
      return Uint8Array.from(bytes.subarray(offset, offset + length));
    },
    claim(ids) {
      expire();
      const missing = ids.find((id) => uploads.get(id)?.claimed !== false);
      if (missing !== undefined) return missing;
      for (const id of ids) {
        const upload = uploads.get(id);
        if (upload !== undefined) uploads.set(id, { ...upload, claimed: true });
      }
      return null;
    },
    keep(artifacts) {
      for (const { ref, content } of artifacts) {
        if (content === null) uploads.delete(ref.id);
        else contents.set(ref.sha256, content);
      }
    },
    release,
    clear() {
      contents.clear();
      uploads.clear();
    },
  };
}
