import type { ActorId, LeaseId } from '../../ids.ts';

/** Which task holds, or last held, a lease. Knows the newest leases only: a claim is sent again soon or never. */
export interface LeaseIndex {
  add(lease: LeaseId, id: ActorId): void;
  get(lease: LeaseId): ActorId | null;
}

/**
 * Two generations, of which the older is dropped whole: a map that is trimmed from its front pays for every hole it left there.
 * @param capacity how many of the newest leases are remembered at least; 50,000 by default
 */
export function createLeaseIndex(capacity = 50_000): LeaseIndex {
  let newer = new Map<LeaseId, ActorId>();
  let older = newer;
  return {
    add(lease, id) {
      if (newer.size >= capacity) {
        older = newer;
        newer = new Map();
      }
      newer.set(lease, id);
    },
    get: (lease) => newer.get(lease) ?? older.get(lease) ?? null,
  };
}
