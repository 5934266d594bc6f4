import { sessionStatuses, statuses } from '../protocol/values.ts';
import type { Entry } from './resident/row.ts';
import type { Store } from './store.ts';

/** All that a store holds, read through its port: to be put into another one, and to be compared with it. */

const pageItems = 500;
const historyItems = 1_000;

/** Sessions, then tasks, oldest first, some at a time. Nobody may change the store meanwhile. */
export async function* entriesOf(store: Store): AsyncIterable<readonly Entry[]> {
  for (let cursor: string | undefined, more = true; more;) {
    const page = await store.sessions({ filter: { status: sessionStatuses }, limit: pageItems, cursor });
    yield await Promise.all(page.items.map(async ({ record }) => ({ record, history: await historyOf(store, record.id) })));
    cursor = page.next ?? undefined;
    more = page.next !== null;
  }
  for (let cursor: string | undefined, more = true; more;) {
    const page = await store.list({ filter: { status: [...statuses] }, sort: 'created', limit: pageItems, cursor });
    const ids = page.items.map(({ id }) => id);
    const records = await store.load(ids);
    const found = ids.flatMap((id) => records.get(id) ?? []);
    yield await Promise.all(found.map(async (record) => ({ record, history: await historyOf(store, record.id) })));
    cursor = page.next ?? undefined;
    more = page.next !== null;
  }
}

const historyOf = async (store: Store, id: Entry['record']['id']): Promise<Entry['history']> =>
  (await store.history(id, { limit: historyItems })).items;
