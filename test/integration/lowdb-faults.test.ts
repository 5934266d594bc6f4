import { expect, test } from 'vitest';
import { TroupeError } from '../../src/errors.ts';
import { faultsOf, workOf } from '../crash/lowdb-work.ts';
import { copyOf, openStore, temporaryDirectory } from '../support/data-directory.ts';
import type { OpenStore } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';

/** Commits each unit of a tree, however often the store has to be asked. */
async function persist(store: OpenStore, n: number, acknowledged: Map<number, number>): Promise<void> {
  for (const [index, unit] of workOf(n).units.entries()) {
    while (acknowledged.get(n) !== index + 1) {
      try {
        const [outcome] = await store.commit([unit]);
        // Rejected means unknown, and nothing was known to be committed: the unit must not be there yet.
        if (outcome?.status !== 'ok') throw new Error(`tree ${n}, unit ${index + 1}: ${JSON.stringify(outcome)}`);
        acknowledged.set(n, index + 1);
      } catch (error) {
        if (!(error instanceof TroupeError) || !error.retryable) throw error;
        await store.checkpoint().catch(() => {});
      }
    }
  }
}

const lanes = 5;
const trees = 40;
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

test(
  `whatever fails, nothing acknowledged is lost, no unit is torn, and service and disk agree (SEED=${seed})`,
  { timeout: 60_000 },
  async () => {
    const random = randomFrom(seed);
    const directory = await temporaryDirectory();
    const acknowledged = new Map<number, number>();
    const crashes: { readonly step: string; readonly directory: string; readonly acknowledged: ReadonlyMap<number, number> }[] = [];
    let isFaulty = true;
    const store = await openStore(directory, {
      checkpointBytes: 60_000,
      async failPoint(step) {
        if (!isFaulty || random() > 0.08) return;
        if (crashes.length < 10) {
          const before = new Map(acknowledged);
          crashes.push({ step, directory: await copyOf(directory), acknowledged: before });
        }
        throw new Error(`no ${step}`);
      },
    });
    let next = 0;
    const lane = async () => {
      while (next < trees) await persist(store, next++, acknowledged);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    isFaulty = false;
    expect(await faultsOf(store, acknowledged, trees)).toEqual([]);
    await store.checkpoint();
    crashes.push({ step: 'the end', directory: await copyOf(directory), acknowledged });
    expect(store.health()).toEqual({ writable: true, problems: [], quarantined: 0 });

    for (const crash of crashes) {
      const found = await openStore(crash.directory);
      expect(await faultsOf(found, crash.acknowledged, trees), `a crash at ${crash.step}`).toEqual([]);
      await found.close();
    }
  },
);
