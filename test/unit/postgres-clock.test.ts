import { expect, it, onTestFinished, vi } from 'vitest';
import { DatabaseClock } from '../../src/persistence/postgres/clock.ts';
import type { Database } from '../../src/persistence/postgres/database.ts';

const refuse = () => Promise.reject(new Error('not asked for'));

it("the database's clock is asked again and again, goes on when it can't be, and never goes back", async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  let answer = (): Promise<number> => Promise.resolve(1_000_000);
  const database: Database = {
    query: async <R>() => [{ ms: await answer() } as R],
    transaction: refuse,
    listen: refuse,
    close: refuse,
  };
  const clock = await DatabaseClock.open(database);
  onTestFinished(() => clock.close());
  expect(clock.now()).toBe(1_000_000);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(clock.now()).toBe(1_029_000);
  answer = () => Promise.resolve(5_000_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(clock.now()).toBe(5_000_000);
  answer = () => Promise.reject(new Error('away'));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(clock.now()).toBe(5_030_000);
  answer = () => Promise.resolve(2_000_000);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(clock.now()).toBe(5_030_000);
  answer = () => Promise.resolve(5_030_001);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(clock.now()).toBe(5_030_001);
});
