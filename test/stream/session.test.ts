import { expect, test } from 'vitest';
import { addToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import type { RefusedError } from '../support/client.ts';
import { startTroupe } from './service.ts';

/** A session's life over real sockets and files. */

const reasonOf = (error: RefusedError) => error.reason;

test('made, planned in, paused, worked in, resumed, completed, cleaned up; followed by its own events', async () => {
  const { url, token, data } = await startTroupe();
  const client = await connect(url, token, { worker: 'ada' });
  const { session } = await client.request('session.create', { title: 'Importer', workingDirectory: 'projects/importer' });
  const sessionId = session.id;
  const { view } = await client.request('events.subscribe', { filter: { sessionId } });
  const other = await client.request('task.create', { title: 'In no session', priority: 1 });
  const { tasks } = await client.request('task.plan', {
    title: 'Import',
    sessionId,
    rollUp: 'auto',
    tasks: [
      { ref: 'parse', title: 'Parse' },
      { ref: 'store', title: 'Store', dependsOn: ['parse'] },
    ],
  });
  const { lease } = await client.request('task.execute', { taskId: tasks['parse']! });

  await client.request('session.pause', { sessionId, reason: 'night' });
  expect(await client.request('task.claim', { filter: { sessionId } }).catch(reasonOf)).toBe('NOTHING_READY');
  const done = await client.request('task.complete', { taskId: tasks['parse']!, lease: lease.id, summary: 'parsed', detailedWork: 'it' });
  expect([done.task.status, done.ready]).toEqual(['completed', []]);
  expect((await client.request('task.next', {})).task?.id).toBe(other.task.id);
  expect(await client.request('task.execute', { taskId: tasks['store']! }).catch(reasonOf)).toBe('SESSION_PAUSED');
  expect(await client.request('session.complete', { sessionId }).catch(reasonOf)).toBe('SESSION_UNFINISHED');

  // A worker on another connection waits, and gets the task as soon as the session goes on.
  const bob = await connect(url, token, { worker: 'bob' });
  const waiting = bob.request('task.claim', { filter: { sessionId }, waitMs: 30_000 });
  await bob.request('system.ping', {});
  await client.request('session.resume', { sessionId });
  expect((await waiting).task.id).toBe(tasks['store']);
  await bob.request('task.complete', { taskId: tasks['store']!, summary: 'stored' });
  expect((await client.request('session.complete', { sessionId, summary: 'imported' })).session).toMatchObject({
    status: 'completed',
    tasks: { completed: 3 },
    plans: 1,
    workingDirectory: 'projects/importer',
  });

  const dry = await client.request('session.cleanup', { olderThanDays: 0 });
  expect(dry).toMatchObject({ dryRun: true, found: 1, cleaned: 0, items: [{ sessionId, plans: 1, tasks: 3 }], kept: [] });
  expect((await client.request('session.get', { sessionId })).session.status).toBe('completed');
  const real = await client.request('session.cleanup', { olderThanDays: 0, dryRun: false });
  expect(real).toMatchObject({ cleaned: 1, items: dry.items });
  expect((await client.request('session.get', { sessionId })).session).toMatchObject({ status: 'archived', tasks: { archived: 3 } });
  expect((await client.request('task.list', {})).items.map(({ id }) => id)).toEqual([other.task.id]);

  await client.until(() => client.events.at(-1)?.position === real.position);
  const seen = client.events.filter((event) => event.view === view);
  const ofSession = seen.filter(({ type }) => type === 'session.changed');
  expect(ofSession).toMatchObject(
    ['paused', 'active', 'completed', 'archived'].map((status, n) => ({ sessionId, taskId: null, rev: n + 2, data: { status } })),
  );
  expect(new Set(seen.map((event) => event['sessionId']))).toEqual(new Set([sessionId]));
  expect(seen.filter(({ type }) => type === 'task.archived')).toHaveLength(3);

  const guest = await connect(url, addToken(data, { name: 'guest', scopes: ['read', 'write'], projects: ['own'], now: 0 }));
  expect(await guest.request('events.subscribe', { filter: { sessionId } }).catch(reasonOf)).toBe('FORBIDDEN');
  expect(await guest.request('session.get', { sessionId }).catch(reasonOf)).toBe('FORBIDDEN');
  expect((await guest.request('session.list', { status: ['archived'] })).items).toEqual([]);
  for (const one of [client, bob, guest]) await one.close();
});
