import { laneOf } from '../lanes.ts';
import { asks } from '../row.ts';
import type { Row } from '../row.ts';

/** The state of a task as one word and one sign, so that no colour is needed to read it. */
export interface State {
  readonly word: string;
  readonly sign: string;
  /** What wants a look first has the lowest. */
  readonly rank: number;
}

const states = {
  asks: { word: 'asks a person', sign: '?', rank: 0 },
  failed: { word: 'failed', sign: '✗', rank: 1 },
  running: { word: 'in progress', sign: '◐', rank: 2 },
  ready: { word: 'ready', sign: '○', rank: 3 },
  blocked: { word: 'blocked', sign: '‖', rank: 4 },
  waiting: { word: 'waiting', sign: '…', rank: 5 },
  completed: { word: 'done', sign: '✓', rank: 6 },
  cancelled: { word: 'cancelled', sign: '⊘', rank: 7 },
  archived: { word: 'archived', sign: '▣', rank: 8 },
} as const satisfies Record<string, State>;

export function stateOf(row: Pick<Row, 'status' | 'ready' | 'blocked'>): State {
  const { status } = row;
  if (asks(row)) return states.asks;
  if (status === 'blocked' || status === 'cancelled' || status === 'archived' || status === 'completed') return states[status];
  const lane = laneOf(row);
  return states[lane === 'done' ? 'completed' : lane];
}
