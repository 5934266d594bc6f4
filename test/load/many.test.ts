import { beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/data-directory.ts';
import { makeTasks } from './make.ts';
import { buildPrograms, insides, latencyRatios, startRatio } from './many.ts';
import type { Programs } from './many.ts';

let programs: Programs;
beforeAll(async () => {
  programs = await buildPrograms();
});

test('5,000 tasks: what is asked does not cost much more than among 500, and a task at rest not much more than its JSON', async () => {
  const [few, many] = await Promise.all([makeTasks(programs.make, 500, 1), makeTasks(programs.make, 5_000, 1)]);
  const { heapRatio } = await insides(programs, many, 5_000);
  // The window of events is in it, which is as large whatever the store is.
  expect(heapRatio).toBeLessThan(5);
  expect(await startRatio(programs, await temporaryDirectory(), many, 1)).toBeLessThan(50);
  const ratios = await latencyRatios(programs.command, few, many, 20);
  expect(Math.max(...Object.values(ratios))).toBeLessThan(100);
});
