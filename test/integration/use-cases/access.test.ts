import { expect, test } from 'vitest';
import { aliases, methods } from '../../../src/protocol/methods.ts';
import type { Caller } from '../../../src/use-cases/caller.ts';
import { anyone } from '../../support/service.ts';
import { overStores } from './checked-service.ts';

const rows = Object.entries(methods).map(([method, { scope }]) => ({ method, scope }));

/** Opens project `one` only. */
const guest: Caller = { ...anyone, name: 'guest', worker: 'w', projects: ['one'] };

const noTask = `t_${'0'.repeat(26)}`;

/** Every method that addresses a task, with what else it needs. */
const addressed: readonly (readonly [method: string, params: object])[] = [
  ['task.execute', {}],
  ['task.context', {}],
  ['task.progress', {}],
  ['task.complete', { summary: 's' }],
  ['task.fail', { error: { message: 'no' } }],
  ['task.block', { reason: 'r' }],
  ['task.answer', { answer: 'a' }],
  ['task.unblock', {}],
  ['task.cancel', {}],
  ['task.retry', {}],
  ['task.reopen', { reason: 'r' }],
  ['task.edit', { set: { priority: 1 } }],
  ['task.note', { text: 'n' }],
  ['task.archive', {}],
  ['task.delete', { force: true }],
  ['task.get', {}],
  ['task.history', {}],
  ['task.synthesize', {}],
  ['dependency.add', { dependsOn: noTask }],
  ['dependency.remove', { dependsOn: noTask }],
  ['dependency.waive', { dependsOn: noTask }],
  ['artifact.list', {}],
  ['maintenance.scan', {}],
  ['maintenance.free', {}],
  ['maintenance.validate', {}],
  ['maintenance.handover', {}],
];

overStores('scopes', (start) => {
  test.each(rows)('$method needs $scope, before anything else is looked at', async ({ method, scope }) => {
    const { refusedAndUnchanged } = await start();
    const others = (['read', 'write', 'admin'] as const).filter((other) => other !== scope);
    expect(await refusedAndUnchanged(method, { nonsense: true }, { ...anyone, scopes: others })).toMatchObject({
      reason: 'FORBIDDEN',
      code: 403,
      message: `${method} needs the scope ${scope}`,
    });
  });

  test('the short forms need what their methods need', async () => {
    const { refused, send } = await start();
    for (const alias of Object.keys(aliases))
      expect(await refused(alias, {}, { ...anyone, scopes: ['read'] })).toMatchObject({ reason: 'FORBIDDEN' });
    expect(await send('plan', { title: 'Short' })).toMatchObject({ task: { title: 'Short' } });
  });

  test('what is no method is none, however it is called', async () => {
    const { refused } = await start();
    for (const method of ['task.destroy', '', '__proto__', 'constructor', 'toString', 'TASK.GET', 'task.get '])
      expect(await refused(method, {})).toMatchObject({ reason: 'METHOD_NOT_FOUND', code: -32601 });
  });
});

overStores('projects', (start) => {
  test('every row that takes a task id is in the table', () => {
    const taking = Object.entries(methods).filter(([, { input }]) => 'shape' in input && 'taskId' in input.shape);
    expect(addressed.map(([method]) => method).toSorted()).toEqual(taking.map(([method]) => method).toSorted());
  });

  test.each(addressed)('%s of a task in another project', async (method, params) => {
    const { create, refusedAndUnchanged } = await start();
    const taskId = await create({ project: 'two' });
    expect(await refusedAndUnchanged(method, { taskId, ...params }, guest)).toMatchObject({ reason: 'FORBIDDEN', code: 403 });
  });

  test.each(addressed)('%s of a task that there is not', async (method, params) => {
    const { refusedAndUnchanged } = await start();
    const missing = { reason: 'TASK_NOT_FOUND', code: 404, taskId: noTask, fix: 'find the id with task.list' };
    expect(await refusedAndUnchanged(method, { taskId: noTask, ...params })).toMatchObject(missing);
  });

  test('lists show only what the token opens', async () => {
    const { ask, create, refused } = await start();
    const own = await create({ project: 'one' });
    const other = await create({ project: 'two', priority: 10 });
    expect((await ask('task.list', { filter: { ids: [other, own] } }, guest)).items.map(({ id }) => id)).toEqual([own]);
    for (const method of ['task.list', 'task.ready'] as const) {
      expect((await ask(method, {}, guest)).items.map(({ id }) => id)).toEqual([own]);
      expect((await ask(method, {}, { ...guest, projects: [] })).items).toEqual([]);
      expect(await refused(method, { filter: { project: 'two' } }, guest)).toMatchObject({ reason: 'FORBIDDEN' });
    }
    expect((await ask('task.next', {}, guest)).task?.id).toBe(own);
    expect(await refused('task.next', { filter: { project: 'two' } }, guest)).toMatchObject({ reason: 'FORBIDDEN' });
  });

  test('new tasks go to the token’s one project, and to no other', async () => {
    const { ask, create, refusedAndUnchanged } = await start();
    expect((await ask('task.create', { title: 'x' }, guest)).task.project).toBe('one');
    const parent = await create({ project: 'two' });
    for (const [caller, fields] of [
      [guest, { project: 'two' }],
      [guest, { parentId: parent }],
      [{ ...guest, projects: ['one', 'three'] }, {}],
    ] as const)
      expect(await refusedAndUnchanged('task.create', { title: 'x', ...fields }, caller)).toMatchObject({ reason: 'FORBIDDEN' });
  });

  test('another project’s tasks and work can neither be depended on nor read', async () => {
    const { create, finish, refusedAndUnchanged } = await start();
    const secret = await create({ project: 'two' });
    const [artifact] = (await finish(secret, { detailedWork: 'secret' })).artifacts;
    const own = await create({}, guest);
    expect(await refusedAndUnchanged('artifact.get', { artifactId: artifact?.id }, guest)).toMatchObject({ reason: 'FORBIDDEN' });
    expect(await refusedAndUnchanged('dependency.add', { taskId: own, dependsOn: secret }, guest)).toMatchObject({ reason: 'FORBIDDEN' });
    expect(await refusedAndUnchanged('task.create', { title: 'x', dependsOn: [secret] }, guest)).toMatchObject({
      reason: 'INVALID_PARAMS',
      issues: [{ path: 'dependsOn[0]', message: `there is no task ${secret}` }],
    });
    const claim = { taskId: own, summary: 's', artifacts: [{ artifactId: artifact?.id }] };
    expect(await refusedAndUnchanged('task.complete', claim, guest)).toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
  });
});
