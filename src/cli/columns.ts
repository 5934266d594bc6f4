import type { Screen, Style } from './output.ts';

/** Text as a terminal shows it. What agents wrote must neither move the cursor nor turn the direction of reading. */

const ascii = /^[ -~]*$/;

/** Looked at one by one: expressions with classes of Unicode take longer to make than a list to print. */
const isHarmful = (code: number): boolean =>
  code < 0x20 ||
  (code >= 0x7f && code < 0xa0) ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069) ||
  code === 0xfeff;

function harmless(text: string): string {
  if (ascii.test(text)) return text;
  return Array.from(text, (sign) => (isHarmful(sign.codePointAt(0) ?? 0) ? '\uFFFD' : sign)).join('');
}

/** In one line. */
export const inLine = (text: string): string => harmless(text.replaceAll(/\s+/g, ' ')).trim();

/** With its lines kept. */
export const inLines = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => harmless(line.replaceAll('\t', '  ')))
    .join('\n');

type Ranges = readonly (readonly [from: number, to: number])[];

/** What takes two columns (Unicode, East Asian Width W and F, and pictures), and what takes none. */
const wide: Ranges = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
const marks: Ranges = [
  [0x300, 0x36f],
  [0x1ab0, 0x1aff],
  [0x200b, 0x200f],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0x1f3fb, 0x1f3ff],
  [0xe0100, 0xe01ef],
];
const isIn = (ranges: Ranges, code: number): boolean => ranges.some(([from, to]) => code >= from && code <= to);

const joiner = '\u200D';

/** The signs of a text with the columns that each takes; what is joined to the one before takes none. */
function* signsOf(text: string): Generator<readonly [sign: string, columns: number]> {
  let before = '';
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    yield [sign, before === joiner || isIn(marks, code) ? 0 : isIn(wide, code) ? 2 : 1];
    before = sign;
  }
}

/** How many columns the text takes. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let sum = 0;
  for (const [, columns] of signsOf(text)) sum += columns;
  return sum;
}

/** At most so many columns; what is cut ends in "…". */
export function clip(text: string, most: number): string {
  if (widthOf(text) <= most) return text;
  let kept = '';
  let left = most - 1;
  for (const [sign, columns] of signsOf(text)) {
    left -= columns;
    if (left < 0) break;
    kept += sign;
  }
  return `${kept}…`;
}

export interface Column<T> {
  readonly name: string;
  readonly of: (row: T) => string;
  /** On a terminal, where a long value costs more than it tells. */
  readonly short?: (row: T) => string;
  readonly paint?: (screen: Screen, text: string, row: T) => string;
  /** Left out on a terminal with fewer columns, where others say more. */
  readonly least?: number;
}

const gap = '  ';

/** One line for each row. On a terminal with names above and the last column cut to what is left; else nothing is left out. */
export function table<T>(rows: readonly T[], all: readonly Column<T>[], screen: Screen): string[] {
  if (rows.length === 0) return [];
  const isTerminal = screen.columns !== null;
  const columns = all.filter(({ least = 0 }) => screen.columns === null || screen.columns >= least);
  const cells = rows.map((row) => columns.map(({ of, short }) => inLine(isTerminal ? (short ?? of)(row) : of(row))));
  const names = columns.map(({ name }) => name);
  const widths = names.map((name, at) => Math.max(isTerminal ? name.length : 0, ...cells.map((row) => widthOf(row[at] ?? ''))));
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + gap.length, 0);
  const room = isTerminal ? Math.max(10, screen.columns - before) : Number.POSITIVE_INFINITY;
  const lineOf = (row: readonly string[], paint: (text: string, at: number) => string): string =>
    row
      .map((cell, at) => {
        if (at === last) return paint(clip(cell, room), at);
        return `${paint(cell, at)}${' '.repeat((widths[at] ?? 0) - widthOf(cell))}`;
      })
      .join(gap)
      .trimEnd();
  const body = cells.map((row, n) =>
    lineOf(row, (text, at) => {
      const [paint, shown] = [columns[at]?.paint, rows[n]];
      return paint === undefined || shown === undefined ? text : paint(screen, text, shown);
    }),
  );
  return isTerminal ? [lineOf(names, (text) => screen.paint('dim', text)), ...body] : body;
}

const narrowest = 20;

/** In lines of so many columns, broken between words; a word that is longer stays whole. Null breaks nothing. */
function wrapped(text: string, width: number | null): string[] {
  if (width === null || widthOf(text) <= width) return [text];
  const room = Math.max(narrowest, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > room) {
      lines.push(line);
      line = word;
    } else line = line === '' && lines.length > 0 ? word : `${line}${line === '' ? '' : ' '}${word}`;
  }
  return [...lines, line];
}

/** A name with its value; one without a value is left out. */
export type Pair = readonly [name: string, value: string | null, style?: Style];

/** Names and values below each other; a value of several lines stands below its name. */
export function pairs(rows: readonly Pair[], { columns, paint }: Screen): string[] {
  const shown = rows.flatMap(([name, value, style]) => (value === null || value === '' ? [] : [{ name, value, style }]));
  const width = Math.max(...shown.map(({ name }) => name.length));
  return shown.flatMap(({ name, value, style }) => {
    if (!value.includes('\n')) {
      const lines = wrapped(inLine(value), columns === null ? null : columns - width - gap.length);
      return lines.map((text, n) => {
        const before = n === 0 ? paint('dim', name.padEnd(width)) : ' '.repeat(width);
        return `${before}${gap}${style === undefined ? text : paint(style, text)}`;
      });
    }
    return [
      paint('dim', name),
      ...inLines(value)
        .split('\n')
        .flatMap((line) => wrapped(line, columns === null ? null : columns - gap.length))
        .map((line) => `${gap}${line}`.trimEnd()),
    ];
  });
}
