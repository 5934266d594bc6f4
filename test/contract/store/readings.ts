import type { Store } from '../../../src/persistence/store.ts';

/** The store as it is, and twice as it is read again: from the journal, and from the checkpoint of a close. */
export async function* readings(store: Store, reopen: (() => Promise<Store>) | undefined): AsyncIterable<Store> {
  yield store;
  if (reopen === undefined) return;
  yield await reopen();
  yield await reopen();
}
