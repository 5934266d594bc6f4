import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ActorId } from '../../src/ids.ts';
import type { TaskRecord, Store } from '../../src/persistence/store.ts';
import { copyOf, createGate, openStore, temporaryDirectory } from '../support/data-directory.ts';
import type { OpenStore } from '../support/data-directory.ts';
import { artifactId, artifactRef, deepFreeze, newTask, nextTask, taskId, unitOf, writeOf } from '../support/records.ts';

const ok = { status: 'ok' };
const [root, child, live] = [taskId(1), taskId(2), taskId(3)];
const content = Buffer.from('the work');
const work = artifactRef(artifactId(1), child, content);
const file = join('archive', `${root}.json`);
const whole = { offset: 0, length: 100 };

const finished = newTask(root, { status: 'completed' });
const below = newTask(child, {
  status: 'completed',
  spec: { rootId: root, parentId: root, depth: 1, project: 'other' },
  context: { artifacts: [work] },
});
const archived = { root: nextTask(finished, { status: 'archived' }), child: nextTask(below, { status: 'archived' }) };

/** A tree of two that is archived, and a task that is not. */
async function archive(store: OpenStore): Promise<void> {
  await store.commit([unitOf([finished, below], { artifacts: [{ ref: work, content }] }), unitOf([newTask(live)])]);
  await store.commit([unitOf([archived.root, archived.child])]);
}

const idsInMemory = async (directory: string): Promise<string[]> => {
  const { actors }: { actors: { record: TaskRecord }[] } = JSON.parse(await readFile(join(directory, 'db.json'), 'utf8'));
  return actors.map(({ record }) => record.id);
};

async function readingsOf(store: Store) {
  const list = (filter: object) => store.list({ filter, sort: 'created', limit: 10, count: true });
  return {
    records: [...(await store.load([root, child, live])).values()],
    lists: await Promise.all(
      [
        {},
        { includeArchived: true },
        { status: ['archived'] },
        { rootId: root, includeArchived: true },
        { rootId: root },
        { ids: [child, live], includeArchived: true },
      ].map(list),
    ),
    pages: await store.list({ filter: { includeArchived: true }, sort: 'created', limit: 1 }),
    counts: await store.counts(),
    histories: await Promise.all([root, child].map((id) => store.history(id, { limit: 1 }))),
    artifact: await store.artifact(work.id),
    bytes: Buffer.from(await store.readArtifact(work.id, whole)).toString(),
  };
}

test('a tree that is archived leaves memory with the next checkpoint, and is read as before', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  await archive(store);
  const before = await readingsOf(store);
  expect(before.lists.map(({ total }) => total)).toEqual([1, 3, 2, 2, 0, 2]);
  await store.checkpoint();
  expect(await idsInMemory(directory)).toEqual([live]);
  expect(await readingsOf(store)).toEqual(before);
  const lines = (await readFile(join(directory, 'db.json'), 'utf8')).split('\n');
  const line = JSON.stringify({
    root,
    file,
    records: [
      [root, 2],
      [child, 2],
    ],
    artifacts: [[work.id, work.sha256]],
  });
  expect(lines).toContain(line);
  await store.checkpoint();
  const again = await openStore(await copyOf(directory));
  expect(await readingsOf(again)).toEqual(before);
  // Its ids stay taken.
  expect(await again.commit([unitOf([newTask(taskId(9))], { checks: [{ id: root, rev: 2 }] })])).toMatchObject([ok]);
  expect(await again.commit([unitOf([newTask(root)])])).toMatchObject([{ status: 'conflict', ids: [root] }]);
});

test('a tree with a task that is not archived stays', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  await store.commit([unitOf([finished, below], { artifacts: [{ ref: work, content }] })]);
  await store.commit([unitOf([archived.root])]);
  await store.checkpoint();
  expect((await idsInMemory(directory)).toSorted()).toEqual([root, child]);
});

const deleted = nextTask(archived.child, { status: 'archived', spec: { title: 'deleted' }, context: { artifacts: [] } });
const deletion = unitOf([writeOf(deleted, 'task.deleted')]);

const typesOf = async (store: Store, id: ActorId) => (await store.history(id, { limit: 10 })).items.map(({ type }) => type);

const deletionIn = async (store: Store) => ({
  records: [...(await store.load([root, child])).values()],
  histories: [await typesOf(store, root), await typesOf(store, child)],
  artifact: await store.artifact(work.id),
  archived: (await store.counts()).byStatus.archived,
});
const afterDeletion = {
  records: [archived.root, deleted],
  histories: [['task.created', 'task.archived'], ['task.deleted']],
  artifact: null,
  archived: 2,
};

test('an archived task can be written to, and its tree is archived again', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  await archive(store);
  await store.checkpoint();
  // Commands that come behind it may be built on it, also those that have nothing to do with the tree.
  const next = nextTask(newTask(live));
  const outcomes = await Promise.all([
    store.commit([unitOf([writeOf(deleted, 'task.deleted'), next])]),
    store.commit([unitOf([nextTask(next)])]),
    store.commit([unitOf([writeOf(nextTask(deleted), 'task.noted')])]),
  ]);
  expect(outcomes).toMatchObject([[ok], [ok], [ok]]);
  expect((await store.load([child])).get(child)?.rev).toBe(4);
  await store.checkpoint();
  expect(await idsInMemory(directory)).toEqual([live]);
  for (const reading of [store, await openStore(await copyOf(directory))]) {
    expect((await reading.load([child])).get(child)?.rev).toBe(4);
    expect(await typesOf(reading, child)).toEqual(['task.deleted', 'task.noted']);
  }
});

