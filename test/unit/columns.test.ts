import { expect, test } from 'vitest';
import { clip, table, widthOf } from '../../src/cli/columns.ts';
import type { Screen } from '../../src/cli/output.ts';

const rows = [
  { id: 'one', title: 'Boil water' },
  { id: 'three', title: '水を沸かす、それから注ぐ' },
  { id: 'five', title: 'A family 👨‍👩‍👧 and é and\u001B[2J' },
];
const columns = [
  { name: 'ID', of: ({ id }: { id: string }) => id, paint: ({ paint }: Screen, text: string) => paint('green', text) },
  { name: 'TITLE', of: ({ title }: { title: string }) => title },
];
const plain = (width: number | null): Screen => ({ columns: width, paint: (_style, text) => text });

test('a table has headings and fits on a terminal; elsewhere nothing is left out', () => {
  const shown = table(rows, columns, plain(40));
  expect(shown[0]).toBe('ID     TITLE');
  expect(table(rows, columns, plain(24))[2]).toBe('three  水を沸かす、それ…');
  for (const line of table(rows, columns, plain(24))) expect(widthOf(line)).toBeLessThanOrEqual(24);
  expect(table(rows, columns, plain(null))[1]).toBe('three  水を沸かす、それから注ぐ');
});

test('colour takes no columns, and signs that steer are replaced', () => {
  const painted = table(rows, columns, { columns: 60, paint: (style, text) => `<${style}>${text}</>` });
  expect(painted[1]).toBe('<green>one</>    Boil water');
  expect(painted[3]).toContain('\uFFFD[2J');
});

test.each([
  ['a', 1],
  ['水', 2],
  ['e\u0301', 1],
  ['👍🏽', 2],
  ['👨‍👩‍👧', 2],
  ['ﾊ', 1],
])('%s takes %i columns', (text, width) => {
  expect(widthOf(text)).toBe(width);
  expect(widthOf(clip(text.repeat(20), 11))).toBeLessThanOrEqual(11);
});
