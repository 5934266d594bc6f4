import type { ArtifactRef } from '../protocol/task.ts';
import type { SessionStatus, Status } from '../protocol/values.ts';
import type { Entry } from './resident/row.ts';
import type { Store } from './store.ts';

/** All that a store holds, read through its port: to be put into another one, and to be compared with it. */

const pageItems = 500;
const pageBytes = 1_048_576;
const historyItems = 1_000;
const taskStatuses: readonly Status[] = ['pending', 'in_progress', 'blocked', 'completed', 'failed', 'cancelled', 'archived'];
const sessionStatuses: readonly SessionStatus[] = ['active', 'paused', 'completed', 'archived'];

/** Sessions, then tasks, oldest first, some at a time. Nobody may change the store meanwhile. */
export async function* entriesOf(store: Store): AsyncIterable<readonly Entry[]> {
  for (let cursor: string | undefined, more = true; more;) {
    const page = await store.sessions({ filter: { status: sessionStatuses }, limit: pageItems, cursor });
    yield await Promise.all(page.items.map(async ({ record }) => ({ record, history: await historyOf(store, record.id) })));
    cursor = page.next ?? undefined;
    more = page.next !== null;
  }
  for (let cursor: string | undefined, more = true; more;) {
    const page = await store.list({ filter: { status: [...taskStatuses] }, sort: 'created', limit: pageItems, cursor });
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

/** The whole content of an artifact, page by page. */
export async function* contentOf(store: Store, { id, bytes }: ArtifactRef): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < bytes; offset += pageBytes) yield await store.readArtifact(id, { offset, length: pageBytes });
}
