import { expect, test } from 'vitest';
import { worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

const ada = worker('ada');

async function family({ plan }: CheckedService) {
  return plan({
    tasks: [
      { ref: 'a', title: 'A', tasks: [{ ref: 'a1', title: 'A1' }] },
      { ref: 'b', title: 'B' },
    ],
  });
}

overStores('task.archive', (start) => {
  test('takes the whole subtree out of sight, in one unit; what waited for it keeps what it has', async () => {
    const service = await start();
    const { ask, create, finish, task, log } = service;
    const id = await family(service);
    const after = await create({ dependsOn: [id('')] });
    for (const ref of ['a1', 'a', 'b', '']) await finish(id(ref));
    const before = log.end;
    const told = await ask('task.archive', { taskId: id('') });
    expect(told.archived).toEqual([id(''), id('a'), id('a1'), id('b')]);
    expect(told.task).toMatchObject({ status: 'archived', stage: 'closed', result: { summary: 'done' }, allowed: ['DELETE'] });
    expect(log.end - before).toBe(4);
    expect(await task(after)).toMatchObject({ ready: true, dependsOn: [{ status: 'satisfied' }] });
    expect((await ask('task.list', {})).items.map((item) => item.id)).toEqual([after]);
    expect((await ask('task.list', { filter: { includeArchived: true } })).items).toHaveLength(5);
    expect((await ask('task.list', { filter: { status: ['archived'] } })).items).toHaveLength(4);
  });

  test('is refused while something in the subtree is open, and names it', async () => {
    const service = await start();
    const { finish, plan, ask, refusedAndUnchanged } = service;
    const id = await family(service);
    expect(await refusedAndUnchanged('task.archive', { taskId: id('') })).toMatchObject({
      reason: 'CHILDREN_UNFINISHED',
      taskId: id('a'),
      from: 'pending',
    });
    await finish(id('a1'));
    await ask('task.cancel', { taskId: id('a') });
    expect(await refusedAndUnchanged('task.archive', { taskId: id('') })).toMatchObject({ reason: 'CHILDREN_UNFINISHED', taskId: id('b') });
    const lone = await plan({});
    expect(await refusedAndUnchanged('task.archive', { taskId: lone('') })).toMatchObject({
      reason: 'INVALID_TRANSITION',
      from: 'pending',
      event: 'ARCHIVE',
    });
  });

  test('is final: nothing moves the task any more, and nothing is made below it', async () => {
    const { ask, create, finish, refusedAndUnchanged } = await start();
    const taskId = await create();
    await finish(taskId);
    await ask('task.archive', { taskId });
    const final = { reason: 'INVALID_TRANSITION', from: 'archived', allowed: ['DELETE'], fix: 'an archived task is final: make a new one' };
    expect(await refusedAndUnchanged('task.archive', { taskId })).toMatchObject(final);
    expect(await refusedAndUnchanged('task.note', { taskId, text: 'n' })).toMatchObject(final);
    expect(await refusedAndUnchanged('task.create', { title: 'x', parentId: taskId })).toMatchObject({ reason: 'PARENT_CLOSED' });
  });

  test('a part of a tree: the rest goes on', async () => {
    const service = await start();
    const { ask, finish, task } = service;
    const id = await family(service);
    for (const ref of ['a1', 'a']) await finish(id(ref));
    expect((await ask('task.archive', { taskId: id('a') })).archived).toEqual([id('a'), id('a1')]);
    await finish(id('b'));
    await finish(id(''));
    expect(await task(id(''))).toMatchObject({ status: 'completed', children: { completed: 2 } });
    expect((await ask('task.archive', { taskId: id('') })).archived).toEqual([id(''), id('b')]);
  });
});

overStores('task.delete', (start) => {
  test('erases the content of a subtree and leaves who and when', async () => {
    const service = await start();
    const { ask, finish, refused, refusedAndUnchanged } = service;
    const id = await family(service);
    const [artifact] = (await finish(id('a1'), { detailedWork: 'secret work' })).artifacts;
    for (const ref of ['a', 'b', '']) await finish(id(ref));
    const { deleted, task } = await ask('task.delete', { taskId: id('') });
    expect(deleted.toSorted()).toEqual(['', 'a', 'a1', 'b'].map(id).toSorted());
    expect(task).toMatchObject({
      status: 'archived',
      title: '',
      description: '',
      result: null,
      artifacts: [],
      notes: 0,
      allowed: ['DELETE'],
    });
    expect(await refused('artifact.get', { artifactId: artifact?.id })).toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
    const { items } = await ask('task.history', { taskId: id('a1') });
    expect(items).toMatchObject([{ type: 'task.deleted', by: 'test' }]);
    const everything = JSON.stringify(await Promise.all(['', 'a', 'a1', 'b'].map((ref) => ask('task.get', { taskId: id(ref) }))));
    expect(everything).not.toContain('secret');
    expect(await refusedAndUnchanged('task.edit', { taskId: id('a1'), set: { title: 'x' } })).toMatchObject({ from: 'archived' });
  });

  test('of what is open only with `force`', async () => {
    const service = await start();
    const { ask, refusedAndUnchanged, create, task } = service;
    const id = await family(service);
    const after = await create({ dependsOn: [id('a')] });
    await ask('task.execute', { taskId: id('b') }, ada);
    expect(await refusedAndUnchanged('task.delete', { taskId: id('') })).toMatchObject({ reason: 'CHILDREN_UNFINISHED', taskId: id('a') });
    expect(await refusedAndUnchanged('task.delete', { taskId: id('a1') })).toMatchObject({ reason: 'INVALID_TRANSITION', from: 'pending' });
    expect((await ask('task.delete', { taskId: id(''), force: true })).deleted).toHaveLength(4);
    expect((await task(after)).dependsOn).toMatchObject([{ status: 'failed', reason: 'it was cancelled' }]);
    expect((await ask('task.list', { filter: { status: ['pending', 'in_progress', 'cancelled'] } })).items.map((item) => item.id)).toEqual([
      after,
    ]);
  });

  test('of an archived task, and twice', async () => {
    const { ask, create, finish } = await start();
    const taskId = await create();
    await finish(taskId);
    await ask('task.archive', { taskId });
    for (const title of ['', '']) expect((await ask('task.delete', { taskId })).task.title).toBe(title);
  });

  test('work that another task shares stays', async () => {
    const { ask, create, finish } = await start();
    const [one, two] = [await create(), await create()];
    await finish(one, { detailedWork: 'the same' });
    const [kept] = (await finish(two, { detailedWork: 'the same' })).artifacts;
    await ask('task.delete', { taskId: one });
    expect((await ask('artifact.get', { artifactId: kept?.id ?? 'a_' })).content).toBe('the same');
  });
});
