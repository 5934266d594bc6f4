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
  const isTerminal = screen.columns !== null;
  const type = textOf(event['type']).padEnd(isTerminal ? 16 : 24);
  const words = [type, moved.padEnd(isTerminal ? 21 : 24), detailOf(data), `by ${textOf(event['by'])}`];
  const time = textOf(event['time']);
  const line = inLine(`${isTerminal ? shortTime(time) : time}  ${name}`).concat(
    '  ',
    words
      .filter((word) => word.trim() !== '')
      .map(kept)
      .join('  '),
  );
  return screen.columns === null || widthOf(line) <= screen.columns ? line : clip(line, screen.columns);
}

/** For people: what nobody asks for at a terminal is the year, the milliseconds and the zone. */
function shortTime(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
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
