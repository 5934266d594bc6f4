import { mkdir, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/persistence/store.ts';
import type { ArtifactRef } from '../../src/protocol/task.ts';
import { copyOf, createGate, filesOf, openStore, setClock, temporaryDirectory } from '../support/data-directory.ts';
import type { OpenStore } from '../support/data-directory.ts';
import { artifactId, artifactRef, newTask, nextTask, noon, sha256Of, taskId, unitOf, writeOf } from '../support/records.ts';

const ok = { status: 'ok' };
const whole = { offset: 0, length: Number.MAX_SAFE_INTEGER };

const refsIn = (refs: readonly ArtifactRef[]) => ({ context: { artifacts: refs } });

/** The bytes of each file below `artifacts`. */
async function artifactsIn(directory: string): Promise<Record<string, Buffer>> {
  const names = Object.keys(await filesOf(directory)).filter((name) => name.startsWith('artifacts'));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)));
}

describe('artifacts', () => {
  test('travel in the journal up to 64 KiB and lie in a pack from the next checkpoint on', async () => {
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
    expect((await names()).toSorted()).toEqual([join('artifacts', '1.pack'), fileOf(contents[2] ?? Buffer.alloc(0))].toSorted());
    expect(await readAll(store)).toEqual(hashes);
    expect(await readAll(await openStore(await copyOf(directory)))).toEqual(hashes);
  });

  describe('that wait', () => {
    const contentOf = (n: number) => Buffer.alloc(65_536, `${n} `);
    const commit = (store: OpenStore, n: number) => {
      const content = contentOf(n);
      const ref = artifactRef(artifactId(n), taskId(n), content);
      return store.commit([unitOf([newTask(taskId(n), refsIn([ref]))], { artifacts: [{ ref, content }] })]);
    };
    const commitAll = async (store: OpenStore, from: number, to: number) => {
      for (let n = from; n < to; n += 64) await Promise.all(Array.from({ length: 64 }, (_, more) => commit(store, n + more)));
    };
    const startOf = async (store: OpenStore, n: number) =>
      Buffer.from(await store.readArtifact(artifactId(n), { offset: 0, length: 3 })).toString();
    const mebibyte = 16;

    test('go into a pack when they are 16 MiB, without a checkpoint', async () => {
      const directory = await temporaryDirectory();
      const store = await openStore(directory, { checkpointBytes: 1e9 });
      await commitAll(store, 0, 15 * mebibyte);
      expect(await readdir(join(directory, 'artifacts'))).toEqual([]);
      await commitAll(store, 15 * mebibyte, 17 * mebibyte);
      await expect.poll(() => readdir(join(directory, 'artifacts'))).toEqual(['1.pack']);
      expect(await startOf(store, 7)).toBe('7 7');
      expect(await readdir(directory)).not.toContain('db.json');
      expect(await startOf(await openStore(await copyOf(directory)), 7)).toBe('7 7');
    });

    test('beyond 64 MiB since they can’t be packed make the next be written first; none is lost', async () => {
      const directory = await temporaryDirectory();
      const store = await openStore(directory, { checkpointBytes: 1e9 });
      const artifacts = join(directory, 'artifacts');
      await rename(artifacts, `${artifacts}.away`);
      await writeFile(artifacts, 'in the way');
      await commitAll(store, 0, 64 * mebibyte);
      await rm(artifacts);
      await rename(`${artifacts}.away`, artifacts);
      await commit(store, 2000);
      const sha256 = sha256Of(contentOf(2000));
      expect(await readdir(join(artifacts, sha256.slice(0, 2)))).toContain(sha256);
      await store.checkpoint();
      for (const n of [7, 300, 1000]) expect(await startOf(store, n)).toBe(`${n} ${n}`.slice(0, 3));
    });
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
    const holds = async (place: string, content: Buffer) => Object.values(await artifactsIn(place)).some((file) => file.includes(content));
    for (const content of [own, shared, big]) expect(await holds(directory, content)).toBe(true);
    await store.commit([unitOf([writeOf(nextTask(record, { status: 'archived', ...refsIn([]) }), 'task.deleted')])]);
    const copy = await copyOf(directory);
    for (const [place, reading] of [[directory, store] as const, [copy, await openStore(copy)] as const]) {
      await reading.checkpoint();
      for (const content of [own, shared, big]) expect(await holds(place, content)).toBe(content === shared);
      expect(Buffer.from(await reading.readArtifact(theirs.id, whole))).toEqual(shared);
    }
  });

  test('that a unit in flight brings again are not erased under it', async () => {
    const directory = await temporaryDirectory();
    const rotated = createGate();
    const written = createGate();
    let held = false;
    const gates = new Map([
      ['rotated', rotated],
      ['written', written],
    ]);
    const store = await openStore(directory, { failPoint: (step) => (held ? gates.get(step)?.pass() : undefined) });
    const content = Buffer.alloc(100_000, 'x');
    const ref = artifactRef(artifactId(1), taskId(1), content);
    const record = newTask(taskId(1), { status: 'completed', ...refsIn([ref]) });
    await store.commit([unitOf([record], { artifacts: [{ ref, content }] })]);
    await store.commit([unitOf([writeOf(nextTask(record, { status: 'archived', ...refsIn([]) }), 'task.deleted')])]);
    const again = artifactRef(artifactId(2), taskId(2), content);
    const file = join(directory, 'artifacts', ref.sha256.slice(0, 2), ref.sha256);
    const { ino } = await stat(file);
    held = true;
    const checkpoint = store.checkpoint();
    await rotated.reached;
    const committed = store.commit([unitOf([newTask(taskId(2), refsIn([again]))], { artifacts: [{ ref: again, content }] })]);
    // The unit's content has taken the place of the old before anything is erased, and nobody knows of it before its line is synced.
    await expect.poll(async () => (await stat(file)).ino).not.toBe(ino);
    rotated.open();
    await written.reached;
    await checkpoint;
    written.open();
    expect(await committed).toMatchObject([ok]);
    for (const reading of [store, await openStore(await copyOf(directory))]) {
      expect(sha256Of(await reading.readArtifact(again.id, whole))).toBe(sha256Of(content));
    }
  });

  test('that were cut on the disk say so, where they are cut and behind', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const content = Buffer.alloc(100_000, 'work ');
    const ref = artifactRef(artifactId(1), taskId(1), content);
    await store.commit([unitOf([newTask(taskId(1), refsIn([ref]))], { artifacts: [{ ref, content }] })]);
    await truncate(join(directory, 'artifacts', ref.sha256.slice(0, 2), ref.sha256), 1_000);
    expect(await store.readArtifact(ref.id, { offset: 0, length: 1_000 })).toHaveLength(1_000);
    for (const offset of [0, 999, 1_000, 99_999])
      await expect(store.readArtifact(ref.id, { offset, length: 2_000 })).rejects.toMatchObject({ reason: 'UNREADABLE' });
    expect(await store.readArtifact(ref.id, { offset: 100_000, length: 2_000 })).toHaveLength(0);
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
    // The note may be gone already, and its folder with it: a copy has no empty ones.
    await mkdir(join(copy, 'uploads'), { recursive: true });
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
