import { expect, test } from 'vitest';
import { sessionStatuses, statuses } from '../../../src/protocol/values.ts';
import type { Stream } from '../../../src/use-cases/caller.ts';
import { anyone, roles, worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';

const mission = [
  'architect',
  'implementer',
  'coder',
  'debugger',
  'tester',
  'reviewer',
  'documenter',
  'researcher',
  'analyst',
  'coordinator',
];

overStores('specialist.list and specialist.get', (start) => {
  test('name every role, and each of them whole', async () => {
    const { ask } = await start();
    const { items } = await ask('specialist.list', {});
    expect(items.map(({ key }) => key)).toEqual([...mission, 'optimizer', 'devops', 'generic']);
    for (const { key, name, hash } of items) {
      const { role } = await ask('specialist.get', { key });
      expect(role).toMatchObject({ key, name, hash, source: 'builtin', staleHours: roles.get(key)?.staleHours });
      expect([role.expertise, role.approach, role.capabilities].every((list) => list.length > 2)).toBe(true);
    }
  });

  test('of an unknown one: what there is', async () => {
    const { refused } = await start();
    expect(await refused('specialist.get', { key: 'wizard' })).toMatchObject({
      reason: 'SPECIALIST_NOT_FOUND',
      code: 404,
      issues: [{ path: 'key' }],
      nearby: expect.arrayContaining(mission),
      fix: 'find the key with specialist.list, or add roles/KEY.yaml to the data directory',
    });
  });
});

overStores('machine.list and machine.get', (start) => {
  test('the task machine as states, transitions and a diagram', async () => {
    const { ask, refused } = await start();
    const { items } = await ask('machine.list', {});
    expect(items).toMatchObject([
      { id: 'task', initial: 'pending', states: statuses },
      { id: 'session', initial: 'active', states: sessionStatuses },
    ]);
    const { machine } = await ask('machine.get', { id: 'task' });
    expect(machine.transitions).toContainEqual({
      from: 'pending',
      event: 'START',
      to: 'in_progress',
      guards: ['sessionGoesOn', 'dependenciesMet', 'childrenDone', 'dueForRetry'],
    });
    expect(machine.mermaid).toMatch(/^stateDiagram-v2\n/);
    expect(machine.svg).toMatch(/^<svg [^]*data-edge="pending-&gt;in_progress"/);
    expect(machine.svg).not.toContain('<style>');
    expect(machine.xstate).toContain("id: 'task'");
    expect(await refused('machine.get', { id: 'nothing' })).toMatchObject({
      reason: 'MACHINE_NOT_FOUND',
      nearby: expect.arrayContaining(['task']),
    });
  });
});

overStores('system.status', (start) => {
  test('is measured: tasks by status as the store counts them, requests by method, refusals', async () => {
    const { ask, create, finish, refused, store, clock, log } = await start();
    const empty = await ask('system.status', {});
    expect([Object.values(empty.tasks).every((count) => count === 0), empty.ready]).toEqual([true, 0]);
    const [one, two, three] = [await create(), await create(), await create()];
    await finish(one);
    await ask('task.execute', { taskId: two }, worker('ada'));
    await ask('task.cancel', { taskId: three });
    await ask('task.delete', { taskId: three });
    await refused('task.execute', { taskId: one });
    clock.advance(5_000);
    const status = await ask('system.status', {});
    expect(status.tasks).toEqual((await store.counts()).byStatus);
    expect(status.tasks).toMatchObject({ pending: 0, in_progress: 1, completed: 1, cancelled: 0, archived: 1 });
    expect(status).toMatchObject({
      healthy: true,
      uptimeMs: 5_000,
      ready: 0,
      version: 'test',
      store: { kind: store.kind, writable: true, problems: [] },
    });
    expect(status.events).toEqual({ windowEvents: log.end, position: log.head });
    expect(status.methods['task.execute']).toMatchObject({ count: 3, refused: 1 });
    expect(status.methods['task.create']).toMatchObject({ count: 3, refused: 0 });
    expect(status.actors.hot).toBe(3);
  });

  test('says when the store can’t be written', async () => {
    const { ask, store } = await start({ unchecked: true });
    await store.close();
    expect(await ask('system.status', {})).toMatchObject({ healthy: false, store: { writable: false } });
  });
});

/** What a transport with a stream would do, as far as the use case can see it. */
function recordingStream() {
  const views: Parameters<Stream['subscribe']>[0][] = [];
  const stream: Stream = {
    subscribe: (input) => ({ view: `v${views.push(input)}`, mode: 'live', position: 'p' }),
    unsubscribe: (view) => view === 'v1',
  };
  return { views, stream };
}

overStores('events.subscribe and events.unsubscribe', (start) => {
  test('are for transports with a stream', async () => {
    const { refused } = await start();
    expect(await refused('events.subscribe', {})).toMatchObject({ reason: 'METHOD_NOT_FOUND' });
    expect(await refused('events.unsubscribe', { view: 'v1' })).toMatchObject({ reason: 'VIEW_NOT_FOUND', code: 404 });
  });

  test('give the stream what was asked for, once it may be seen', async () => {
    const { ask, create, refused } = await start();
    const { views, stream } = recordingStream();
    const caller = { ...anyone, projects: ['one'], stream };
    const [taskId, secret] = [await create({ project: 'one' }), await create({ project: 'two' })];
    await ask('events.subscribe', { since: 'p', filter: { taskId }, batchMs: 20 }, caller);
    expect(views).toEqual([{ since: 'p', filter: { taskId }, batchMs: 20 }]);
    for (const filter of [{ taskId: secret }, { rootId: secret }, { project: 'two' }])
      expect(await refused('events.subscribe', { filter }, caller)).toMatchObject({ reason: 'FORBIDDEN' });
    expect(await refused('events.subscribe', { filter: { rootId: `t_${'0'.repeat(26)}` } }, caller)).toMatchObject({
      reason: 'TASK_NOT_FOUND',
    });
    expect(views).toHaveLength(1);
    expect(await ask('events.unsubscribe', { view: 'v1' }, caller)).toEqual({ view: 'v1' });
    expect(await refused('events.unsubscribe', { view: 'v2' }, caller)).toMatchObject({ reason: 'VIEW_NOT_FOUND' });
  });
});
