import type { Position } from '../store.ts';

/** The place of an event: its transaction's number, then its number in the transaction. */
interface Place {
  readonly xid: string;
  readonly n: number;
  readonly check: string;
}

export interface Positions {
  /** Before the first event. */
  readonly none: Position;
  format(place: Place): Position;
}

export const positionsOf = (epoch: string): Positions => ({
  none: `${epoch}:0.0:-`,
  format: ({ xid, n, check }) => `${epoch}:${xid}.${n}:${check}`,
});

const parts = /^(.+):(\d+)\.(\d+):[^:]+$/;

/** Whether a position is before another one of the same log. */
export function precedes(position: Position, other: Position): boolean {
  const [, epoch, xid = '', n] = parts.exec(position) ?? [];
  const [, otherEpoch, otherXid = '', otherN] = parts.exec(other) ?? [];
  if (epoch === undefined || epoch !== otherEpoch) return false;
  const [a, b] = [BigInt(xid), BigInt(otherXid)];
  return a === b ? Number(n) < Number(otherN) : a < b;
}
