import { beforeAll, expect, test } from 'vitest';
import { makeTasks } from './make.ts';
import { buildPrograms, insides } from './many.ts';
import type { Programs } from './many.ts';

let programs: Programs;
beforeAll(async () => {
  programs = await buildPrograms();
});

// What a request costs among many tasks is counted in steps by work-per-command.test.ts, and timed in test/soak.
test('5,000 tasks: one at rest takes not much more memory than its JSON', async () => {
  const { heapRatio } = await insides(programs, await makeTasks(programs.make, 5_000, 1), 5_000);
  // The window of events is in it, which is as large whatever the store is.
  expect(heapRatio).toBeLessThan(5);
});
