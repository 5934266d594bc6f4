import { expect, it } from 'vitest';
import type { ListQuery, Store } from '../../../src/persistence/store.ts';
import type { TaskId } from '../../../src/ids.ts';
import { sorts } from '../../../src/protocol/task.ts';
import { newTask, nextTask, noon, taskId, unitOf } from '../../support/records.ts';
import type { Open } from '../store.ts';

const records = Array.from({ length: 23 }, (_, n) =>
  newTask(taskId(n), {
    status: n % 5 === 4 ? 'in_progress' : 'pending',
    updatedAt: noon + ((n * 7) % 11),
    spec: { createdAt: noon + Math.trunc(n / 3), priority: 1 + ((n * 3) % 10), rootId: taskId(n - (n % 4)), position: n % 4 },
  }),
);

async function filled(open: Open): Promise<Store> {
  const { store } = await open();
  await store.commit(records.map((record) => unitOf([record])));
  return store;
}

async function pages(store: Store, query: Omit<ListQuery, 'cursor'>): Promise<TaskId[][]> {
  const all: TaskId[][] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ ...query, cursor });
    all.push(page.items.map(({ id }) => id));
    cursor = page.next ?? undefined;
    if (all.length > 100) throw new Error('the pages have no end');
  } while (cursor !== undefined);
  return all;
}

const refused = { reason: 'INVALID_PARAMS', details: { issues: [{ path: 'cursor' }] } };

export function describeCursors(open: Open): void {
  it.each(sorts.flatMap((sort) => [[sort, undefined] as const, [sort, true] as const]))(
    'pages by %s (ready: %s): every row once, in order, full pages',
    async (sort, ready) => {
      const store = await filled(open);
      const filter = { ready };
      const whole = (await store.list({ filter, sort, limit: 100 })).items.map(({ id }) => id);
      expect(whole).toHaveLength(ready === true ? 19 : 23);
      for (const limit of [1, 4, 19, 22, 23, 24]) {
        const paged = await pages(store, { filter, sort, limit });
        expect(paged.flat()).toEqual(whole);
        expect(paged.slice(0, -1).every(({ length }) => length === limit)).toBe(true);
        expect(paged.at(-1)?.length).toBeGreaterThan(0);
      }
    },
  );

  it.each([{}, { rootId: taskId(0) }])('goes on where it was when rows came, went and changed: %o', async (filter) => {
    const store = await filled(open);
    // Four in the tree: the cursor stands behind the second, which goes; the first changes; one comes before it, one behind it.
    const before = await store.list({ filter, sort: 'created', limit: 100 });
    const page = await store.list({ filter, sort: 'created', limit: 2 });
    const [first, second] = records;
    if (first === undefined || second === undefined) throw new Error('there are two');
    const spec = { rootId: taskId(0), parentId: taskId(0) };
    await store.commit([
      unitOf([nextTask(second, { status: 'archived' }), nextTask(first, { updatedAt: noon + 9_999 })]),
      unitOf([newTask(taskId(101), { spec: { ...spec, createdAt: noon - 1 } })]),
      unitOf([newTask(taskId(102), { spec: { ...spec, createdAt: noon + 9_999 } })]),
    ]);
    const rest = await store.list({ filter, sort: 'created', limit: 100, cursor: page.next ?? '' });
    expect(rest.items.map(({ id }) => id)).toEqual([...before.items.slice(2).map(({ id }) => id), taskId(102)]);
  });

  it('shows a row that was updated behind the cursor again, and misses none', async () => {
    const store = await filled(open);
    const whole = (await store.list({ filter: {}, sort: 'updated', limit: 100 })).items.map(({ id }) => id);
    const page = await store.list({ filter: {}, sort: 'updated', limit: 5 });
    const last = records.find(({ id }) => id === page.items.at(-1)?.id);
    if (last === undefined) throw new Error('the page has a last row');
    await store.commit([unitOf([nextTask(last, { updatedAt: noon + 9_999 })])]);
    const rest = await store.list({ filter: {}, sort: 'updated', limit: 100, cursor: page.next ?? '' });
    expect(rest.items.map(({ id }) => id)).toEqual([...whole.slice(5), last.id]);
  });

  it('pages what is ready while it is being claimed', async () => {
    const store = await filled(open);
    const query = { filter: { ready: true }, sort: 'next' } as const;
    const whole = (await store.list({ ...query, limit: 100 })).items.map(({ id }) => id);
    const page = await store.list({ ...query, limit: 3 });
    const claimed = records.filter(({ id }) => whole.slice(2, 5).some((other) => other === id));
    await store.commit([unitOf(claimed.map((record) => nextTask(record, { status: 'in_progress' })))]);
    const rest = await store.list({ ...query, limit: 100, cursor: page.next ?? '' });
    expect(rest.items.map(({ id }) => id)).toEqual(whole.slice(5));
  });

  it('has no next page at the end, exactly', async () => {
    const store = await filled(open);
    expect((await store.list({ filter: {}, sort: 'created', limit: 23 })).next).toBeNull();
    expect((await store.list({ filter: {}, sort: 'created', limit: 22 })).next).not.toBeNull();
    expect((await store.list({ filter: { rootId: taskId(0) }, sort: 'created', limit: 4 })).next).toBeNull();
  });

  it('refuses a cursor of another order, and one that is broken', async () => {
    const store = await filled(open);
    const { next } = await store.list({ filter: {}, sort: 'created', limit: 2 });
    if (next === null) throw new Error('there is a second page');
    const list = (sort: ListQuery['sort'], cursor: string) => store.list({ filter: {}, sort, limit: 2, cursor });
    await expect(list('-created', next)).rejects.toMatchObject(refused);
    await expect(list('next', next)).rejects.toMatchObject(refused);
    for (const broken of ['', 'x', next.slice(0, -9), `${next}${next}`, Buffer.from('{"a":1}').toString('base64url')]) {
      await expect(list('created', broken)).rejects.toMatchObject(refused);
    }
    const { next: revision } = await store.history(taskId(0), { limit: 0 });
    expect(revision).toBeNull();
    expect(next).toMatch(/^[\w-]{1,500}$/);
  });
}
