import type { ActorId, ArtifactId } from '../../ids.ts';
import type { ArtifactRef } from '../../protocol/task.ts';

/** Which task an artifact belongs to, and how often each content is referenced. */
export interface ArtifactIndex {
  owner(id: ArtifactId): ActorId | undefined;
  isReferenced(sha256: string): boolean;
  /** The task's references were `before` and are `after`. */
  move(owner: ActorId, before: readonly ArtifactRef[], after: readonly ArtifactRef[]): void;
}

export function createArtifactIndex(): ArtifactIndex {
  const owners = new Map<ArtifactId, ActorId>();
  const references = new Map<string, number>();

  function add({ id, sha256 }: ArtifactRef, owner: ActorId): void {
    owners.set(id, owner);
    references.set(sha256, (references.get(sha256) ?? 0) + 1);
  }

  function remove({ id, sha256 }: ArtifactRef, owner: ActorId): void {
    if (owners.get(id) === owner) owners.delete(id);
    const count = (references.get(sha256) ?? 0) - 1;
    if (count > 0) references.set(sha256, count);
    else references.delete(sha256);
  }

  return {
    owner: (id) => owners.get(id),
    isReferenced: (sha256) => references.has(sha256),
    move(owner, before, after) {
      if (before === after) return;
      // Work is appended: what both begin with is filed already.
      let same = 0;
      while (same < before.length && before[same]?.id === after[same]?.id && before[same]?.sha256 === after[same]?.sha256) same++;
      for (const ref of before.slice(same)) remove(ref, owner);
      for (const ref of after.slice(same)) add(ref, owner);
    },
  };
}
