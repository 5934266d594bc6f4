import { expect, test } from 'vitest';
import { worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

const ada = worker('ada');

/** A top task over `a` (over `a1`, `a2`), `b` and `c`; `after` in another tree waits for the top. */
async function family(service: CheckedService) {
  const id = await service.plan({
    tasks: [
      {
        ref: 'a',
        title: 'A',
        tasks: [
          { ref: 'a1', title: 'A1' },
          { ref: 'a2', title: 'A2' },
        ],
      },
      { ref: 'b', title: 'B' },
      { ref: 'c', title: 'C' },
    ],
  });
  const after = await service.create({ dependsOn: [id('')] });
  return { id, after };
}

overStores('task.cancel', (start) => {
  test('ends a task and keeps its work; those that wait for it say so', async () => {
    const { ask, create, task, refused } = await start();
    const taskId = await create();
    const after = await create({ dependsOn: [taskId] });
    const { lease } = await ask('task.execute', { taskId }, ada);
    await ask('task.complete', { taskId, summary: 'half', detailedWork: 'half of it', nextAction: 'continue' }, ada);
    const told = await ask('task.cancel', { taskId, reason: 'not needed' });
    expect(told.cancelled).toEqual([taskId]);
    expect(told.task).toMatchObject({
      status: 'cancelled',
      stage: 'closed',
      lease: null,
      result: { summary: 'half' },
      artifacts: [{ bytes: 10 }],
    });
    expect(await refused('task.complete', { taskId, lease: lease.id, summary: 's' }, ada)).toMatchObject({ from: 'cancelled' });
    expect((await task(after)).dependsOn).toMatchObject([{ status: 'failed', reason: 'it was cancelled' }]);
    expect((await ask('task.history', { taskId })).items.at(-1)).toMatchObject({ type: 'task.cancelled', data: { reason: 'not needed' } });
  });

  test('above open children only with `subtree`, and then all of it in one unit', async () => {
    const service = await start();
    const { ask, finish, task, refusedAndUnchanged, log } = service;
    const { id, after } = await family(service);
    await finish(id('a1'));
    await ask('task.execute', { taskId: id('b') }, ada);
    await ask('task.execute', { taskId: id('c') }, ada);
    await ask('task.fail', { taskId: id('c'), error: { message: 'no', retryable: false } }, ada);
    expect(await refusedAndUnchanged('task.cancel', { taskId: id('') })).toMatchObject({
      reason: 'CHILDREN_UNFINISHED',
      guard: 'childrenCovered',
      fix: 'cancel with subtree: true, or finish the children first',
      allowed: expect.arrayContaining(['CANCEL']),
    });
    const before = log.end;
    const { cancelled, position } = await ask('task.cancel', { taskId: id(''), subtree: true, reason: 'over' });
    expect(cancelled).toEqual([id(''), id('a'), id('a2'), id('b'), id('c')]);
    expect([log.head, log.end - before]).toEqual([position, cancelled.length + 1]);
    const statuses = await Promise.all(['', 'a', 'a1', 'a2', 'b', 'c'].map(async (ref) => (await task(id(ref))).status));
    expect(statuses).toEqual(['cancelled', 'cancelled', 'completed', 'cancelled', 'cancelled', 'cancelled']);
    expect((await task(id(''))).children).toEqual({ open: 0, completed: 0, failed: 0, cancelled: 3 });
    expect((await task(after)).dependsOn).toMatchObject([{ status: 'failed' }]);
  });

  test('the last open child of an auto parent, and a child that is made while its tree is cancelled', async () => {
    const { ask, plan, task, create } = await start();
    const id = await plan({ rollUp: 'auto', tasks: [{ ref: 'a', title: 'A' }] });
    await ask('task.cancel', { taskId: id('a') });
    expect(await task(id(''))).toMatchObject({ status: 'pending', ready: true, stage: 'synthesis' });
    const [child] = await Promise.all([create({ parentId: id('') }), ask('task.cancel', { taskId: id(''), subtree: true })]);
    // Whichever came first: never an open child below a cancelled parent.
    const [{ status }, { status: above }] = [await task(child), await task(id(''))];
    expect(`${status} below ${above}`).toMatch(/^(cancelled below cancelled|pending below pending)$/);
  });

  test('twice, and of what is completed', async () => {
    const { ask, create, finish, refusedAndUnchanged } = await start();
    const taskId = await create();
    await ask('task.cancel', { taskId });
    const over = {
      reason: 'INVALID_TRANSITION',
      event: 'CANCEL',
      allowed: ['REOPEN', 'NOTE', 'ARCHIVE', 'DELETE'],
      fix: 'reopen the task first',
    };
    expect(await refusedAndUnchanged('task.cancel', { taskId })).toMatchObject({ ...over, from: 'cancelled' });
    const done = await create();
    await finish(done);
    expect(await refusedAndUnchanged('task.cancel', { taskId: done })).toMatchObject({ ...over, from: 'completed' });
  });
});

overStores('task.reopen', (start) => {
  test('opens a completed task again: who worked on its result is told', async () => {
    const { ask, plan, finish, task, refusedAndUnchanged } = await start();
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B', dependsOn: ['a'] },
        { ref: 'c', title: 'C', dependsOn: ['a'] },
      ],
    });
    await finish(id('a'), { detailedWork: 'first' });
    await finish(id('b'));
    const { task: told } = await ask('task.reopen', { taskId: id('a'), reason: 'a fault in it' });
    expect(told).toMatchObject({ status: 'pending', revision: 1, ready: true, completedAt: null, artifacts: [{ bytes: 5 }] });
    expect(await task(id('b'))).toMatchObject({ status: 'completed', inputsChanged: true });
    expect(await task(id('c'))).toMatchObject({ status: 'pending', ready: false, inputsChanged: false });
    expect(await task(id(''))).toMatchObject({ children: { open: 2, completed: 1 } });
    expect((await ask('task.execute', { taskId: id('a') }, ada)).specialist.context).toContain('> a fault in it');
    expect(await refusedAndUnchanged('task.reopen', { taskId: id('a'), reason: 'r' })).toMatchObject({
      from: 'in_progress',
      event: 'REOPEN',
    });
  });

  test('opens the finished parents above it too, in the same unit', async () => {
    const { ask, plan, finish, task } = await start();
    const id = await plan({ tasks: [{ ref: 'a', title: 'A', tasks: [{ ref: 'a1', title: 'A1' }] }] });
    for (const ref of ['a1', 'a', '']) await finish(id(ref));
    await ask('task.reopen', { taskId: id('a1'), reason: 'r' });
    const states = await Promise.all(['a1', 'a', ''].map(async (ref) => (await task(id(ref))).status));
    expect(states).toEqual(['pending', 'pending', 'pending']);
  });

  test('an auto parent would complete again at once', async () => {
    const { plan, finish, refusedAndUnchanged } = await start();
    const id = await plan({ rollUp: 'auto', tasks: [{ ref: 'a', title: 'A' }] });
    await finish(id('a'));
    expect(await refusedAndUnchanged('task.reopen', { taskId: id(''), reason: 'r' })).toMatchObject({
      reason: 'INVALID_TRANSITION',
      guard: 'canStayOpen',
      fix: 'reopen one of its children, or add one',
      allowed: ['NOTE', 'ARCHIVE', 'DELETE'],
    });
  });
});
