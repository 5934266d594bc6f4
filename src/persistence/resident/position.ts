import type { Position } from '../store.ts';

/** The place in the log after its newest event. */
export interface Head {
  /** Of this data directory's log; a log that begins anew gets another. */
  readonly epoch: string;
  /** Events so far. */
  readonly seq: number;
  /** Checksum of the journal line that the newest event came with, eight hexadecimal digits. */
  readonly check: string;
}

export const noCheck = '00000000';

export const formatPosition = ({ epoch, seq, check }: Head): Position => `${epoch}:${seq}:${check}`;

const parts = /^(.+):(\d+):[^:]+$/;

/** Whether a position is before another one of the same log, by their events so far. */
export function precedes(position: Position, other: Position): boolean {
  const [, epoch, seq] = parts.exec(position) ?? [];
  const [, otherEpoch, otherSeq] = parts.exec(other) ?? [];
  return epoch !== undefined && epoch === otherEpoch && Number(seq) < Number(otherSeq);
}
