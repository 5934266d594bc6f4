import { afterEach, describe } from 'vitest';
import type { Store } from '../../src/persistence/store.ts';
import { describeArtifacts } from './store/artifacts.ts';
import { describeCommit } from './store/commit.ts';
import { describeCursors } from './store/cursors.ts';
import { describeHistory } from './store/history.ts';
import { describeIndexes } from './store/indexes.ts';
import { describeList } from './store/list.ts';
import { describeReopen } from './store/reopen.ts';
import { describeSessions } from './store/sessions.ts';
import { describeTail } from './store/tail.ts';

/** An empty store, and what the suite may do to it from outside. */
interface Opened {
  readonly store: Store;
  /** Closes the store and opens the same data again. Absent where nothing outlives the store, which then serialises nothing either. */
  readonly reopen?: () => Promise<Store>;
  /** Moves the store's clock forwards. Absent where the clock can't be moved. */
  readonly advance?: (ms: number) => void;
  /** Frees what the store leaves behind when it is closed. */
  readonly dispose?: () => Promise<void>;
}

/** Opens a store that is closed when the test ends. */
export type Open = () => Promise<Opened>;

/**
 * What every store promises. The suite runs over each implementation; tests that need `reopen` or `advance` are skipped without it.
 * Open the store with `windowEvents` of 16, so that the suite can fill the window.
 */
export function describeStore(name: string, open: Open): void {
  describe(`${name}: the store port`, () => {
    const cleanups: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    });

    const openForTest: Open = async () => {
      const opened = await open();
      let { store } = opened;
      const { reopen, dispose } = opened;
      if (dispose !== undefined) cleanups.push(dispose);
      cleanups.push(() => store.close());
      if (reopen === undefined) return opened;
      return { ...opened, reopen: async () => (store = await reopen()) };
    };

    describe('commit', () => {
      describeCommit(openForTest);
    });
    describe('history', () => {
      describeHistory(openForTest);
    });
    describe('leases, timers, counts', () => {
      describeIndexes(openForTest);
    });
    describe('list', () => {
      describeList(openForTest);
    });
    describe('cursors', () => {
      describeCursors(openForTest);
    });
    describe('artifacts', () => {
      describeArtifacts(openForTest);
    });
    describe('sessions', () => {
      describeSessions(openForTest);
    });
    describe('tail', () => {
      describeTail(openForTest);
    });
    describe('reopen', () => {
      describeReopen(openForTest);
    });
  });
}
