import type { Row } from './row.ts';

/** Where a task stands, as people say it. */
export const lanes = ['ready', 'waiting', 'running', 'done', 'failed'] as const;
export type Lane = (typeof lanes)[number];

export const laneTitles: Readonly<Record<Lane, string>> = {
  ready: 'Ready',
  waiting: 'Waiting or blocked',
  running: 'In progress',
  done: 'Done',
  failed: 'Failed',
};

export function laneOf({ status, ready }: Pick<Row, 'status' | 'ready'>): Lane {
  if (status === 'in_progress') return 'running';
  if (status === 'failed') return 'failed';
  if (status === 'completed' || status === 'cancelled' || status === 'archived') return 'done';
  return ready ? 'ready' : 'waiting';
}
