import { beforeAll, expect, test } from 'vitest';
import { buildCommand } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { soak } from './soak.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

test(`a few seconds of mixed load and a kill: nothing is refused, left out of the stream or lost (SEED=${seed})`, async () => {
  const directory = await temporaryDirectory();
  const env = { TROUPE_CHECKPOINT_BYTES: '2000000' };
  const { periods, refusals, streamFaults, lost } = await soak({
    command,
    directory,
    seconds: 3,
    seed,
    share: 0.5,
    periods: 1,
    keep: 5,
    env,
  });
  expect(Object.fromEntries(refusals)).toEqual({});
  expect(streamFaults).toEqual([]);
  expect(lost).toEqual([]);
  expect(periods.reduce((sum, { checkpoints }) => sum + checkpoints, 0)).toBeGreaterThan(0);
});
