import { readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/persistence/store.ts';
import { copyOf, openStore, temporaryDirectory } from '../support/data-directory.ts';
import { artifactId, artifactRef, newTask, nextTask, taskId, unitOf, writeOf } from '../support/records.ts';

const whole = { offset: 0, length: Number.MAX_SAFE_INTEGER };

const contentOf = (n: number, size = 100): Buffer => Buffer.from(`work ${n} `.repeat(size).slice(0, size));
const taskOf = (n: number, size?: number) =>
  newTask(taskId(n), { status: 'completed', context: { artifacts: [artifactRef(artifactId(n), taskId(n), contentOf(n, size))] } });

async function commit(store: Store, n: number, size?: number): Promise<void> {
  const content = contentOf(n, size);
  await store.commit([unitOf([taskOf(n, size)], { artifacts: [{ ref: artifactRef(artifactId(n), taskId(n), content), content }] })]);
}

async function remove(store: Store, n: number): Promise<void> {
  const deleted = nextTask(taskOf(n), { status: 'archived', context: { artifacts: [] } });
  await store.commit([unitOf([writeOf(deleted, 'task.deleted')])]);
}

const packsIn = async (directory: string): Promise<string[]> => (await readdir(join(directory, 'artifacts'))).toSorted();
const readsAs = async (store: Store, n: number): Promise<string> => Buffer.from(await store.readArtifact(artifactId(n), whole)).toString();

describe('packs', () => {
  test('take in what is no larger than what is added, and leave the rest alone', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const checkpointWith = async (n: number, size: number) => {
      await commit(store, n, size);
      await store.checkpoint();
      return packsIn(directory);
    };
    expect(await checkpointWith(1, 10_000)).toEqual(['1.pack']);
    expect(await checkpointWith(2, 1000)).toEqual(['1.pack', '2.pack']);
    expect(await checkpointWith(3, 2000)).toEqual(['1.pack', '3.pack']);
    expect(await checkpointWith(4, 20_000)).toEqual(['4.pack']);
    for (const reading of [store, await openStore(await copyOf(directory))]) {
      for (const [n, size] of [10_000, 1000, 2000, 20_000].entries())
        expect(await readsAs(reading, n + 1)).toBe(contentOf(n + 1, size).toString());
      expect(Buffer.from(await reading.readArtifact(artifactId(3), { offset: 5, length: 3 })).toString()).toBe('3 w');
      expect(await reading.readArtifact(artifactId(3), { offset: 5000, length: 3 })).toHaveLength(0);
    }
  });

  test('say which content is where in their first line', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    await commit(store, 1);
    await commit(store, 2);
    await store.checkpoint();
    const text = await readFile(join(directory, 'artifacts', '1.pack'), 'utf8');
    const [first = ''] = text.split('\n');
    const listed = [1, 2].map((n) => [artifactRef(artifactId(n), null, contentOf(n)).sha256, 100]);
    expect(JSON.parse(first.slice(9))).toEqual({ format: 1, contents: listed });
    expect(text.slice(first.length + 1)).toBe(`${contentOf(1).toString()}${contentOf(2).toString()}`);
  });

  test('hold the same content once', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    const content = contentOf(1);
    for (const n of [1, 2]) {
      const ref = artifactRef(artifactId(n), taskId(n), content);
      await store.commit([unitOf([newTask(taskId(n), { context: { artifacts: [ref] } })], { artifacts: [{ ref, content }] })]);
      await store.checkpoint();
    }
    expect(await packsIn(directory)).toEqual(['1.pack']);
    expect(await readsAs(store, 2)).toBe(content.toString());
  });

  test('lose what was deleted and keep what lies beside it, also while it is read', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    for (const n of [1, 2, 3]) await commit(store, n);
    await store.checkpoint();
    await remove(store, 2);
    const readers = Array.from({ length: 20 }, async () => {
      const seen = new Set<string>();
      for (let reads = 0; reads < 20; reads++) seen.add(await readsAs(store, 3));
      return [...seen];
    });
    await store.checkpoint();
    for (const seen of await Promise.all(readers)) expect(seen).toEqual([contentOf(3).toString()]);
    expect(await packsIn(directory)).toEqual(['2.pack']);
    const text = await readFile(join(directory, 'artifacts', '2.pack'), 'utf8');
    expect([1, 2, 3].map((n) => text.includes(contentOf(n).toString()))).toEqual([true, false, true]);
    for (const n of [1, 3]) await remove(store, n);
    await store.checkpoint();
    expect(await packsIn(directory)).toEqual([]);
  });

  test('that a crash left beside their successor are cleaned away, and nothing deleted survives in them', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    await commit(store, 1);
    await store.checkpoint();
    const old = await readFile(join(directory, 'artifacts', '1.pack'));
    await commit(store, 2, 1000);
    await store.checkpoint();
    const crashed = await copyOf(directory);
    // The process ended before it removed the pack whose content went to the next one.
    await writeFile(join(crashed, 'artifacts', '1.pack'), old);
    const again = await openStore(crashed);
    expect(await readsAs(again, 1)).toBe(contentOf(1).toString());
    await remove(again, 1);
    await again.checkpoint();
    expect(await packsIn(crashed)).toEqual(['3.pack']);
    const text = await readFile(join(crashed, 'artifacts', '3.pack'), 'utf8');
    expect([text.includes(contentOf(1).toString()), text.includes(contentOf(2, 1000).toString())]).toEqual([false, true]);
  });

  test('that can’t be read are reported and left; the rest of the service starts', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore(directory);
    await commit(store, 1, 10_000);
    await store.checkpoint();
    await commit(store, 2);
    await store.close();
    await truncate(join(directory, 'artifacts', '1.pack'), 20);
    const again = await openStore(directory);
    expect(again.health().problems).toEqual([expect.stringContaining("artifacts/1.pack can't be read")]);
    expect(await readsAs(again, 2)).toBe(contentOf(2).toString());
    await expect(again.readArtifact(artifactId(1), whole)).rejects.toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
    await commit(again, 3, 20_000);
    await again.checkpoint();
    expect(await packsIn(directory)).toEqual(['1.pack', '3.pack']);
  });
});
