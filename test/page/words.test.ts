import { expect, test } from 'vitest';
import { countText, eventText, spanText } from '../../src/dashboard/words.ts';

test.each([
  [-5, '0 s'],
  [59_000, '59 s'],
  [60_000, '1 min'],
  [3_599_000, '59 min'],
  [3_600_000, '1 h'],
  [47 * 3_600_000, '47 h'],
  [48 * 3_600_000, '2 d'],
])('a span of %i ms is told as %s', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

test('counts and events are told in words', () => {
  expect([countText(1, 'task'), countText(2, 'task'), countText(2, 'child', 'children')]).toEqual(['1 task', '2 tasks', '2 children']);
  expect([eventText('task.retry_scheduled'), eventText('dependency.added')]).toEqual(['retry scheduled', 'dependency added']);
});
