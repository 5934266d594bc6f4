import { afterEach, expect, it, vi } from 'vitest';
import type { Database } from '../../src/persistence/postgres/database.ts';
import { Health } from '../../src/persistence/postgres/health.ts';

afterEach(() => void vi.useRealTimers());

it('a database that does not answer is away, until it answers', async () => {
  vi.useFakeTimers();
  let answer: (() => void) | null = null;
  let silent = false;
  const query: Database['query'] = () => (silent ? new Promise((resolve) => (answer = () => resolve([]))) : Promise.resolve([]));
  const database: Database = { query, transaction: (work) => work(query), listen: async () => {}, close: async () => {} };
  const health = await Health.open(database, 'troupe');
  health.watch(() => null);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(health.read()).toMatchObject({ writable: true, problems: [] });
  silent = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(health.read()).toMatchObject({ writable: false, problems: [expect.stringMatching(/no answer for \d+ s/)] });
  silent = false;
  answer!();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(health.read()).toMatchObject({ writable: true, problems: [] });
  await health.close();
});
