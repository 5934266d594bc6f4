import { beforeAll, expect, test } from 'vitest';
import { soak } from '../load/soak.ts';
import { median } from '../load/times.ts';
import { buildCommand } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const seconds = Number(process.env['SOAK_SECONDS'] ?? 600);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const periods = Math.max(6, Math.round(seconds / 60));

test(`${seconds} s of mixed load at half of the capacity, then a kill: nothing grows, nothing is lost (SEED=${seed}, SOAK_SECONDS)`, async () => {
  const directory = await temporaryDirectory();
  // So that there are many checkpoints even on a slow machine.
  const env = { TROUPE_CHECKPOINT_BYTES: '8000000' };
  const soaked = await soak({ command, directory, seconds, seed, share: 0.5, periods, keep: 300, env });
  expect(Object.fromEntries(soaked.refusals)).toEqual({});
  expect(soaked.streamFaults).toEqual([]);
  expect(soaked.lost).toEqual([]);

  const third = Math.floor(periods / 3);
  const middle = soaked.periods.slice(-2 * third, -third);
  const last = soaked.periods.slice(-third);
  const ratioOf = (member: 'rss' | 'heap' | 'p99') =>
    median(last.map((period) => period[member])) / median(middle.map((period) => period[member]));
  console.log(
    `last third to middle third: RSS ${ratioOf('rss').toFixed(2)}, heap ${ratioOf('heap').toFixed(2)}, p99 ${ratioOf('p99').toFixed(2)}`,
  );
  expect(ratioOf('rss')).toBeLessThan(1.5);
  expect(ratioOf('heap')).toBeLessThan(1.6);
  expect(ratioOf('p99')).toBeLessThan(10);
  expect(soaked.periods.reduce((sum, { checkpoints }) => sum + checkpoints, 0)).toBeGreaterThan(2);
  expect(Math.max(...soaked.periods.map(({ packs }) => packs))).toBeLessThan(100);
});
