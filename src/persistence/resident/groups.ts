import type { ActorId } from '../../ids.ts';

/** Ids filed under a key: the tasks of a tree, the children of a parent. */
export interface Groups {
  get(key: string): ReadonlySet<ActorId>;
  /** Takes the id from one group to another; null is no group. */
  move(id: ActorId, from: string | null, to: string | null): void;
}

const none: ReadonlySet<ActorId> = new Set();

export function createGroups(): Groups {
  const groups = new Map<string, Set<ActorId>>();

  function add(id: ActorId, key: string): void {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, new Set([id]));
    else group.add(id);
  }

  function remove(id: ActorId, key: string): void {
    const group = groups.get(key);
    group?.delete(id);
    if (group?.size === 0) groups.delete(key);
  }

  return {
    get: (key) => groups.get(key) ?? none,
    move(id, from, to) {
      if (from === to) return;
      if (from !== null) remove(id, from);
      if (to !== null) add(id, to);
    },
  };
}
