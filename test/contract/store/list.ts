import { expect, it } from 'vitest';
import type { ListQuery, Store } from '../../../src/persistence/store.ts';
import { summaryOf } from '../../../src/machines/readings.ts';
import type { Sort } from '../../../src/protocol/task.ts';
import { newTask, nextTask, noon, taskId, unitOf } from '../../support/records.ts';
import type { Change } from '../../support/records.ts';
import type { Open } from '../store.ts';

const session = `s_${'0'.repeat(26)}` as const;
const tree = (parent: number, position: number) => ({ rootId: taskId(1), parentId: taskId(parent), depth: 1, position });
const waiting = {
  dependsOn: [{ id: taskId(3), kind: 'completion', mandatory: true, status: 'waiting', waived: false, direct: true, via: [] }],
} as const;

/** A tree of four (1 with 2, 3 and 4 below) and five roots. Made in the order 1, 3, 2, 4 (by place), 5 to 9. */
const tasks: readonly Change[] = [
  { spec: { title: 'Paint it Blue', priority: 9 }, context: { children: { open: 3, completed: 0, failed: 0, cancelled: 0 } } },
  {
    spec: { ...tree(1, 2), title: 'Write code', priority: 5, tags: ['code', 'Urgent'], type: 'implementation', specialist: 'implementer' },
  },
  { spec: { ...tree(1, 1), title: 'Design', priority: 1, complexity: 'complex', tags: ['paper'] } },
  { spec: { ...tree(2, 3), title: 'Test', priority: 9 }, context: waiting },
  { status: 'in_progress', spec: { createdAt: noon + 5, title: 'Straße', project: 'other', externalId: 'JIRA-1' } },
  { status: 'completed', spec: { createdAt: noon + 6 }, context: { result: { summary: 'The ΟΔΟΣ was paved', filePaths: [] } } },
  { status: 'archived', spec: { createdAt: noon + 7, externalId: 'JIRA-1' } },
  { spec: { createdAt: noon + 8, priority: 10, sessionId: session, tags: ['code'] } },
  { status: 'blocked', spec: { createdAt: noon + 9, project: 'third' }, updatedAt: noon + 100 },
];

async function fill(store: Store): Promise<void> {
  const records = tasks.map((change, index) => newTask(taskId(index + 1), change));
  await store.commit([...records.slice(0, 4).toReversed(), ...records.slice(4)].map((record) => unitOf([record])));
}

const numberOf = new Map(tasks.map((_, index) => [taskId(index + 1), index + 1]));

async function numbers(store: Store, filter: ListQuery['filter'], rest: Partial<ListQuery> = {}): Promise<readonly (number | undefined)[]> {
  const { items } = await store.list({ filter, sort: 'created', limit: 100, ...rest });
  return items.map(({ id }) => numberOf.get(id));
}

const filters: readonly [string, ListQuery['filter'], readonly number[]][] = [
  ['nothing: all but archived', {}, [1, 3, 2, 4, 5, 6, 8, 9]],
  ['includeArchived', { includeArchived: true }, [1, 3, 2, 4, 5, 6, 7, 8, 9]],
  ['status', { status: ['in_progress', 'blocked'] }, [5, 9]],
  ['a status that names archived', { status: ['archived', 'completed'] }, [6, 7]],
  ['a status named twice', { status: ['blocked', 'blocked'] }, [9]],
  ['includeArchived and a status that does not name it', { status: ['completed'], includeArchived: true }, [6]],
  ['ids, in the order of the list', { ids: [taskId(9), taskId(1), taskId(9), taskId(3)] }, [1, 3, 9]],
  ['ids of which some are archived or not there', { ids: [taskId(7), taskId(99), taskId(5)] }, [5]],
  ['ids with archived', { ids: [taskId(7), taskId(5)], includeArchived: true }, [5, 7]],
  ['more ids than the tree has tasks', { ids: [1, 2, 5, 6, 8, 9].map(taskId), rootId: taskId(1) }, [1, 2]],
  ['ids and more', { ids: [taskId(1), taskId(2), taskId(5)], rootId: taskId(1), tags: ['code'] }, [2]],
  ['type', { type: ['implementation', 'review'] }, [2]],
  ['specialist', { specialist: ['implementer'] }, [2]],
  ['complexity', { complexity: ['complex', 'trivial'] }, [3]],
  ['tags: every one of them', { tags: ['code', 'Urgent'] }, [2]],
  ['tags', { tags: ['code'] }, [2, 8]],
  ['project', { project: 'other' }, [5]],
  ['rootId', { rootId: taskId(1) }, [1, 3, 2, 4]],
  ['rootId of none', { rootId: taskId(99) }, []],
  ['parentId', { parentId: taskId(1) }, [3, 2]],
  ['rootId and parentId', { rootId: taskId(1), parentId: taskId(2) }, [4]],
  ['sessionId', { sessionId: session }, [8]],
  ['externalId', { externalId: 'JIRA-1' }, [5]],
  ['externalId with archived', { externalId: 'JIRA-1', includeArchived: true }, [5, 7]],
  ['ready', { ready: true }, [3, 2, 8]],
  ['not ready', { ready: false }, [1, 4, 5, 6, 9]],
  ['ready in a tree', { ready: true, rootId: taskId(1) }, [3, 2]],
  ['text in the title, whatever its case', { text: 'BLUE' }, [1]],
  ['text in a tag', { text: 'urg' }, [2]],
  ['text in the summary, folded to a final sigma', { text: 'οδος' }, [6]],
  ['text, folded to ss', { text: 'STRASSE' }, [5]],
  ['text, half of what is folded to ss', { text: 'straS' }, [5]],
  ['text that would be a pattern', { text: '.*' }, []],
  ['text that is nowhere', { text: 'nowhere' }, []],
  ['createdAfter', { createdAfter: noon + 6 }, [8, 9]],
  ['createdBefore', { createdBefore: noon + 5 }, [1, 3, 2, 4]],
  ['updatedAfter', { updatedAfter: noon + 8 }, [9]],
  ['several at once', { status: ['pending'], tags: ['code'], createdAfter: noon }, [8]],
];

