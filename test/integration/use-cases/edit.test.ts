import { expect, test } from 'vitest';
import { anyone, worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';

const ada = worker('ada');

overStores('task.edit and task.note', (start) => {
  test('changes what is given and nothing else, and is what is stored', async () => {
    const { ask, create, task } = await start();
    const taskId = await create({ title: 'Before', tags: ['a'], estimatedEffort: '1 day', dueAt: '2026-05-01T00:00:00Z' });
    const before = await task(taskId);
    const set = {
      title: 'After',
      description: 'New',
      specialist: 'tester',
      complexity: 'complex' as const,
      priority: 9,
      tags: ['b', 'c'],
      acceptance: ['it works'],
      context: { a: 1 },
      estimatedEffort: null,
      dueAt: null,
      maxAttempts: 9,
    };
    const told = await ask('task.edit', { taskId, set });
    expect(told.task).toEqual({ ...before, ...set, rev: 2 });
    expect(await task(taskId)).toEqual(told.task);
    expect((await ask('task.edit', { taskId, set: { dueAt: '2026-05-02' } })).task).toMatchObject({
      dueAt: '2026-05-02T23:59:59.999Z',
      title: 'After',
    });
  });

  test('moves the task in the order of what is next', async () => {
    const { ask, create } = await start();
    const [one, two] = [await create(), await create()];
    await ask('task.edit', { taskId: two, set: { priority: 6 } });
    expect((await ask('task.next', {})).task?.id).toBe(two);
    await ask('task.edit', { taskId: two, set: { priority: 1 } });
    expect((await ask('task.next', {})).task?.id).toBe(one);
  });

  test('refuses nothing to set, unknown members and unknown specialists', async () => {
    const { create, refusedAndUnchanged } = await start();
    const taskId = await create();
    const cases = [
      [{ taskId, set: {} }, 'INVALID_PARAMS', 'set'],
      [{ taskId, set: { priority: 1, status: 'completed' } }, 'INVALID_PARAMS', 'set.status'],
      [{ taskId, set: { specialist: 'wizard' } }, 'SPECIALIST_NOT_FOUND', 'set.specialist'],
    ] as const;
    for (const [params, reason, path] of cases)
      expect(await refusedAndUnchanged('task.edit', params)).toMatchObject({ reason, issues: [{ path }] });
  });

  test('refuses criteria for what rolls up by itself, and says where', async () => {
    const { plan, refusedAndUnchanged } = await start();
    const auto = (await plan({ rollUp: 'auto', tasks: [{ title: 'A' }] }))('');
    expect(await refusedAndUnchanged('task.edit', { taskId: auto, set: { acceptance: ['x'] } })).toMatchObject({
      reason: 'INVALID_PARAMS',
      guard: 'acceptanceFits',
      issues: [{ path: 'set.acceptance' }],
    });
  });

  test('is open to everyone with the scope, also while the task runs, and the worker reads it', async () => {
    const { ask, create } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    await ask('task.edit', { taskId, set: { description: 'Only the 2025 ledger' } }, { ...anyone, name: 'boss' });
    expect((await ask('task.context', { taskId }, ada)).specialist.context).toContain('> Only the 2025 ledger');
  });

  test('notes are kept for the next worker, at most a hundred', async () => {
    const { ask, create, refusedAndUnchanged, dispatch } = await start();
    const taskId = await create();
    await ask('task.note', { taskId, text: 'the key is under the mat' }, { ...anyone, name: 'boss' });
    const { specialist } = await ask('task.execute', { taskId }, ada);
    expect(specialist.context).toContain('### Note from "boss"');
    expect(specialist.context).toContain('> the key is under the mat');
    for (let n = 1; n < 100; n++) await dispatch('task.note', { taskId, text: `note ${n}` }, anyone);
    expect(await refusedAndUnchanged('task.note', { taskId, text: 'one more' })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      guard: 'roomForNote',
      allowed: expect.not.arrayContaining(['NOTE']),
    });
    expect((await ask('task.get', { taskId })).task.notes).toBe(100);
  });
});

/** Every method that takes `ifRev`, on a task at revision 3 in the state that it needs. */
const bound: readonly (readonly [string, 'open' | 'completed', object])[] = [
  ['task.edit', 'open', { set: { priority: 1 } }],
  ['task.note', 'open', { text: 'n' }],
  ['task.cancel', 'open', {}],
  ['task.reopen', 'completed', { reason: 'r' }],
  ['dependency.add', 'open', { dependsOn: 'other' }],
  ['dependency.add', 'open', { dependsOn: { task: 'other', kind: 'blocks' } }],
  ['dependency.remove', 'open', { dependsOn: 'on' }],
  ['dependency.waive', 'open', { dependsOn: 'on' }],
];

overStores('ifRev', (start) => {
  test.each(bound)('%s on a task that is %s, with %o', async (method, state, params) => {
    const { plan, finish, task, send, refusedAndUnchanged } = await start();
    const id = await plan({
      tasks: [
        { ref: 'on', title: 'On' },
        { ref: 'other', title: 'Other' },
        { ref: 'task', title: 'Task', dependsOn: ['on'] },
      ],
    });
    await finish(id('on'));
    if (state === 'completed') await finish(id('task'));
    const taskId = id('task');
    const named: object = JSON.parse(
      JSON.stringify(params)
        .replace('"other"', `"${id('other')}"`)
        .replace('"on"', `"${id('on')}"`),
    );
    const { rev } = await task(taskId);
    for (const ifRev of [rev - 1, rev + 1])
      expect(await refusedAndUnchanged(method, { taskId, ...named, ifRev })).toMatchObject({
        reason: 'REV_CONFLICT',
        guard: 'revMatches',
        rev,
        fix: 'read the task again and decide on its present state',
      });
    expect(await send(method, { taskId, ...named, ifRev: rev })).toMatchObject({ task: { rev: rev + 1 } });
  });

  test('of two edits on one revision, one wins', async () => {
    const { ask, create } = await start();
    const taskId = await create();
    const edits = await Promise.allSettled([1, 2].map((priority) => ask('task.edit', { taskId, set: { priority }, ifRev: 1 })));
    expect(edits.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});
