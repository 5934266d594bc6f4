import { describe, expect, it } from 'vitest';
import { once } from '../../src/persistence/postgres/database.ts';
import { quoted } from '../../src/persistence/postgres/schema.ts';
import type { TaskRecord } from '../../src/persistence/store.ts';
import { artifactId, artifactRef, newTask, nextTask, sha256Of, taskId, unitOf, writeOf } from '../support/records.ts';
import { nextSession, sessionId, sessionRecord, sessionWrite } from '../support/session-records.ts';
import { poolOf, stores, transactionOf } from './nodes.ts';
import { databaseUrl } from './schemas.ts';

/** What the statement of a commit locks, compares and leaves behind, where a second connection can see it. */

const ok = { status: 'ok' };
const checkOf = ({ id, rev }: { readonly id: TaskRecord['id'] | ReturnType<typeof sessionId>; readonly rev: number }) => ({ id, rev });

describe.skipIf(databaseUrl === null)('the statement of a commit', () => {
  /** A node, and somebody else whose transaction has changed an actor and is not over. */
  async function meeting() {
    const { nodes, schema, url } = await stores(1);
    const s = quoted(schema);
    const { store } = nodes[0]!;
    return {
      store,
      s,
      url,
      changing: (id: string) => transactionOf(url, `update ${s}.actors set rev = rev + 1 where id = '${id}'`),
      holding: (id: string) => transactionOf(url, `select from ${s}.actors where id = '${id}' for update`),
    };
  }
  const waits = once('select count(*)::int as waits from pg_locks where not granted');

  it('waits for whoever is changing a task that it only stands on, and compares then', async () => {
    const { store, changing } = await meeting();
    const base = newTask(taskId(1));
    await store.commit([unitOf([base])]);
    const other = await changing(base.id);
    const committing = store.commit([unitOf([newTask(taskId(2))], { checks: [checkOf(base)] })]);
    await expect.poll(() => other.query(waits)).toEqual([{ waits: 1 }]);
    await other.end();
    expect(await committing).toEqual([{ status: 'conflict', ids: [base.id] }]);
  });

  it('waits for whoever is changing a session that it stands on, and compares then', async () => {
    const { store, changing } = await meeting();
    const session = sessionRecord(sessionId(1));
    await store.commit([unitOf([sessionWrite(session)])]);
    const other = await changing(session.id);
    const committing = store.commit([unitOf([newTask(taskId(2))], { checks: [checkOf(session)] })]);
    await expect.poll(() => other.query(waits)).toEqual([{ waits: 1 }]);
    await other.end();
    expect(await committing).toEqual([{ status: 'conflict', ids: [session.id] }]);
  });

  it('lets all who stand on a session go on at once', async () => {
    const { store, s, url } = await meeting();
    const session = sessionRecord(sessionId(1));
    await store.commit([unitOf([sessionWrite(session)])]);
    const other = await transactionOf(url, `select from ${s}.actors for share`);
    const onIt = (n: number) => unitOf([newTask(taskId(n))], { checks: [checkOf(session)] });
    expect(await store.commit([onIt(1)])).toMatchObject([ok]);
    const pausing = store.commit([unitOf([sessionWrite(nextSession(session, 'paused'))])]);
    await expect.poll(() => other.query(waits)).toEqual([{ waits: 1 }]);
    await other.end();
    expect(await pausing).toMatchObject([ok]);
    expect(await store.commit([onIt(2)])).toEqual([{ status: 'conflict', ids: [session.id] }]);
  });

  it('locks rows in the order of their ids, whatever the order of the unit', async () => {
    const { store, s, holding } = await meeting();
    const tasks = [1, 2, 3].map((n) => newTask(taskId(n)));
    await store.commit(tasks.map((task) => unitOf([task])));
    const other = await holding(taskId(2));
    const committing = store.commit([unitOf([2, 0, 1].map((n) => nextTask(tasks[n]!)))]);
    await expect.poll(() => other.query(waits)).toEqual([{ waits: 1 }]);
    const free = await other.query(once(`select id from ${s}.actors order by id for update skip locked`));
    expect(free).toEqual([{ id: taskId(3) }]);
    await other.end();
    expect(await committing).toMatchObject([ok]);
  });

  it('does not hold up what stands on other rows', async () => {
    const { store, holding } = await meeting();
    const first = newTask(taskId(1));
    await store.commit([unitOf([first])]);
    const other = await holding(first.id);
    const held = store.commit([unitOf([nextTask(first)])]);
    await expect.poll(() => other.query(waits)).toEqual([{ waits: 1 }]);
    expect(await store.commit([unitOf([newTask(taskId(2))])])).toMatchObject([ok]);
    await other.end();
    expect(await held).toMatchObject([ok]);
  });

  it('leaves nothing of what a deleted task said', async () => {
    const { nodes, schema, url } = await stores(1);
    const { store } = nodes[0]!;
    const [gone, stays] = [newTask(taskId(1)), newTask(taskId(2))];
    await store.commit([unitOf([gone]), unitOf([stays])]);
    const after = nextTask(gone);
    await store.commit([unitOf([writeOf(after, 'task.deleted')])]);
    const rows = await poolOf(url).query(
      once(`select actor, rev, data::text = '{}' as empty from ${quoted(schema)}.events order by actor, rev`),
    );
    expect(rows).toEqual([
      { actor: gone.id, rev: 1, empty: true },
      { actor: gone.id, rev: 2, empty: false },
      { actor: stays.id, rev: 1, empty: false },
    ]);
  });

  it('claims an upload once, and none that is too old', async () => {
    const { nodes, schema, url } = await stores(2);
    const [a, b] = [nodes[0]!.store, nodes[1]!.store];
    const content = Buffer.from('uploaded');
    const put = (n: number) =>
      a.putArtifact(
        { id: artifactId(n), type: 'general', name: 'work.md', mediaType: 'text/markdown', createdBy: 'tester', sha256: sha256Of(content) },
        [content],
      );
    await put(1);
    await put(2);
    const claim = (task: number, upload: number) =>
      unitOf([newTask(taskId(task))], { artifacts: [{ ref: artifactRef(artifactId(upload), taskId(task), content), content: null }] });
    const outcomes = await Promise.all([a.commit([claim(1, 1)]), b.commit([claim(2, 1)])]);
    expect(
      outcomes
        .flat()
        .map(({ status }) => status)
        .toSorted(),
    ).toEqual(['ok', 'refused']);
    await poolOf(url).query(
      once(`update ${quoted(schema)}.artifacts set uploaded_at = uploaded_at - interval '61 minutes' where id = '${artifactId(2)}'`),
    );
    expect(await a.artifact(artifactId(2))).toBeNull();
    expect(await a.commit([claim(3, 2)])).toMatchObject([{ status: 'refused', error: { reason: 'ARTIFACT_NOT_FOUND' } }]);
  });
});
