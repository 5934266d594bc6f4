import { expect, test } from 'vitest';
import type { SessionId } from '../../../src/ids.ts';
import { anyone, worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService, Start } from './checked-service.ts';

const ada = worker('ada');
const bob = worker('bob');
const nobody = `s_${'0'.repeat(26)}` as const;
const day = 86_400_000;

const sessionOf = async ({ ask }: CheckedService, title = 'Importer', fields: object = {}): Promise<SessionId> =>
  (await ask('session.create', { title, ...fields })).session.id;

const shown = async ({ ask }: CheckedService, sessionId: SessionId) => (await ask('session.get', { sessionId })).session;

const readyIds = async ({ ask }: CheckedService) => (await ask('task.ready', {})).items.map(({ id }) => id);

function define(start: Start): void {
  test('a session is made once, read, and listed newest first', async () => {
    const service = await start();
    const { ask, refused, clock } = service;
    const given = { commandId: 's1', title: 'Importer', workingDirectory: '../../etc', context: { goal: 'ship' } };
    const { session } = await ask('session.create', given);
    expect(session).toMatchObject({
      status: 'active',
      project: 'default',
      workingDirectory: '../../etc',
      context: { goal: 'ship' },
      rev: 1,
    });
    expect(session).toMatchObject({ ready: 0, plans: 0, paused: null, createdBy: 'test', allowed: ['PAUSE', 'COMPLETE'] });
    expect(await ask('session.create', given)).toMatchObject({ session: { id: session.id, rev: 1 }, repeated: true });
    expect((await refused('session.create', { ...given, title: 'Other' })).reason).toBe('COMMAND_REUSED');
    expect(await shown(service, session.id)).toEqual(session);
    clock.advance(1);
    const second = await sessionOf(service, 'Second');
    const list = await ask('session.list', { limit: 1 });
    expect([list.items.map(({ id }) => id), list.total]).toEqual([[second], 2]);
    expect((await ask('session.list', { cursor: list.nextCursor ?? '' })).items.map(({ id }) => id)).toEqual([session.id]);
    expect(await refused('session.get', { sessionId: nobody })).toMatchObject({ reason: 'SESSION_NOT_FOUND', sessionId: nobody });
    expect((await refused('session.pause', { sessionId: nobody })).reason).toBe('SESSION_NOT_FOUND');
  });

  test('a plan and all below it are in the session that its root was given to', async () => {
    const service = await start();
    const { ask, plan, task, create, refusedAndUnchanged } = service;
    const sessionId = await sessionOf(service, 'Web', { project: 'web' });
    const id = await plan({ sessionId, review: 'reviewer', tasks: [{ ref: 'a', title: 'A' }] });
    const below = await create({ parentId: id('a') });
    for (const taskId of [id(''), id('a'), id(':review'), below]) expect(await task(taskId)).toMatchObject({ sessionId, project: 'web' });
    expect((await ask('task.list', { filter: { sessionId } })).items).toHaveLength(4);
    expect(await shown(service, sessionId)).toMatchObject({ plans: 1, tasks: { pending: 4 }, ready: 1 });

    const alone = await create();
    const wrong = async (params: object) => refusedAndUnchanged('task.create', { title: 'x', ...params });
    const issues = [{ path: 'sessionId' }];
    expect(await wrong({ sessionId: nobody })).toMatchObject({ reason: 'SESSION_NOT_FOUND', issues });
    expect(await wrong({ sessionId, project: 'api' })).toMatchObject({ reason: 'INVALID_PARAMS', issues });
    expect(await wrong({ sessionId, parentId: alone })).toMatchObject({ reason: 'INVALID_PARAMS', issues });
    expect(await refusedAndUnchanged('task.plan', { title: 'x', tasks: [{ title: 'y', sessionId }] })).toMatchObject({
      issues: [{ path: 'tasks[0].sessionId' }],
    });
    expect(await task(await create({ sessionId, parentId: id('') }))).toMatchObject({ sessionId });
  });

  test('pausing takes its tasks out of ready, next and claim, changes no task and ends no lease; resuming brings them back', async () => {
    const service = await start();
    const { ask, plan, task, create, refusedAndUnchanged, log } = service;
    const sessionId = await sessionOf(service);
    const id = await plan({
      sessionId,
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B' },
        { ref: 'c', title: 'C', dependsOn: ['a'] },
      ],
    });
    const { lease } = await ask('task.execute', { taskId: id('a') }, ada);
    const ids = [id(''), id('a'), id('b'), id('c')];
    const before = await Promise.all(ids.map(task));
    const end = log.end;
    expect(await ask('session.pause', { sessionId, reason: 'lunch' })).toMatchObject({
      session: { status: 'paused', ready: 0, paused: { reason: 'lunch', by: 'test' }, allowed: ['RESUME', 'COMPLETE'] },
    });
    expect([log.end, log.at(end).event]).toMatchObject([
      end + 1,
      { type: 'session.changed', taskId: null, data: { from: 'active', status: 'paused' } },
    ]);

    expect(await readyIds(service)).toEqual([]);
    expect((await ask('task.next', {})).task).toBeNull();
    expect((await ask('system.status', {})).ready).toBe(0);
    expect((await refusedAndUnchanged('task.claim', { filter: { sessionId } })).reason).toBe('NOTHING_READY');
    expect(await refusedAndUnchanged('task.execute', { taskId: id('b') }, bob)).toMatchObject({ reason: 'SESSION_PAUSED', sessionId });
    const held = (one: (typeof before)[number]) => (one.ready ? { ...one, ready: false, stage: 'waiting' } : one);
    expect(await Promise.all(ids.map(task))).toEqual(before.map(held));
    expect((await ask('task.list', { filter: { sessionId } })).items.filter(({ ready }) => ready)).toEqual([]);

    // What runs goes on and completes; what it frees waits for the session.
    expect((await ask('task.progress', { taskId: id('a'), lease: lease.id, value: 1 })).lease.id).toBe(lease.id);
    expect(await ask('task.complete', { taskId: id('a'), summary: 's', lease: lease.id })).toMatchObject({
      task: { status: 'completed' },
      ready: [],
    });
    const later = await create({ sessionId });
    expect(await readyIds(service)).toEqual([]);
    expect((await refusedAndUnchanged('session.pause', { sessionId })).reason).toBe('INVALID_TRANSITION');

    await ask('session.resume', { sessionId, commandId: 'r' });
    expect(await ask('session.resume', { sessionId, commandId: 'r' })).toMatchObject({
      repeated: true,
      session: { status: 'active', ready: 3 },
    });
    expect((await readyIds(service)).toSorted()).toEqual([id('b'), id('c'), later].toSorted());
    expect((await ask('task.execute', { taskId: id('b') }, bob)).task.status).toBe('in_progress');
  });

  test('a claim that waits wakes up when a session is resumed', async () => {
    const service = await start();
    const { ask, create } = service;
    const sessionId = await sessionOf(service);
    const taskId = await create({ sessionId });
    await ask('session.pause', { sessionId });
    const claim = ask('task.claim', { waitMs: 30_000 }, ada);
    await ask('session.resume', { sessionId });
    expect((await claim).task.id).toBe(taskId);
  });

  test('of a pause and claims that come together, nothing is started after the pause', async () => {
    const service = await start();
    const { ask, create, log } = service;
    const sessionId = await sessionOf(service);
    for (let n = 0; n < 6; n++) await create({ sessionId });
    const from = log.end;
    const claim = (n: number) => ask('task.claim', {}, worker(`w${n}`)).catch(() => null);
    await Promise.all([claim(1), claim(2), ask('session.pause', { sessionId }), claim(3), claim(4), claim(5)]);
    const types = Array.from({ length: log.end - from }, (_, n) => log.at(from + n).event.type);
    expect(types.lastIndexOf('task.started')).toBeLessThan(types.indexOf('session.changed'));
    expect(types.filter((type) => type === 'session.changed')).toHaveLength(1);
  });

  test('a session completes when nothing in it is open, takes no more plans, and can be resumed', async () => {
    const service = await start();
    const { ask, create, finish, refusedAndUnchanged } = service;
    const sessionId = await sessionOf(service);
    const taskId = await create({ sessionId });
    expect(await refusedAndUnchanged('session.complete', { sessionId })).toMatchObject({
      reason: 'SESSION_UNFINISHED',
      open: 1,
      sessionId,
    });
    await finish(taskId);
    expect((await ask('session.complete', { sessionId, summary: 'shipped' })).session).toMatchObject({
      status: 'completed',
      summary: 'shipped',
    });
    expect(await refusedAndUnchanged('task.create', { title: 'x', sessionId })).toMatchObject({
      reason: 'SESSION_CLOSED',
      from: 'completed',
      issues: [{ path: 'sessionId' }],
    });
    expect((await ask('session.resume', { sessionId })).session).toMatchObject({ status: 'active', completedAt: null, summary: 'shipped' });
    await create({ sessionId });
  });

  test('a clean-up tells what it would do, and then archives sessions with their finished trees and keeps those with open tasks', async () => {
    const service = await start();
    const { ask, create, plan, finish, task, clock, refused } = service;
    const done = await sessionOf(service, 'Done');
    const id = await plan({ sessionId: done, rollUp: 'auto', tasks: [{ ref: 'a', title: 'A' }] });
    await finish(id('a'));
    await ask('session.complete', { sessionId: done });
    const empty = await sessionOf(service, 'Empty');
    const idle = await sessionOf(service, 'Idle');
    await finish(await create({ sessionId: idle }));
    const busy = await sessionOf(service, 'Busy');
    const open = await create({ sessionId: busy });
    await ask('session.pause', { sessionId: busy });

    expect((await ask('session.cleanup', { kind: 'all' })).found).toBe(0);
    clock.advance(8 * day);
    const fresh = await sessionOf(service, 'Fresh');
    const look = async (kind: 'completed' | 'orphaned' | 'old' | 'all', dryRun = true) => {
      const { items, kept, found, cleanable, cleaned, more } = await ask('session.cleanup', { kind, dryRun });
      return {
        items: items.map(({ sessionId }) => sessionId),
        kept: kept.map(({ sessionId, open: n }) => [sessionId, n]),
        found,
        cleanable,
        cleaned,
        more,
      };
    };
    const rest = { cleaned: 0, more: false };
    expect(await look('completed')).toEqual({ items: [done], kept: [], found: 1, cleanable: 1, ...rest });
    expect(await look('orphaned')).toEqual({ items: [empty], kept: [], found: 1, cleanable: 1, ...rest });
    expect(await look('old')).toEqual({ items: [idle], kept: [[busy, 1]], found: 2, cleanable: 1, ...rest });
    expect(await shown(service, done)).toMatchObject({ status: 'completed', plans: 1, rev: 2 });
    expect((await ask('session.cleanup', { kind: 'all', limit: 1 })).more).toBe(true);

    const all = await look('all', false);
    expect([all.items.toSorted(), all.kept, all.cleaned]).toEqual([[done, empty, idle].toSorted(), [[busy, 1]], 3]);
    for (const sessionId of [done, empty, idle]) expect(await shown(service, sessionId)).toMatchObject({ status: 'archived', plans: 0 });
    for (const taskId of [id(''), id('a')]) expect((await task(taskId)).status).toBe('archived');
    expect([(await shown(service, busy)).status, (await task(open)).status]).toEqual(['paused', 'pending']);
    expect((await ask('session.list', {})).items.map((item) => item.id)).toEqual([fresh, busy]);
    expect((await ask('session.list', { status: ['archived'] })).total).toBe(3);
    // What became of sessions is no task's.
    expect((await ask('system.status', {})).tasks).toEqual((await service.store.counts()).byStatus);
    expect((await refused('session.resume', { sessionId: done })).from).toBe('archived');
    expect(await look('all', false)).toEqual({ items: [], kept: [[busy, 1]], found: 1, cleanable: 0, ...rest });
  });

  test('a token sees the sessions of its projects and no others', async () => {
    const service = await start();
    const { ask, refused } = service;
    const [web, api] = [await sessionOf(service, 'Web', { project: 'web' }), await sessionOf(service, 'Api', { project: 'api' })];
    const guest = { ...anyone, name: 'guest', projects: ['web'] };
    expect((await ask('session.list', {}, guest)).items.map(({ id }) => id)).toEqual([web]);
    expect((await ask('session.create', { title: 'Mine' }, guest)).session.project).toBe('web');
    const forbidden = async (method: string, params: object) => expect((await refused(method, params, guest)).reason).toBe('FORBIDDEN');
    for (const method of ['get', 'pause', 'resume', 'complete']) await forbidden(`session.${method}`, { sessionId: api });
    await forbidden('task.create', { title: 'x', sessionId: api });
    await forbidden('session.create', { title: 'x', project: 'api' });
    await forbidden('session.list', { project: 'api' });
    await forbidden('session.cleanup', { project: 'api' });
    await ask('session.cleanup', { kind: 'all', olderThanDays: 0, dryRun: false }, guest);
    expect([(await shown(service, web)).status, (await shown(service, api)).status]).toEqual(['archived', 'active']);
  });
}

overStores('sessions', define);
