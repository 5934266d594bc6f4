import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServiceUnderTest } from './service-under-test.ts';
import { steps } from './steps.ts';

/**
 * Small trees, many commands, and after each of them the service must agree with the reference in everything.
 * `TROUPE_MODEL_RUNS` for more than the 150 runs of a test, `TROUPE_MODEL_SEED` and `TROUPE_MODEL_PATH` to see one run again.
 */
const numRuns = Number(process.env['TROUPE_MODEL_RUNS'] ?? 150);
const seed = Number(process.env['TROUPE_MODEL_SEED'] ?? Date.now() % 2 ** 31);
const path = process.env['TROUPE_MODEL_PATH'] || undefined;

test(`a tree of tasks does what the reference says (seed ${seed})`, { timeout: 60_000 + numRuns * 2_000 }, async () => {
  console.log(`model runs: seed ${seed}, ${numRuns} runs`);
  let done = 0;
  const run = fc.asyncProperty(
    fc.constantFrom(1, 3, 10_000),
    fc.commands(steps, { maxCommands: 60, size: 'max' }),
    async (residentLimit, commands) => {
      const now = Date.UTC(2026, 0, 1);
      const real = await ServiceUnderTest.start(now, residentLimit);
      try {
        await fc.asyncModelRun(() => ({ model: { world: { now, ticked: true, tasks: new Map() }, names: 0 }, real }), commands);
      } finally {
        await real.close();
        for (const l of real.trace) {
          const k =
            (l.match(/"act":"(\w+)"/)?.[1] ?? 'restart') + ' ' + l.split(' ').at(-1) + (l.startsWith('{') ? '' : ' ' + l.slice(0, 5));
          (globalThis as any).st ??= {};
          (globalThis as any).st[k] = ((globalThis as any).st[k] ?? 0) + 1;
        }
      }
      done += 1;
    },
  );
  await fc.assert(run, { seed, numRuns, ...(path === undefined ? {} : { path }) });
  console.log(
    Object.entries((globalThis as any).st)
      .sort()
      .map(([a, b]) => a + ': ' + b)
      .join('\n'),
  );
  expect(done).toBeGreaterThanOrEqual(path === undefined ? numRuns : 1);
});