test.each(['rotated', 'archive-written', 'renamed', 'removed'] as const)(
  'what was written to an archived task is there once after a crash at %s',
  async (crash) => {
    const directory = await temporaryDirectory();
    let copy: Promise<string> | undefined;
    let isSecond = false;
    const store = await openStore(directory, {
      failPoint: async (step) => {
        if (isSecond && step === crash) await (copy ??= copyOf(directory));
      },
    });
    await archive(store);
    await store.checkpoint();
    await store.commit([deletion]);
    isSecond = true;
    expect(await deletionIn(await openStore(await copyOf(directory)))).toEqual(afterDeletion);
    await store.checkpoint();
    expect(await deletionIn(store)).toEqual(afterDeletion);
    expect(await deletionIn(await openStore((await copy) ?? ''))).toEqual(afterDeletion);
  },
);

test('a tree that is written to while its checkpoint runs stays in memory', async () => {
  const directory = await temporaryDirectory();
  const gate = createGate();
  const store = await openStore(directory, { failPoint: (step) => (step === 'checkpoint-written' ? gate.pass() : undefined) });
  await archive(store);
  const checkpoint = store.checkpoint();
  await gate.reached;
  expect(await store.commit([deletion])).toMatchObject([ok]);
  gate.open();
  await checkpoint;
  expect(await deletionIn(store)).toEqual(afterDeletion);
  expect(await deletionIn(await openStore(await copyOf(directory)))).toEqual(afterDeletion);
  await store.checkpoint();
  expect(await deletionIn(await openStore(await copyOf(directory)))).toEqual(afterDeletion);
});

test('an archived tree that is damaged fails what asks for it, and nothing else', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  await archive(store);
  await store.close();
  const bytes = await readFile(join(directory, file));
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(join(directory, file), bytes);
  const again = await openStore(directory);
  await expect(again.load([root])).rejects.toMatchObject({ reason: 'UNREADABLE', message: expect.stringContaining(file) });
  await expect(again.commit([deletion])).rejects.toMatchObject({ reason: 'UNREADABLE' });
  expect(await again.commit([unitOf([nextTask(newTask(live))])])).toMatchObject([ok]);
  await again.close();
  await rm(join(directory, file));
  const missing = await openStore(directory);
  expect(missing.health().problems).toEqual([expect.stringContaining(`${file} is missing`)]);
});

test('the children of a task are looked for in no tree but its own', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  await archive(store);
  await store.commit([unitOf([newTask(taskId(4), { spec: { rootId: live, parentId: live, depth: 1 } })])]);
  await store.checkpoint();
  const childrenOf = async (from: Store, parentId: typeof live) =>
    (await from.list({ filter: { parentId, includeArchived: true }, sort: 'created', limit: 10 })).items.map(({ id }) => id);
  expect(await childrenOf(store, root)).toEqual([child]);
  // To read every archived tree for them would cost the more, the more there are, and find this.
  await store.close();
  await writeFile(join(directory, file), 'damaged');
  expect(await childrenOf(await openStore(directory), live)).toEqual([taskId(4)]);
});

test('a record in an archived tree that can’t be taken in is kept when the tree is written anew', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  const strange = (record: TaskRecord): TaskRecord => deepFreeze({ ...record, machine: { id: 'task', version: 99 } });
  await store.commit([unitOf([finished, strange(below)], { artifacts: [{ ref: work, content }] })]);
  await store.commit([unitOf([archived.root, strange(archived.child)])]);
  await store.close();
  const again = await openStore(directory);
  expect([...(await again.load([root, child])).keys()]).toEqual([root]);
  expect(again.health().problems).toEqual([expect.stringContaining(`${child} can't be taken in`)]);
  expect(await again.commit([unitOf([writeOf(nextTask(archived.root), 'task.noted')])])).toMatchObject([ok]);
  await again.checkpoint();
  expect(await idsInMemory(directory)).toEqual([child]);
  for (const reading of [again, await openStore(await copyOf(directory))]) {
    expect([...(await reading.load([root, child])).keys()]).toEqual([root]);
    expect(await reading.commit([unitOf([newTask(child)])])).toMatchObject([{ status: 'conflict', ids: [child] }]);
  }
});

test('a tree that leaves memory while the archive is read is in the list all the same', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  const cold = (n: number) => newTask(taskId(n), { status: 'archived' });
  await store.commit(Array.from({ length: 40 }, (_, n) => unitOf([cold(n)])));
  await store.checkpoint();
  await store.commit(Array.from({ length: 40 }, (_, n) => unitOf([cold(100 + n)])));
  const seen = new Set<number>();
  const reader = async () => {
    for (let reads = 0; reads < 20; reads++) {
      const { items } = await store.list({ filter: { includeArchived: true }, sort: 'created', limit: 1000 });
      seen.add(items.length);
    }
  };
  await Promise.all([store.checkpoint(), ...Array.from({ length: 4 }, reader)]);
  expect([...seen]).toEqual([80]);
});
