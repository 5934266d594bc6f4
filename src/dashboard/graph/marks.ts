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

/** About how wide a character is, in halves of a wide one. */
const widthOf = (character: string): number => (/[\u1100-\u{10ffff}]/u.test(character) ? 2 : 1);

/** A text on so many lines, each about `width` narrow characters; what is left over ends in an ellipsis. */
export function onLines(text: string, width: number, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const end = (): void => {
    lines.push(line.trim());
    line = '';
    used = 0;
  };
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const length = [...word].reduce((sum, character) => sum + widthOf(character), 0);
    if (used > 0 && used + 1 + length > width) end();
    if (lines.length >= most) break;
    if (used > 0) {
      line += ' ';
      used += 1;
    }
    for (const character of word) {
      if (used + widthOf(character) > width) {
        end();
        if (lines.length >= most) break;
      }
      line += character;
      used += widthOf(character);
    }
    if (lines.length >= most) break;
  }
  if (line !== '' && lines.length < most) end();
  const shown = lines.slice(0, most);
  const last = shown.at(-1);
  const isWhole = shown.join('').replaceAll(/\s/g, '').length === text.replaceAll(/\s/g, '').length;
  if (!isWhole && last !== undefined) shown[shown.length - 1] = `${[...last].slice(0, Math.max(1, width - 1)).join('')}…`;
  return shown;
}
