import { laneOf } from '../lanes.ts';
import { asks } from '../row.ts';
import type { Row } from '../row.ts';

/** How a task's state is shown where there is little room: a sign beside the colour, and a word for who does not see either. */
export interface Mark {
  readonly lane: 'ready' | 'waiting' | 'running' | 'done' | 'failed' | 'question' | 'blocked' | 'cancelled';
  readonly sign: string;
  readonly word: string;
}

export const marks: readonly Mark[] = [
  { lane: 'ready', sign: '○', word: 'ready' },
  { lane: 'waiting', sign: '⋯', word: 'waiting' },
  { lane: 'blocked', sign: '‖', word: 'blocked' },
  { lane: 'question', sign: '?', word: 'asks a person' },
  { lane: 'running', sign: '▸', word: 'in progress' },
  { lane: 'done', sign: '✓', word: 'done' },
  { lane: 'cancelled', sign: '–', word: 'cancelled' },
  { lane: 'failed', sign: '✕', word: 'failed' },
];

const markOfLane = new Map(marks.map((mark) => [mark.lane, mark]));
const unknown: Mark = { lane: 'waiting', sign: ' ', word: 'not held' };

export function markOf(row: Pick<Row, 'status' | 'ready' | 'blocked'> | undefined): Mark {
  if (row === undefined) return unknown;
  const lane = laneOf(row);
  const finer = asks(row) ? 'question' : row.status === 'blocked' || row.status === 'cancelled' ? row.status : lane;
  return markOfLane.get(finer) ?? unknown;
}
