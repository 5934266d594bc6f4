import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ActorId } from '../../src/ids.ts';
import type { TaskRecord, Store } from '../../src/persistence/store.ts';
import { copyOf, createGate, filesOf, openStore, temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { newTask, nextTask, taskId, unitOf, writeOf } from '../support/records.ts';

const ok = { status: 'ok' };
const task = (n: number): TaskRecord => newTask(taskId(n));

interface Checkpoint {
  readonly journal: number;
  readonly seq: number;
  readonly actors: readonly { readonly record: TaskRecord; readonly history: readonly object[] }[];
  readonly archived: readonly { readonly root: string; readonly file: string; readonly records: readonly unknown[] }[];
}
const checkpointOf = async (directory: string): Promise<Checkpoint> => JSON.parse(await readFile(join(directory, 'db.json'), 'utf8'));
const journalsOf = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.startsWith('journal')).toSorted();

async function eventsOf(store: Store, from = 'oldest'): Promise<{ readonly mode: string; readonly events: string[] }> {
  const events: string[] = [];
  const { mode } = await store.tail(from, (entries) => void events.push(...entries.map(({ event }) => `${event.taskId} ${event.rev}`)));
  return { mode, events };
}

describe('a checkpoint', () => {
  test('holds every actor in a line of its own, and leaves the last sealed journal and a new one', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    for (let n = 1; n <= 3; n++) {
      await store.commit([unitOf([task(n)])]);
      await store.checkpoint();
    }
    expect(await journalsOf(directory)).toEqual(['journal.3.jsonl', 'journal.4.jsonl']);
    expect(await checkpointOf(directory)).toMatchObject({
      journal: 4,
      seq: 3,
      actors: [1, 2, 3].map((n) => ({ record: { id: taskId(n) } })),
    });
    expect((await readFile(join(directory, 'db.json'), 'utf8')).split('\n').filter((line) => line.includes('"record":'))).toHaveLength(3);
    expect(JSON.stringify((await checkpointOf(directory)).actors[0]?.record)).toBe(JSON.stringify(task(1)));
  });

  test('is written at a clean close, and only when something changed', async () => {
    const directory = await temporaryDirectory();
    const first = await openStore(directory);
    await first.close();
    expect(await readdir(directory)).not.toContain('db.json');
    const second = await openStore(directory);
    await second.commit([unitOf([task(1)])]);
    await second.close();
    const before = await filesOf(directory);
    const third = await openStore(directory);
    expect((await third.load([taskId(1)])).size).toBe(1);
    await third.close();
    expect(await filesOf(directory)).toEqual(before);
  });

  test('follows when the journal outgrows its limit', async () => {
    const directory = await temporaryDirectory();
    const written = createGate();
    const store = await openStore(directory, {
      checkpointBytes: 10_000,
      failPoint: (step) => (step === 'removed' ? void written.pass() : undefined),
    });
    let record = task(1);
    await store.commit([unitOf([record])]);
    expect(await readdir(directory)).not.toContain('db.json');
    for (let n = 0; n < 10; n++) await store.commit([unitOf([writeOf((record = nextTask(record)), 'task.progressed')])]);
    await written.reached;
    expect((await checkpointOf(directory)).journal).toBe(2);
  });

  test('heals a line of the last one that was damaged since', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    await store.commit([1, 2, 3].map((n) => unitOf([task(n)])));
    await store.checkpoint();
    const file = join(directory, 'db.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(`"id":"${taskId(2)}"`, `"id":"${taskId(9)}"`));
    await store.commit([unitOf([nextTask(task(3))])]);
    await store.checkpoint();
    expect((await checkpointOf(directory)).actors.map(({ record }) => [record.id, record.rev])).toEqual([
      [taskId(1), 1],
      [taskId(2), 1],
      [taskId(3), 2],
    ]);
  });

  test('has what was written while the last one was', async () => {
    const directory = await temporaryDirectory();
    const gate = createGate();
    const store = await openStore(directory, { failPoint: (step) => (step === 'checkpoint-written' ? gate.pass() : undefined) });
    await store.commit([1, 2].map((n) => unitOf([task(n)])));
    const checkpoint = store.checkpoint();
    await gate.reached;
    await store.commit([unitOf([nextTask(task(2))])]);
    gate.open();
    await checkpoint;
    await store.checkpoint();
    expect((await checkpointOf(directory)).actors.map(({ record }) => record.rev)).toEqual([1, 2]);
  });

  test('after one that failed, and after many, is what the store holds', async () => {
    const directory = await temporaryDirectory();
    const fails = { at: '' };
    const store = await openStore(directory, {
      failPoint(step) {
        if (step === fails.at) throw new Error('the disk went away');
      },
    });
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const random = randomFrom(seed);
    const records = new Map<number, TaskRecord>();
    for (let round = 0; round < 12; round++) {
      for (let writes = 0; writes < 20; writes++) {
        const n = Math.trunc(random() * 40);
        const before = records.get(n);
        const record = before === undefined ? task(n) : nextTask(before);
        records.set(n, record);
        await store.commit([unitOf([before === undefined ? record : writeOf(record, 'task.progressed')])]);
      }
      fails.at = ['', 'checkpoint-written', 'renamed', 'directory-synced'][round % 4] ?? '';
      // One that failed before may be tried again just now, so which of them fails is open.
      await store.checkpoint().catch(() => {});
      fails.at = '';
      const reading = await openStore(await copyOf(directory));
      const ids = [...records.values()].map(({ id }) => id);
      expect([...(await reading.load(ids)).values()], `seed ${seed}, round ${round}`).toEqual([...records.values()]);
      for (const { id, rev } of records.values())
        expect((await reading.history(id, { limit: 200 })).items.map((event) => event.rev)).toHaveLength(rev);
    }
  });

  test('takes one moment while commands flow, and every acknowledged one is found again', async () => {
    const directory = await temporaryDirectory();
    const written = { checkpoints: 0 };
    const acknowledged = new Map<ActorId, number>();
    /** What a crash just behind the second checkpoint leaves, and what was acknowledged before. */
    let crashed: { readonly directory: string; readonly acknowledged: ReadonlyMap<ActorId, number> } | undefined;
    const store = await openStore(directory, {
      checkpointBytes: 100_000,
      async failPoint(step) {
        if (step !== 'removed' || ++written.checkpoints !== 2) return;
        const before = new Map(acknowledged);
        crashed = { directory: await copyOf(directory), acknowledged: before };
      },
    });
    const lane = async (n: number): Promise<TaskRecord> => {
      let record = task(n);
      await store.commit([unitOf([record])]);
      while (written.checkpoints < 4) {
        record = nextTask(record);
        expect(await store.commit([unitOf([writeOf(record, 'task.progressed')])])).toMatchObject([ok]);
        acknowledged.set(record.id, record.rev);
      }
      return record;
    };
    const records = await Promise.all(Array.from({ length: 20 }, (_, n) => lane(n)));
    // Waits for the one that runs, so that the copy is of one moment.
    await store.checkpoint();
    expect(store.health().problems).toEqual([]);
    const reading = await openStore(await copyOf(directory));
    expect([...(await reading.load(records.map(({ id }) => id))).values()]).toEqual(records);
    for (const { id, rev } of records) {
      const { items } = await reading.history(id, { limit: 200 });
      expect(items.at(-1)?.rev).toBe(rev);
      expect(items).toHaveLength(Math.min(rev, 200));
    }
    const survivor = await openStore(crashed?.directory ?? '');
    const found = await survivor.load(records.map(({ id }) => id));
    for (const [id, rev] of crashed?.acknowledged ?? []) expect(found.get(id)?.rev).toBeGreaterThanOrEqual(rev);
    // What is replayed after a start is the end of what was there before it.
    const replayed = (await eventsOf(reading)).events;
    expect(replayed.length).toBeGreaterThan(0);
    expect((await eventsOf(store)).events.slice(-replayed.length)).toEqual(replayed);
  });

  test.each([
    'artifacts-synced',
    'archive-written',
    'checkpoint-written',
    'checkpoint-synced',
    'renamed',
    'directory-synced',
    'removed',
  ] as const)('that fails at %s shows in health, commands go on, and the next one heals', async (step) => {
    const directory = await temporaryDirectory();
    let copy: string | undefined;
    const store = await openStore(directory, {
      async failPoint(passed) {
        if (passed !== step || copy !== undefined) return;
        copy = await copyOf(directory);
        throw new Error(`no ${step}`);
      },
    });
    await store.commit([unitOf([task(1)])]);
    await expect(store.checkpoint()).rejects.toThrow(`no ${step}`);
    expect(store.health()).toMatchObject({ writable: true, problems: [expect.stringContaining(`no ${step}`)] });
    expect(await store.commit([unitOf([task(2)])])).toMatchObject([ok]);
    await store.checkpoint();
    expect(store.health().problems).toEqual([]);
    const ids = [taskId(1), taskId(2)];
    expect([...(await (await openStore(await copyOf(directory))).load(ids)).keys()]).toEqual(ids);
    expect([...(await (await openStore(copy ?? '')).load(ids)).keys()]).toEqual([taskId(1)]);
  });

  test('that failed is tried again by itself', async () => {
    const done = createGate();
    let attempts = 0;
    const store = await openStore(await temporaryDirectory(), {
      failPoint(passed) {
        if (passed === 'renamed' && ++attempts === 1) throw new Error('no rename');
        if (passed === 'removed') void done.pass();
      },
    });
    await store.commit([unitOf([task(1)])]);
    await expect(store.checkpoint()).rejects.toThrow('no rename');
    await done.reached;
    expect(attempts).toBe(2);
  });

  test('keeps positions: a follower resumes across a restart, and is told when its log is another one', async () => {
    const directory = await temporaryDirectory();
    const first = await openStore(directory);
    const positions: string[] = [];
    for (let n = 1; n <= 3; n++)
      for (const outcome of await first.commit([unitOf([task(n)])])) if (outcome.status === 'ok') positions.push(outcome.position);
    const backup = await copyOf(directory);
    await first.close();
    const second = await openStore(directory);
    await second.commit([unitOf([task(4)])]);
    const [, , third = ''] = positions;
    expect(await eventsOf(second, positions[0])).toEqual({ mode: 'resumed', events: [2, 3, 4].map((n) => `${taskId(n)} 1`) });
    expect(await eventsOf(second, third)).toEqual({ mode: 'resumed', events: [`${taskId(4)} 1`] });
    const [outcome] = await second.commit([unitOf([task(5)])]);
    const fifth = outcome?.status === 'ok' ? outcome.position : '';

    // A directory that was restored goes another way from here, under the same epoch and numbers.
    const restored = await openStore(backup);
    await restored.commit([unitOf([task(6)])]);
    await restored.commit([unitOf([task(7)])]);
    expect(await eventsOf(restored, fifth)).toEqual({ mode: 'gone', events: [] });
    expect((await eventsOf(restored, third)).mode).toBe('resumed');
  });
});
