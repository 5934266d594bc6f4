import { expect, it } from 'vitest';
import type { Store } from '../../../src/persistence/store.ts';
import { artifactId, artifactRef, leaseId, newTask, nextTask, noon, taskId, unitOf, writeOf } from '../../support/records.ts';
import type { Open } from '../store.ts';
import { follow } from './follow.ts';

const [a, b, c, d] = [taskId(1), taskId(2), taskId(3), taskId(4)];
const content = new TextEncoder().encode('the work');
const work = artifactRef(artifactId(1), b, content);
const lease = { id: leaseId(1), holder: 'agent/1', expiresAt: noon + 60_000, lengthMs: 60_000, expired: false };

/** A tree with a running child and one that brought work, a root that is archived, and one that is deleted. */
async function fill(store: Store): Promise<void> {
  const below = { rootId: a, parentId: a, depth: 1 };
  const root = newTask(a, { context: { children: { open: 2, completed: 0, failed: 0, cancelled: 0 } } });
  const child = newTask(b, { spec: { ...below, position: 1, project: 'other' }, context: { artifacts: [work] } });
  const running = newTask(taskId(5), { status: 'in_progress', spec: { ...below, position: 2 }, context: { lease } });
  const [finished, doomed] = [newTask(c, { status: 'completed' }), newTask(d, { status: 'completed' })];
  await store.commit([
    unitOf([root, child, running], { artifacts: [{ ref: work, content }] }),
    unitOf([finished, doomed]),
    unitOf([writeOf(nextTask(root), 'task.noted', { text: 'hand over' })]),
    unitOf([nextTask(finished, { status: 'archived' })]),
    unitOf([writeOf(nextTask(doomed, { status: 'archived', spec: { title: 'deleted' } }), 'task.deleted')]),
  ]);
}

const everything = [a, b, c, d, taskId(5)];

async function readingsOf(store: Store) {
  const list = (filter: object, sort: 'created' | 'next') => store.list({ filter, sort, limit: 100, count: true });
  return {
    records: [...(await store.load(everything))].toSorted(([left], [right]) => (left < right ? -1 : 1)),
    histories: await Promise.all(everything.map((id) => store.history(id, { limit: 100 }))),
    lists: await Promise.all([
      list({}, 'created'),
      list({ includeArchived: true }, 'created'),
      list({ status: ['archived'] }, 'created'),
      list({ rootId: c, includeArchived: true }, 'created'),
      list({ ready: true }, 'next'),
    ]),
    counts: await store.counts(),
    lease: await store.byLease(lease.id),
    due: await store.claimDue(noon + 60_000, 10),
    artifact: await store.artifact(work.id),
    bytes: Buffer.from(await store.readArtifact(work.id, { offset: 0, length: 100 })),
  };
}

export function describeReopen(open: Open): void {
  it('finds everything again, twice', async ({ skip }) => {
    const { store, reopen } = await open();
    if (reopen === undefined) return skip('nothing outlives this store');
    await fill(store);
    const before = await readingsOf(store);
    expect(before.records).toHaveLength(5);
    expect(before.counts.byStatus).toMatchObject({ pending: 2, in_progress: 1, archived: 2 });
    expect(await readingsOf(await reopen())).toEqual(before);
    expect(await readingsOf(await reopen())).toEqual(before);
  });

  it('goes on from the revisions that it left', async ({ skip }) => {
    const { store, reopen } = await open();
    if (reopen === undefined) return skip('nothing outlives this store');
    await store.commit([unitOf([newTask(a)])]);
    const again = await reopen();
    const second = nextTask(newTask(a));
    // Where others write too, the second could be built on the first, which lost, and not on what is stored under that number.
    const later = again.ordered ? 'ok' : 'conflict';
    expect(await again.commit([unitOf([newTask(a)]), unitOf([second])])).toMatchObject([{ status: 'conflict' }, { status: later }]);
    const alone = again.ordered ? 'conflict' : 'ok';
    expect(await again.commit([unitOf([second])])).toMatchObject([{ status: alone }]);
    expect((await again.history(a, { limit: 10 })).items.map(({ rev }) => rev)).toEqual([1, 2]);
  });

  it('keeps an upload that nobody claimed yet', async ({ skip }) => {
    const { store, reopen } = await open();
    if (reopen === undefined) return skip('nothing outlives this store');
    const { id, type, name, mediaType, createdBy, sha256 } = work;
    await store.putArtifact({ id, type, name, mediaType, createdBy, sha256 }, [content]);
    const again = await reopen();
    expect(await again.artifact(id)).toMatchObject({ id, taskId: null });
    const claim = unitOf([newTask(b, { context: { artifacts: [work] } })], { artifacts: [{ ref: work, content: null }] });
    expect(await again.commit([claim])).toMatchObject([{ status: 'ok' }]);
    expect(Buffer.from(await again.readArtifact(id, { offset: 0, length: 100 }))).toEqual(Buffer.from(content));
  });

  it('resumes every earlier position, or says that it is gone: never a part', async ({ skip }) => {
    const { store, reopen } = await open();
    if (reopen === undefined) return skip('nothing outlives this store');
    for (let n = 1; n <= 12; n++) await store.commit([unitOf([newTask(taskId(n))])]);
    const all = [...(await follow(store, 'oldest')).entries];
    expect(all).toHaveLength(12);
    const again = await reopen();
    await again.commit([unitOf([newTask(taskId(13))])]);
    for (const [index, { position }] of all.entries()) {
      const { tail, entries } = await follow(again, position);
      const missed = Array.from({ length: 12 - index }, (_, more) => taskId(index + 2 + more));
      expect(entries.map(({ event }) => event.taskId)).toEqual(tail.mode === 'gone' ? [] : missed);
    }
    const { tail } = await follow(again, all.at(-1)?.position ?? '');
    expect(tail.mode).toBe('resumed');
  });
}
