import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startProgress } from '../../src/cli/progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream of so many columns; null is no terminal. */
function stream(columns: number | null) {
  const written: string[] = [];
  const fake = { isTTY: columns !== null, columns: columns ?? 0, write: (text: string) => written.push(text) > 0 };
  return { written, fake: fake as unknown as NodeJS.WriteStream };
}

test('nothing is shown of what is short', () => {
  const { written, fake } = stream(80);
  const progress = startProgress({}, fake);
  vi.advanceTimersByTime(499);
  progress.at('making tasks', 9, 10);
  progress.end();
  expect(written).toEqual([]);
});

test('what is long is one line, written anew at most ten times a second, and taken away at the end', () => {
  const { written, fake } = stream(80);
  const progress = startProgress({}, fake);
  for (let done = 0; done < 1_000; done += 1) {
    progress.at('making tasks', done, 1_000);
    vi.advanceTimersByTime(1);
  }
  expect(written.length).toBeGreaterThan(2);
  expect(written.length).toBeLessThanOrEqual(6);
  expect(written[0]).toBe(`\rmaking tasks 500 of 1000 [${'#'.repeat(15)}${' '.repeat(15)}]\u001B[K`);
  progress.end();
  progress.at('making tasks', 1_000, 1_000);
  expect(written.at(-1)).toBe('\r\u001B[K');
});

test.each([40, 60, 80, 120])('the line fits into %i columns', (columns) => {
  const { written, fake } = stream(columns);
  const progress = startProgress({}, fake);
  vi.advanceTimersByTime(600);
  progress.at('looking up tasks', 123_456, 999_999);
  vi.advanceTimersByTime(600);
  progress.at('reading tasks', 123_456);
  for (const line of written) expect(line.replace('\r', '').replace('\u001B[K', '').length).toBeLessThan(columns);
  expect(written).toHaveLength(2);
});

test.each([
  ['that is no terminal', null, {}],
  ['with --json', 80, { json: true }],
] as const)('nothing is written to a stream %s', (_, columns, options) => {
  const { written, fake } = stream(columns);
  const progress = startProgress(options, fake);
  vi.advanceTimersByTime(5_000);
  progress.at('copying files', 1, 2);
  progress.end();
  expect(written).toEqual([]);
});
