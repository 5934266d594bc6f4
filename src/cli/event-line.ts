import { clip, inLine, widthOf } from './columns.ts';
import type { Screen } from './output.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The members of an event's data that say the most, best first. */
const telling = ['title', 'summary', 'answer', 'question', 'reason', 'error', 'message', 'text', 'note', 'holder'] as const;

/** One line for an event: when, of what, what became of it, and by whom. */
export function eventLine(event: Fields, screen: Screen, name = ''): string {
  const data = isFields(event['data']) ? event['data'] : {};
  const { from, status, ready } = data;
  const state = textOf(status);
  const moved = typeof from === 'string' ? `${from} → ${state}` : ready === true ? `${state}, ready` : state;
  const words = [textOf(event['type']).padEnd(24), moved.padEnd(24), detailOf(data), `by ${textOf(event['by'])}`];
  const line = inLine(`${textOf(event['time'])}  ${name}`).concat(
    '  ',
    words
      .filter((word) => word.trim() !== '')
      .map(kept)
      .join('  '),
  );
  return screen.columns === null || widthOf(line) <= screen.columns ? line : clip(line, screen.columns);
}

/** Blanks that align stay. */
const kept = (word: string): string => inLine(word).padEnd(word.length);

function detailOf(data: Fields): string {
  for (const member of telling) {
    const value = data[member];
    if (typeof value === 'string' && value !== '') return clip(inLine(value), 80);
    if (isFields(value) && typeof value['message'] === 'string') return clip(inLine(value['message']), 80);
  }
  return '';
}
