import { expect, it } from 'vitest';
import type { TaskRecord, LogEntry, Store } from '../../../src/persistence/store.ts';
import { newTask, nextTask, taskId, unitOf } from '../../support/records.ts';
import type { Open } from '../store.ts';
import { follow } from './follow.ts';

const labels = (entries: readonly LogEntry[]) => entries.map(({ event }) => `${event.taskId}:${event.rev}`);
const label = (n: number, rev = 1) => `${taskId(n)}:${rev}`;
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => label(from + index));

/** Commits one new task for each number, one commit after the other, and answers the positions. */
async function create(store: Store, from: number, to: number): Promise<string[]> {
  const positions: string[] = [];
  for (let n = from; n <= to; n++) {
    const [outcome] = await store.commit([unitOf([newTask(taskId(n))])]);
    if (outcome?.status === 'ok') positions.push(outcome.position);
  }
  return positions;
}

export function describeTail(open: Open): void {
  it('follows from now on, from the place that it names', async () => {
    const { store } = await open();
    const [, second] = await create(store, 1, 2);
    const live = await follow(store, 'now');
    expect(live.tail).toMatchObject({ mode: 'resumed', position: second });
    await create(store, 3, 5);
    expect(labels(await live.until(3))).toEqual(range(3, 5));
  });

  it('replays all that it keeps, then goes on', async () => {
    const { store } = await open();
    await create(store, 1, 5);
    const live = await follow(store, 'oldest');
    expect(live.tail.mode).toBe('resumed');
    await create(store, 6, 7);
    expect(labels(await live.until(7))).toEqual(range(1, 7));
    // The place before the first entry is one to resume from, too.
    expect(labels(await (await follow(store, live.tail.position)).until(7))).toEqual(range(1, 7));
  });

  it('resumes behind any event, also in the middle of a unit', async () => {
    const { store } = await open();
    await store.commit([unitOf([newTask(taskId(1)), newTask(taskId(2)), newTask(taskId(3))]), unitOf([newTask(taskId(4))])]);
    const all = await (await follow(store, 'oldest')).until(4);
    for (const [index, { position }] of all.entries()) {
      const resumed = await follow(store, position);
      expect(resumed.tail).toMatchObject({ mode: 'resumed', position });
      expect(labels(await resumed.until(3 - index))).toEqual(range(index + 2, 4));
    }
  });

  it.each(['elsewhere:1:0', '', 'now ', '0'])('says that the position %j is gone, replays nothing and goes on', async (position) => {
    const { store } = await open();
    const positions = await create(store, 1, 3);
    const live = await follow(store, position);
    expect(live.tail).toMatchObject({ mode: 'gone', position: positions.at(-1) });
    expect(live.entries).toEqual([]);
    await create(store, 4, 4);
    expect(labels(await live.until(1))).toEqual([label(4)]);
  });

  it('never resumes with a part: an old position is gone, or all follows', async () => {
    const { store } = await open();
    const positions = await create(store, 1, 120);
    for (const [index, position] of positions.entries()) {
      const { tail, entries } = await follow(store, position);
      expect(labels(entries)).toEqual(tail.mode === 'gone' ? [] : range(index + 2, 120));
      tail.close();
    }
    const latest = await follow(store, positions.at(-17) ?? '');
    expect(latest.tail.mode).toBe('resumed');
  });

  it('holds back the next entries while the sink waits, and nobody else', async () => {
    const { store } = await open();
    const slow = await follow(store, 'now', { held: true });
    const quick = await follow(store, 'now');
    await create(store, 1, 1);
    await slow.until(1);
    await create(store, 2, 6);
    expect(labels(await quick.until(6))).toEqual(range(1, 6));
    expect(labels(slow.entries)).toEqual([label(1)]);
    slow.release();
    expect(labels(await slow.until(6))).toEqual(range(1, 6));
  });

  it('loses nothing that is committed during a replay', async () => {
    const { store } = await open();
    await create(store, 1, 8);
    const live = await follow(store, 'oldest', { held: true });
    await live.until(1);
    const committing = create(store, 9, 12);
    live.release();
    await committing;
    expect(labels(await live.until(12))).toEqual(range(1, 12));
  });

  it('joins without a gap or a double while commits are in flight', async () => {
    const { store } = await open();
    const commits = Array.from({ length: 30 }, (_, n) => store.commit([unitOf([newTask(taskId(n + 1))])]));
    const early = await follow(store, 'oldest');
    await Promise.all(commits);
    expect(labels(await early.until(30))).toEqual(range(1, 30));
    expect(early.entries).toHaveLength(30);
  });

  it("brings a task's events in the order of its revisions, each once, as they were written", async () => {
    const { store } = await open();
    const live = await follow(store, 'now');
    let records: TaskRecord[] = [1, 2, 3].map((n) => newTask(taskId(n)));
    const units = [unitOf(records)];
    for (let round = 0; round < 4; round++) {
      records = records.map((record) => nextTask(record));
      units.push(unitOf(records));
    }
    await Promise.all(units.map((unit) => store.commit([unit])));
    const seen = await live.until(15);
    expect(seen.map(({ event }) => event)).toEqual(units.flatMap(({ writes }) => writes.map(({ event }) => event)));
  });

  it('tells of nothing that can not be read yet', async () => {
    const { store } = await open();
    const checks: Promise<boolean>[] = [];
    const tail = await store.tail('now', (entries) => {
      for (const { event } of entries) {
        const id = event.taskId ?? event.sessionId;
        checks.push(store.load([id]).then((records) => records.has(id)));
      }
    });
    await create(store, 1, 10);
    await expect.poll(() => checks.length).toBe(10);
    tail.close();
    expect(await Promise.all(checks)).toEqual(Array.from({ length: 10 }, () => true));
  });

  it('tells nothing more to a tail that is closed', async () => {
    const { store } = await open();
    const closed = await follow(store, 'now', { held: true });
    const other = await follow(store, 'now');
    await create(store, 1, 1);
    await closed.until(1);
    await create(store, 2, 2);
    closed.tail.close();
    closed.release();
    await create(store, 3, 3);
    await other.until(3);
    expect(labels(closed.entries)).toEqual([label(1)]);
  });

  it('closes a sink that throws or rejects, and serves the others', async () => {
    const { store } = await open();
    let calls = 0;
    await store.tail('now', () => {
      calls++;
      throw new Error('a sink that throws');
    });
    await store.tail('now', async () => {
      calls++;
      throw new Error('a sink that rejects');
    });
    const other = await follow(store, 'now');
    await create(store, 1, 3);
    expect(labels(await other.until(3))).toEqual(range(1, 3));
    expect(calls).toBe(2);
  });
}
