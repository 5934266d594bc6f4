import { beforeAll, expect, test } from 'vitest';
import { makeTasks } from '../load/make.ts';
import { buildPrograms, insides, latencyRatios, startRatio } from '../load/many.ts';
import type { Programs } from '../load/many.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

let programs: Programs;
beforeAll(async () => {
  programs = await buildPrograms();
});

const tasks = Number(process.env['TASKS'] ?? 100_000);

test(`${tasks} tasks (TASKS): the start, the memory, the stalls of a checkpoint and what is asked, each beside its measure`, async () => {
  const few = await makeTasks(programs.make, 1_000, 1);
  const many = await makeTasks(programs.make, tasks, 1);
  const toParse = await startRatio(programs, await temporaryDirectory(), many, 3);
  console.log(`start to JSON.parse: ${toParse.toFixed(2)} (goal 1.5)`);
  const ratios = await latencyRatios(programs.command, few, many, 200);
  const { heapRatio, stalls } = await insides(programs, many, tasks);
  console.log(
    `memory to JSON: ${heapRatio.toFixed(2)} (goal 2.5); stalls p99 ${stalls.first.p99.toFixed(1)}, ${stalls.later.p99.toFixed(1)} ms (goal 20)`,
  );
  expect(toParse).toBeLessThan(6);
  expect(heapRatio).toBeLessThan(3);
  // A command that searches nothing must not depend on how many tasks there are.
  for (const kind of ['task.create', 'task.edit', 'task.get', 'task.next', 'task.ready', 'list by time'])
    expect({ kind, ratio: ratios[kind] }).toMatchObject({ ratio: expect.toSatisfy((ratio: number) => ratio < 20) });
  expect(stalls.first.p99 / stalls.quiet.p99).toBeLessThan(50);
  expect(stalls.later.p99 / stalls.quiet.p99).toBeLessThan(50);
});
