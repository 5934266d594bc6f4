import sortedBtree from 'sorted-btree';
import type { ActorId, TaskId } from '../../ids.ts';

/** What tasks are put in order by, and what a cursor remembers of the last row it showed. Immutable. */
export interface Key {
  /** Milliseconds: of creation, of the last change, or of the deadline, as the order wants it. */
  readonly at: number;
  readonly priority: number;
  readonly rootId: TaskId;
  readonly position: number;
  readonly id: ActorId;
}

export type Compare<K = Key> = (a: K, b: K) => number;

/** Oldest first; of one moment, tree by tree in reading order. */
export const byTime: Compare = (a, b) => {
  if (a.at !== b.at) return a.at - b.at;
  if (a.rootId !== b.rootId) return a.rootId < b.rootId ? -1 : 1;
  if (a.position !== b.position) return a.position - b.position;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return 0;
};

/** Highest priority first, then as `byTime`. */
export const byPriority: Compare = (a, b) => (a.priority === b.priority ? byTime(a, b) : b.priority - a.priority);

/** Keys in order: adding, deleting and finding a place cost O(log n). */
export interface Order<K = Key> {
  readonly size: number;
  add(key: K): void;
  delete(key: K): void;
  /** Keys behind `after`, or all. The order must not change while they are read. */
  forwards(after: K | null): Iterable<K>;
  /** Keys before `after`, or all, the last one first. */
  backwards(after: K | null): Iterable<K>;
}

// The package is CommonJS: Node imports its `module.exports`, a test runner that honours `__esModule` the class itself.
const BTree = 'default' in sortedBtree ? sortedBtree.default : sortedBtree;

/** Keys per node; twice the library's default, since our keys are compared faster than a node is reached. */
const nodeSize = 64;

export function createOrder<K>(compare: Compare<K>): Order<K> {
  const tree = new BTree<K, undefined>(undefined, compare, nodeSize);
  return {
    get size() {
      return tree.size;
    },
    add: (key) => void tree.set(key, undefined),
    delete: (key) => void tree.delete(key),
    *forwards(after) {
      for (const key of tree.keys(after ?? undefined)) if (after === null || compare(key, after) !== 0) yield key;
    },
    *backwards(after) {
      for (const [key] of tree.entriesReversed(after ?? undefined, undefined, true)) yield key;
    },
  };
}
