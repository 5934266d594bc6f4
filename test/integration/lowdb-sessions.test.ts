import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { copyOf, openStore, temporaryDirectory } from '../support/data-directory.ts';
import { deepFreeze, newTask, nextTask, taskId, unitOf } from '../support/records.ts';
import { createManualClock, startService, worker } from '../support/service.ts';
import { nextSession, sessionId, sessionRecord, sessionWrite } from '../support/session-records.ts';

/** Sessions on the disk: restarts, kills, checkpoints, archived trees, records that can't be read. */

const ada = worker('ada');
const clock = createManualClock();
const one = sessionId(1);
const inOne = (n: number) => newTask(taskId(n), { spec: { sessionId: one } });

/** A service over the directory; `stop` leaves the directory to the next one. */
async function serve(directory: string) {
  const store = await openStore(directory, { clock });
  const service = await startService({ store, clock });
  onTestFinished(service.close);
  const stop = async () => {
    await service.close();
    await store.close();
  };
  return { ...service, store, stop };
}

test('a session outlives restarts and kills: what was paused stays paused, and goes on when it is resumed', async () => {
  const directory = await temporaryDirectory();
  const first = await serve(directory);
  const { session } = await first.ask('session.create', { title: 'Importer', commandId: 's' });
  const { task } = await first.ask('task.create', { title: 'A', sessionId: session.id });
  await first.ask('session.pause', { sessionId: session.id, reason: 'night' });
  const killed = await copyOf(directory);
  await first.stop();

  for (const place of [directory, killed]) {
    const { ask, stop } = await serve(place);
    expect((await ask('session.get', { sessionId: session.id })).session).toMatchObject({ status: 'paused', rev: 2, ready: 0, plans: 1 });
    expect(await ask('session.create', { title: 'Importer', commandId: 's' })).toMatchObject({
      repeated: true,
      session: { id: session.id },
    });
    expect((await ask('task.get', { taskId: task.id })).task).toMatchObject({ ready: false, sessionId: session.id, rev: 1 });
    expect((await ask('task.ready', {})).items).toEqual([]);
    await expect(ask('task.execute', { taskId: task.id })).rejects.toMatchObject({ reason: 'SESSION_PAUSED' });
    await ask('session.resume', { sessionId: session.id });
    expect((await ask('task.claim', {}, ada)).task.id).toBe(task.id);
    await stop();
  }
});

test('a cleaned-up session is readable when its trees have left memory, and counts them', async () => {
  const directory = await temporaryDirectory();
  const { ask, store, stop } = await serve(directory);
  const { id } = (await ask('session.create', { title: 'Importer' })).session;
  const { task } = await ask('task.plan', { title: 'P', sessionId: id, rollUp: 'auto', tasks: [{ title: 'A' }] });
  await ask('task.claim', {}, ada).then(({ task: { id: taskId_ } }) => ask('task.complete', { taskId: taskId_, summary: 's' }, ada));
  await ask('session.cleanup', { kind: 'old', olderThanDays: 0, dryRun: false });
  await store.checkpoint();
  expect(await readdir(join(directory, 'archive'))).toEqual([`${task.id}.json`]);
  const told = (await ask('session.get', { sessionId: id })).session;
  expect(told).toMatchObject({ status: 'archived', plans: 0, tasks: { archived: 2, completed: 0 } });
  const lists = async (list: typeof ask) => (await list('task.list', { filter: { sessionId: id, includeArchived: true } })).items.length;
  expect(await lists(ask)).toBe(2);
  await stop();

  const again = await serve(directory);
  expect((await again.ask('session.get', { sessionId: id })).session).toEqual(told);
  expect(await lists(again.ask)).toBe(2);
  // The session itself is of no tree and stays in the checkpoint.
  const { actors }: { actors: { record: { id: string } }[] } = JSON.parse(await readFile(join(directory, 'db.json'), 'utf8'));
  expect(actors.map(({ record }) => record.id)).toEqual([id]);
});

test('a task that is archived in a session of others leaves memory with its own tree only', async () => {
  const directory = await temporaryDirectory();
  const store = await openStore(directory);
  const done = newTask(taskId(2), { status: 'completed', spec: { sessionId: one } });
  await store.commit([unitOf([sessionWrite(sessionRecord(one))]), unitOf([inOne(1)]), unitOf([done])]);
  await store.commit([unitOf([nextTask(done, { status: 'archived' })])]);
  await store.checkpoint();
  expect(await readdir(join(directory, 'archive'))).toEqual([`${taskId(2)}.json`]);
  expect((await store.session(one))?.tasks).toMatchObject({ byStatus: { pending: 1, archived: 1 }, ready: 1, plans: 1 });
  // A write brings the tree back; nothing is counted twice.
  const gone = nextTask(nextTask(done, { status: 'archived' }), { status: 'archived', spec: { title: '' } });
  await store.commit([unitOf([gone])]);
  expect((await store.session(one))?.tasks.byStatus).toMatchObject({ pending: 1, archived: 1 });
});

test('a session that can’t be read is kept and reported, nothing is written over it, and its tasks go on', async () => {
  const directory = await temporaryDirectory();
  const bad = deepFreeze({ ...sessionRecord(one, {}, 'paused'), machine: { id: 'session', version: 99 } });
  const first = await openStore(directory);
  await first.commit([unitOf([sessionWrite(bad)]), unitOf([inOne(1)])]);
  await first.close();
  for (let start = 1; start <= 2; start++) {
    const { ask, store, stop } = await serve(directory);
    expect(store.health()).toMatchObject({ quarantined: 1, problems: [expect.stringContaining('machine.version')] });
    expect(JSON.parse(await readFile(join(directory, 'quarantine', `${one}-1.json`), 'utf8'))).toMatchObject({ record: bad });
    await expect(ask('session.get', { sessionId: one })).rejects.toMatchObject({ reason: 'UNREADABLE' });
    await expect(ask('task.create', { title: 'x', sessionId: one })).rejects.toMatchObject({ reason: 'UNREADABLE' });
    for (const record of [sessionRecord(one), nextSession(sessionRecord(one), 'active')])
      expect(await store.commit([unitOf([sessionWrite(record)])])).toMatchObject([{ status: 'conflict', ids: [one] }]);
    expect((await ask('task.next', {})).task?.id).toBe(taskId(1));
    await stop();
  }
  const { ask } = await serve(directory);
  expect((await ask('task.claim', {}, ada)).task.id).toBe(taskId(1));
});

test('a directory from before there were sessions opens as before, and takes one', async () => {
  const directory = await temporaryDirectory();
  await cp('fixtures/store-v1', directory, { recursive: true });
  const { ask, store } = await serve(directory);
  expect(store.health()).toEqual({ writable: true, problems: [], quarantined: 0 });
  expect(await ask('session.list', {})).toEqual({ items: [], total: 0, nextCursor: null });
  const { session } = await ask('session.create', { title: 'New' });
  expect((await ask('task.create', { title: 'A', sessionId: session.id })).task.sessionId).toBe(session.id);
});
