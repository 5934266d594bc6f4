import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLowdbStore } from '../../src/persistence/lowdb/store.ts';
import type { LowdbOptions } from '../../src/persistence/lowdb/store.ts';
import { noon } from '../support/records.ts';
import { describeStore } from './store.ts';

async function openWith(rest: Partial<LowdbOptions>) {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-'));
  let now = noon;
  const options: LowdbOptions = { directory, clock: { now: () => now }, windowEvents: 16, ...rest };
  let store = await openLowdbStore(options);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openLowdbStore(options);
      return store;
    },
    advance: (ms: number) => void (now += ms),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
}

describeStore('lowdb store', () => openWith({}));
// Every batch outgrows the journal, so that everything also holds while checkpoints run.
describeStore('lowdb store that is always writing a checkpoint', () => openWith({ checkpointBytes: 1 }));
