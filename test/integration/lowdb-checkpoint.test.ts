import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ActorId } from '../../src/ids.ts';
import type { ActorRecord, Store } from '../../src/persistence/store.ts';
import type { ArtifactRef } from '../../src/protocol/task.ts';
import { copyOf, createGate, filesOf, openStore, setClock, temporaryDirectory } from '../support/data-directory.ts';
import { artifactId, artifactRef, newTask, nextTask, noon, sha256Of, taskId, unitOf, writeOf } from '../support/records.ts';

const ok = { status: 'ok' };
const task = (n: number): ActorRecord => newTask(taskId(n));
const whole = { offset: 0, length: Number.MAX_SAFE_INTEGER };

interface Checkpoint {
  readonly journal: number;
  readonly seq: number;
  readonly actors: readonly { readonly record: ActorRecord; readonly history: readonly object[] }[];
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
    const lane = async (n: number): Promise<ActorRecord> => {
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

describe('artifacts', () => {
  const refsIn = (refs: readonly ArtifactRef[]) => ({ context: { artifacts: refs } });

  test('travel in the journal up to 64 KiB and lie in files of their own from the next checkpoint on', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const contents = [Buffer.from('grün'), Buffer.alloc(65_536, 0xff), Buffer.alloc(65_537, 0xff), Buffer.alloc(0)];
    const refs = contents.map((content, n) => artifactRef(artifactId(n), taskId(1), content));
    const artifacts = contents.map((content, n) => ({ ref: refs[n] ?? artifactRef(artifactId(n), null, content), content }));
    await store.commit([unitOf([newTask(taskId(1), refsIn(refs))], { artifacts })]);
    const fileOf = (content: Buffer) => join('artifacts', sha256Of(content).slice(0, 2), sha256Of(content));
    const names = async () => Object.keys(await filesOf(directory)).filter((name) => name.startsWith('artifacts'));
    expect(await names()).toEqual([fileOf(contents[2] ?? Buffer.alloc(0))]);
    const readAll = async (reading: Store) => Promise.all(refs.map(async ({ id }) => sha256Of(await reading.readArtifact(id, whole))));
    const hashes = contents.map(sha256Of);
    expect(await readAll(store)).toEqual(hashes);
    expect(await readAll(await openStore(await copyOf(directory)))).toEqual(hashes);
    await store.checkpoint();
    expect((await names()).toSorted()).toEqual(contents.map(fileOf).toSorted());
    expect(await readAll(store)).toEqual(hashes);
    expect(await readAll(await openStore(await copyOf(directory)))).toEqual(hashes);
  });

  test('that wait for a checkpoint beyond 64 MiB are written first', async () => {
    const directory = await temporaryDirectory();
    const gate = createGate();
    const store = await openStore(directory, { failPoint: (step) => (step === 'artifacts-synced' ? gate.pass() : undefined) });
    const commit = (n: number) => {
      const content = Buffer.alloc(65_536, `${n} `);
      const ref = artifactRef(artifactId(n), taskId(n), content);
      return store.commit([unitOf([newTask(taskId(n), refsIn([ref]))], { artifacts: [{ ref, content }] })]);
    };
    for (let n = 0; n < 1024; n += 64) await Promise.all(Array.from({ length: 64 }, (_, more) => commit(n + more)));
    // 64 MiB wait: the checkpoint was asked for, and the next content does not wait with them.
    await gate.reached;
    await commit(2000);
    const sha256 = sha256Of(Buffer.alloc(65_536, '2000 '));
    expect(await readdir(join(directory, 'artifacts', sha256.slice(0, 2)))).toContain(sha256);
    gate.open();
    await store.checkpoint();
    expect(Buffer.from(await store.readArtifact(artifactId(7), { offset: 0, length: 2 })).toString()).toBe('7 ');
  });

  test('of deleted tasks are erased from the disk by the next checkpoint, also when a crash comes between', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const [own, shared, big] = [Buffer.from('only mine'), Buffer.from('shared'), Buffer.alloc(100_000, 'x')];
    const mine = [own, shared, big].map((content, n) => artifactRef(artifactId(n), taskId(1), content));
    const theirs = artifactRef(artifactId(9), taskId(2), shared);
    const record = newTask(taskId(1), { status: 'completed', ...refsIn(mine) });
    await store.commit([
      unitOf([record], { artifacts: [own, shared, big].map((content, n) => ({ ref: mine[n] ?? theirs, content })) }),
      unitOf([newTask(taskId(2), refsIn([theirs]))], { artifacts: [{ ref: theirs, content: shared }] }),
    ]);
    await store.checkpoint();
    const names = async (place: string) => Object.keys(await filesOf(place)).filter((name) => name.startsWith('artifacts'));
    expect(await names(directory)).toHaveLength(3);
    await store.commit([unitOf([writeOf(nextTask(record, { status: 'archived', ...refsIn([]) }), 'task.deleted')])]);
    const copy = await copyOf(directory);
    for (const [place, reading] of [[directory, store] as const, [copy, await openStore(copy)] as const]) {
      await reading.checkpoint();
      expect(await names(place)).toEqual([join('artifacts', sha256Of(shared).slice(0, 2), sha256Of(shared))]);
      expect(Buffer.from(await reading.readArtifact(theirs.id, whole))).toEqual(shared);
    }
  });

  test('that a unit in flight brings again are not erased under it', async () => {
    const directory = await temporaryDirectory();
    const gate = createGate();
    let isHeld = false;
    const store = await openStore(directory, { failPoint: (step) => (isHeld && step === 'written' ? gate.pass() : undefined) });
    const content = Buffer.alloc(100_000, 'x');
    const ref = artifactRef(artifactId(1), taskId(1), content);
    const record = newTask(taskId(1), { status: 'completed', ...refsIn([ref]) });
    await store.commit([unitOf([record], { artifacts: [{ ref, content }] })]);
    await store.commit([unitOf([writeOf(nextTask(record, { status: 'archived', ...refsIn([]) }), 'task.deleted')])]);
    // Much to write before anything is erased, so that the unit's own content is in its file by then.
    const small = Array.from({ length: 150 }, (_, n) => Buffer.from(`small ${n}`));
    const refs = small.map((bytes, n) => artifactRef(artifactId(100 + n), taskId(3), bytes));
    const artifacts = small.map((bytes, n) => ({ ref: refs[n] ?? ref, content: bytes }));
    await store.commit([unitOf([newTask(taskId(3), refsIn(refs))], { artifacts })]);
    const again = artifactRef(artifactId(2), taskId(2), content);
    isHeld = true;
    const checkpoint = store.checkpoint();
    const committed = store.commit([unitOf([newTask(taskId(2), refsIn([again]))], { artifacts: [{ ref: again, content }] })]);
    await checkpoint;
    gate.open();
    expect(await committed).toMatchObject([ok]);
    for (const reading of [store, await openStore(await copyOf(directory))]) {
      expect(sha256Of(await reading.readArtifact(again.id, whole))).toBe(sha256Of(content));
    }
  });

  test('that nobody claimed are gone from the disk after an hour', async () => {
    const directory = await temporaryDirectory();
    const clock = setClock();
    const store = await openStore(directory, { clock });
    const content = Buffer.from('upload');
    const { id, type, name, mediaType, createdBy, sha256 } = artifactRef(artifactId(1), null, content);
    await store.putArtifact({ id, type, name, mediaType, createdBy, sha256 }, [content]);
    const names = async () => Object.keys(await filesOf(directory)).filter((file) => /^(artifacts|uploads)/.test(file));
    expect(await names()).toHaveLength(2);
    await store.checkpoint();
    expect(await names()).toHaveLength(2);
    clock.set(noon + 3_600_000);
    await store.checkpoint();
    expect(await names()).toEqual([]);
  });

  test('that were claimed before a crash do not come back as uploads', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const content = Buffer.from('upload');
    const ref = artifactRef(artifactId(1), taskId(1), content);
    const { id, type, name, mediaType, createdBy, sha256 } = ref;
    await store.putArtifact({ id, type, name, mediaType, createdBy, sha256 }, [content]);
    const note = await readFile(join(directory, 'uploads', `${id}.json`));
    await store.commit([unitOf([newTask(taskId(1), refsIn([ref]))], { artifacts: [{ ref, content: null }] })]);
    const copy = await copyOf(directory);
    await writeFile(join(copy, 'uploads', `${id}.json`), note);
    const again = await openStore(copy);
    expect(await again.artifact(id)).toEqual(ref);
    expect(await readdir(join(copy, 'uploads'))).toEqual([]);
  });

  test('that can’t be stored say so, and are not there', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    await rm(join(directory, 'uploads'), { recursive: true });
    const content = Buffer.from('upload');
    const { id, type, name, mediaType, createdBy, sha256 } = artifactRef(artifactId(1), null, content);
    const upload = store.putArtifact({ id, type, name, mediaType, createdBy, sha256 }, [content]);
    await expect(upload).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE', message: expect.stringContaining('ENOENT') });
    expect(await store.artifact(id)).toBeNull();
  });
});
