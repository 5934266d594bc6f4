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

/** A text on at most so many lines that are no wider than that; what does not fit ends in an ellipsis. */
export function onLines(text: string, width: number, most: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  let rest = text.replaceAll(/\s+/g, ' ').trim();
  while (rest !== '' && lines.length < most) {
    const isLast = lines.length === most - 1;
    if (measure(rest) <= width) {
      lines.push(rest);
      break;
    }
    const characters = [...rest];
    let [fits, over] = [1, characters.length];
    while (over - fits > 1) {
      const middle = Math.floor((fits + over) / 2);
      if (measure(`${characters.slice(0, middle).join('')}${isLast ? '…' : ''}`) <= width) fits = middle;
      else over = middle;
    }
    const line = characters.slice(0, fits).join('');
    const space = rest[line.length] === ' ' ? line.length : line.lastIndexOf(' ');
    const end = isLast || space <= 0 ? line.length : space;
    lines.push(isLast ? `${line.trimEnd()}…` : rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return lines;
}
