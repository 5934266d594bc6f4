import { beforeAll, describe, expect, test } from 'vitest';
import type { FailStep } from '../../src/persistence/lowdb/fail-point.ts';
import { openStore, temporaryDirectory } from '../support/data-directory.ts';
import { startChild } from '../support/child.ts';
import { compile } from '../support/compile.ts';
import { randomFrom } from '../support/random.ts';
import { acknowledgedIn, faultsOf, workOf } from './lowdb-work.ts';

let program = '';
beforeAll(async () => {
  program = await compile('test/crash/lowdb-child.ts');
});

/** Opens what a killed process left, twice, with a commit in between. */
async function faultsAfter(directory: string, lines: readonly string[]): Promise<readonly string[]> {
  const acknowledged = acknowledgedIn(lines);
  // Six more may have been on their way.
  const trees = Math.max(-1, ...acknowledged.keys()) + 7;
  const store = await openStore(directory);
  const faults = [...(await faultsOf(store, acknowledged, trees)), ...store.health().problems];
  const { units } = workOf(trees);
  await store.commit(units);
  acknowledged.set(trees, units.length);
  await store.close();
  const again = await openStore(directory);
  faults.push(...(await faultsOf(again, acknowledged, trees + 1)));
  await again.close();
  return faults;
}

const steps: readonly (readonly [FailStep, number])[] = [
  ['written', 9],
  ['synced', 9],
  ['rotated', 1],
  ['artifacts-synced', 2],
  ['archive-written', 1],
  ['checkpoint-written', 2],
  ['checkpoint-synced', 1],
  ['renamed', 1],
  ['directory-synced', 2],
  ['removed', 1],
];

describe('a process that is killed loses nothing that it acknowledged and tears no unit', () => {
  test.each(steps)('at %s, hit %i', async (step, hit) => {
    const directory = await temporaryDirectory();
    const child = startChild(program, directory, step, String(hit));
    expect(await child.ended).toBe('SIGKILL');
    expect(await faultsAfter(directory, child.lines)).toEqual([]);
  });

  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  test(`after a random number of acknowledgements, again and again (SEED=${seed})`, async () => {
    const random = randomFrom(seed);
    for (let round = 0; round < 4; round++) {
      const directory = await temporaryDirectory();
      const wanted = 1 + Math.floor(random() * 50);
      const child = startChild(program, directory);
      await child.line((line) => line.startsWith('ack') && child.lines.length >= wanted);
      child.process.kill('SIGKILL');
      expect(await child.ended).toBe('SIGKILL');
      expect(await faultsAfter(directory, child.lines)).toEqual([]);
    }
  });
});

test('a second process on the directory is told who has it, and the first goes on', async () => {
  const directory = await temporaryDirectory();
  const child = startChild(program, directory, 'never', '1', '40');
  await child.line((line) => line === 'open');
  await expect(openStore(directory)).rejects.toMatchObject({ name: 'LockedError', pid: child.process.pid });
  expect(await child.ended).toBe(0);
  // Killed or closed, the lock is free at once.
  const store = await openStore(directory);
  expect(await faultsOf(store, acknowledgedIn(child.lines), 40)).toEqual([]);
});
