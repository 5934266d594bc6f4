import { describe, expect, it } from 'vitest';
import { Artifacts, chunkBytes } from '../../src/persistence/postgres/artifacts.ts';
import { once } from '../../src/persistence/postgres/database.ts';
import { quoted } from '../../src/persistence/postgres/schema.ts';
import { artifactId, artifactRef, newTask, nextTask, sha256Of, taskId, unitOf, writeOf } from '../support/records.ts';
import { poolOf, stores } from './nodes.ts';
import { databaseUrl } from './schemas.ts';

/** Artifacts in tables; what is swept of them: uploads that nobody claimed for an hour, and content that nothing refers to and nobody brought just now. */

const metaOf = (n: number, content: Uint8Array) =>
  ({
    id: artifactId(n),
    type: 'general',
    name: 'work.md',
    mediaType: 'text/markdown',
    createdBy: 'tester',
    sha256: sha256Of(content),
  }) as const;

async function ground() {
  const { nodes, schema, url } = await stores(1);
  const database = poolOf(url);
  const s = quoted(schema);
  const namesOf = async (table: string, column: string) =>
    (await database.query<{ name: string }>(once(`select distinct ${column} as name from ${s}.${table} order by 1`))).map(
      ({ name }) => name,
    );
  return {
    store: nodes[0]!.store,
    s,
    query: database.query,
    sweeper: new Artifacts(database, s),
    /** As if so much time had passed since something was uploaded, or content was brought. */
    ageUploads: (minutes: number) =>
      database.query(once(`update ${s}.artifacts set uploaded_at = uploaded_at - interval '${minutes} minutes'`)),
    ageContents: (minutes: number) => database.query(once(`update ${s}.contents set seen = seen - interval '${minutes} minutes'`)),
    left: async () => ({
      artifacts: await namesOf('artifacts', 'id'),
      contents: await namesOf('contents', 'sha256'),
      chunks: await namesOf('chunks', 'sha256'),
    }),
  };
}

const none = { artifacts: [], contents: [], chunks: [] };

describe.skipIf(databaseUrl === null)('artifacts', () => {
  it('are swept when nobody claimed them for an hour, with their content; what a task has stays', async () => {
    const { store, sweeper, ageUploads, ageContents, left } = await ground();
    const [kept, forgotten, waiting] = ['kept', 'forgotten', 'waiting'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
    const ref = artifactRef(artifactId(1), taskId(1), kept);
    await store.commit([unitOf([newTask(taskId(1))], { artifacts: [{ ref, content: kept }] })]);
    await store.putArtifact(metaOf(2, forgotten), [forgotten]);
    await ageUploads(31);
    await store.putArtifact(metaOf(3, waiting), [waiting]);
    await ageUploads(30);
    await ageContents(6);
    // Not to be found before it is swept either.
    expect(await store.artifact(artifactId(2))).toBeNull();
    await sweeper.sweep();
    const contents = [sha256Of(kept), sha256Of(waiting)].toSorted();
    expect(await left()).toEqual({ artifacts: [artifactId(1), artifactId(3)], contents, chunks: contents });
    expect(Buffer.from(await store.readArtifact(artifactId(1), { offset: 0, length: 99 }))).toEqual(kept);
  });

  it('keep content that was uploaded again just now, of which the reference may be on its way', async () => {
    const { store, sweeper, ageUploads, ageContents, left } = await ground();
    const content = Buffer.from('work');
    await store.putArtifact(metaOf(1, content), [content]);
    await ageContents(6);
    await store.putArtifact(metaOf(2, content), [content]);
    await ageUploads(61);
    await sweeper.sweep();
    expect(await left()).toEqual({ artifacts: [], contents: [sha256Of(content)], chunks: [sha256Of(content)] });
    await ageContents(6);
    await sweeper.sweep();
    expect(await left()).toEqual(none);
  });

  it('keep content that a command brought again just now', async () => {
    const { store, sweeper, ageContents, left } = await ground();
    const content = Buffer.from('work');
    const tasks = [1, 2].map((n) => newTask(taskId(n)));
    for (const [n, task] of tasks.entries()) {
      await ageContents(6);
      await store.commit([unitOf([task], { artifacts: [{ ref: artifactRef(artifactId(n), task.id, content), content }] })]);
    }
    for (const task of tasks) await store.commit([unitOf([writeOf(nextTask(task), 'task.deleted')])]);
    await sweeper.sweep();
    expect(await left()).toEqual({ artifacts: [], contents: [sha256Of(content)], chunks: [sha256Of(content)] });
    await ageContents(6);
    await sweeper.sweep();
    expect(await left()).toEqual(none);
  });

  it('stay as they were claimed, whoever sends it again', async () => {
    const { store } = await ground();
    const [mine, theirs] = [Buffer.from('mine'), Buffer.from('theirs')];
    await store.putArtifact(metaOf(1, mine), [mine]);
    const ref = artifactRef(artifactId(1), taskId(1), mine);
    await store.commit([unitOf([newTask(taskId(1))], { artifacts: [{ ref, content: null }] })]);
    await store.putArtifact(metaOf(1, theirs), [theirs]);
    expect(await store.artifact(artifactId(1))).toEqual(ref);
    expect(Buffer.from(await store.readArtifact(artifactId(1), { offset: 0, length: 99 }))).toEqual(mine);
  });

  it('are read across their chunks, and not handed out when a part is gone', async () => {
    const { store, query, s } = await ground();
    const content = Buffer.alloc(chunkBytes + 1, 7);
    const ref = artifactRef(artifactId(1), taskId(1), content);
    await store.commit([unitOf([newTask(taskId(1))], { artifacts: [{ ref, content }] })]);
    for (const offset of [0, chunkBytes - 1, chunkBytes]) expect(await store.readArtifact(ref.id, { offset, length: 1 })).toHaveLength(1);
    expect(await store.readArtifact(ref.id, { offset: chunkBytes - 1, length: 2 })).toHaveLength(2);
    await query(once(`delete from ${s}.chunks where n = 1`));
    expect(await store.readArtifact(ref.id, { offset: 0, length: chunkBytes })).toHaveLength(chunkBytes);
    await expect(store.readArtifact(ref.id, { offset: chunkBytes - 1, length: 2 })).rejects.toMatchObject({ reason: 'UNREADABLE' });
  });
});
