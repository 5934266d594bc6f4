import { expect, test } from 'vitest';
import { worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';
import type { TaskId } from '../../../src/ids.ts';

const ada = worker('ada');

async function tryAndFail({ ask }: CheckedService, taskId: TaskId, error: { message: string; retryable?: boolean }) {
  await ask('task.execute', { taskId }, ada);
  return (await ask('task.fail', { taskId, error }, ada)).task;
}

overStores('task.fail and task.retry', (start) => {
  test('a failed attempt is tried again after a pause that doubles, until none is left', async () => {
    const service = await start();
    const { task, pass, ask, clock } = service;
    const taskId = await service.create({ maxAttempts: 4 });
    for (const [failures, pauseMs] of [
      [1, 1_000],
      [2, 2_000],
      [3, 4_000],
    ] as const) {
      const told = await tryAndFail(service, taskId, { message: `no ${failures}` });
      expect(told).toMatchObject({ status: 'pending', failures, ready: false, lease: null });
      expect(Date.parse(told.notBefore ?? '') - clock.now()).toBe(pauseMs);
      await pass(pauseMs - 1);
      expect((await task(taskId)).ready).toBe(false);
      await pass(1);
      expect((await task(taskId)).ready).toBe(true);
    }
    expect(await tryAndFail(service, taskId, { message: 'no 4' })).toMatchObject({ status: 'failed', failures: 4, notBefore: null });
    const { items } = await ask('task.history', { taskId });
    expect(items.map(({ type }) => type).slice(-2)).toEqual(['task.started', 'task.failed']);
    expect(items.at(-1)).toMatchObject({ data: { error: 'no 4', from: 'in_progress', status: 'failed', failures: 4 } });
  });

  test('an error that is not retryable fails the task at once, and those that wait for it say so', async () => {
    const service = await start();
    const { plan, task, refused } = service;
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B', dependsOn: ['a'] },
      ],
    });
    expect(await tryAndFail(service, id('a'), { message: 'impossible', retryable: false })).toMatchObject({
      status: 'failed',
      stage: 'closed',
    });
    expect(await task(id('b'))).toMatchObject({ status: 'pending', ready: false });
    expect(await refused('task.execute', { taskId: id('b') })).toMatchObject({
      reason: 'DEPENDENCIES_UNMET',
      blockedBy: [{ taskId: id('a'), status: 'failed', kind: 'completion', reason: 'it was given up as failed' }],
    });
    expect(await task(id(''))).toMatchObject({ status: 'pending', children: { open: 1, failed: 1 } });
  });

  test('retry gives the attempts back and lets the others wait again', async () => {
    const service = await start();
    const { ask, plan, task, refusedAndUnchanged } = service;
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'A', maxAttempts: 1 },
        { ref: 'b', title: 'B', dependsOn: ['a'] },
      ],
    });
    await tryAndFail(service, id('a'), { message: 'no' });
    const retried = await ask('task.retry', { taskId: id('a') });
    expect(retried.task).toMatchObject({ status: 'pending', failures: 0, revision: 1, attempt: 1, ready: true });
    expect((await task(id('b'))).dependsOn).toMatchObject([{ status: 'waiting' }]);
    expect((await task(id(''))).children).toMatchObject({ open: 2, failed: 0 });
    expect(await refusedAndUnchanged('task.retry', { taskId: id('a') })).toMatchObject({ reason: 'INVALID_TRANSITION', from: 'pending' });
    expect(await tryAndFail(service, id('a'), { message: 'again' })).toMatchObject({ status: 'failed', attempt: 2 });
  });

  test('claims never count against the attempts, and what people decide gives them back', async () => {
    const service = await start();
    const { ask, create, pass, task } = service;
    const taskId = await create({ maxAttempts: 2 });
    await tryAndFail(service, taskId, { message: 'no' });
    await pass(1_000);
    await ask('task.execute', { taskId }, ada);
    await ask('task.complete', { taskId, summary: 's', nextAction: 'needs_revision' }, ada);
    expect(await task(taskId)).toMatchObject({ attempt: 2, failures: 0 });
    await tryAndFail(service, taskId, { message: 'no' });
    await ask('task.block', { taskId, reason: 'r' });
    expect((await ask('task.unblock', { taskId })).task).toMatchObject({ failures: 0, ready: true });
  });

  test('failing a task that nobody runs', async () => {
    const { create, refusedAndUnchanged } = await start();
    expect(await refusedAndUnchanged('task.fail', { taskId: await create(), error: { message: 'no' } }, ada)).toMatchObject({
      reason: 'INVALID_TRANSITION',
      from: 'pending',
      event: 'FAIL',
      allowed: expect.arrayContaining(['START', 'CANCEL']),
    });
  });
});

overStores('due dates', (start) => {
  test('are announced once, whatever the task is doing, and again when they move', async () => {
    const { ask, create, pass, clock } = await start();
    const at = (ms: number) => new Date(clock.now() + ms).toISOString();
    const taskId = await create({ dueAt: at(5_000) });
    await ask('task.execute', { taskId }, ada);
    await pass(5_000);
    await pass(5_000);
    await ask('task.edit', { taskId, set: { dueAt: at(1_000) } });
    await pass(1_000);
    const { items } = await ask('task.history', { taskId });
    expect(items.map(({ type }) => type)).toEqual(['task.created', 'task.started', 'task.due', 'task.edited', 'task.due']);
  });
});