const sorts: readonly [Sort, ListQuery['filter'], readonly number[]][] = [
  ['created', {}, [1, 3, 2, 4, 5, 6, 8, 9]],
  ['-created', {}, [9, 8, 6, 5, 4, 2, 3, 1]],
  ['updated', {}, [3, 2, 4, 5, 6, 8, 9, 1]],
  ['-updated', {}, [1, 9, 8, 6, 5, 4, 2, 3]],
  ['next', {}, [8, 1, 4, 2, 5, 6, 9, 3]],
  ['next', { ready: true }, [8, 2, 3]],
  ['next', { rootId: taskId(1) }, [1, 4, 2, 3]],
  ['-created', { ready: true }, [8, 2, 3]],
  ['-updated', { rootId: taskId(1) }, [1, 4, 2, 3]],
];

export function describeList(open: Open): void {
  it.each(filters)('filters by %s', async (_, filter, expected) => {
    const { store } = await open();
    await fill(store);
    expect(await numbers(store, filter)).toEqual(expected);
    expect((await store.list({ filter, sort: 'created', limit: 0, count: true })).total).toBe(expected.length);
  });

  it.each(sorts)('sorts by %s with %o', async (sort, filter, expected) => {
    const { store } = await open();
    await fill(store);
    await store.commit([unitOf([nextTask(newTask(taskId(1), tasks[0]), { updatedAt: noon + 1_000 })])]);
    expect(await numbers(store, filter, { sort })).toEqual(expected);
  });

  it('shows only the projects that the caller may see', async () => {
    const { store } = await open();
    await fill(store);
    expect(await numbers(store, {}, { projects: ['other', 'third'] })).toEqual([5, 9]);
    expect(await numbers(store, { project: 'third' }, { projects: ['other'] })).toEqual([]);
    expect(await numbers(store, {}, { projects: [] })).toEqual([]);
    expect((await store.list({ filter: {}, sort: 'next', limit: 0, count: true, projects: ['other'] })).total).toBe(1);
  });

  it('counts without listing, and lists without counting', async () => {
    const { store } = await open();
    await fill(store);
    const root = { rootId: taskId(1) };
    expect(await store.list({ filter: root, sort: 'created', limit: 0, count: true })).toEqual({ items: [], next: null, total: 4 });
    expect(await store.list({ filter: { ...root, includeArchived: true }, sort: 'created', limit: 0, count: true })).toMatchObject({
      total: 4,
    });
    expect(await store.list({ filter: root, sort: 'created', limit: 2, count: true })).toMatchObject({ total: 4 });
    expect(await store.list({ filter: root, sort: 'created', limit: 2 })).not.toHaveProperty('total');
  });

  it('answers with the summary of the newest revision', async () => {
    const { store } = await open();
    const first = newTask(taskId(1));
    const second = nextTask(first, { status: 'in_progress', spec: { title: 'Renamed', priority: 7 } });
    await store.commit([unitOf([first]), unitOf([second])]);
    const { items } = await store.list({ filter: { text: 'renamed' }, sort: 'created', limit: 10 });
    expect(items).toEqual([summaryOf(taskId(1), 2, second.snapshot, false)]);
    expect(await store.list({ filter: { text: 'importer' }, sort: 'created', limit: 10 })).toMatchObject({ items: [] });
  });

  it('files a task anew when its priority or its external id changes', async () => {
    const { store } = await open();
    const [one, two] = [newTask(taskId(1), { spec: { priority: 3 } }), newTask(taskId(2), { spec: { externalId: 'X' } })];
    await store.commit([unitOf([one, two])]);
    expect(await numbers(store, { ready: true }, { sort: 'next' })).toEqual([2, 1]);
    await store.commit([
      unitOf([nextTask(one, { spec: { priority: 8, externalId: 'X' } }), nextTask(two, { spec: { externalId: null } })]),
    ]);
    expect(await numbers(store, { ready: true }, { sort: 'next' })).toEqual([1, 2]);
    expect(await numbers(store, { externalId: 'X' })).toEqual([1]);
  });
}
