import { expect, test } from 'vitest';
import { worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';

const ada = worker('ada');
const bob = worker('bob');

overStores('task.block, task.answer and task.unblock', (start) => {
  test('a question stops the work, and its answer is in the next worker’s context', async () => {
    const { ask, create, task } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    const asked = await ask('task.block', { taskId, question: 'Which ledger?', reason: 'two are named so' }, ada);
    expect(asked.task).toMatchObject({
      status: 'blocked',
      stage: 'blocked',
      lease: null,
      blocked: { question: 'Which ledger?', reason: 'two are named so', answer: null },
    });
    const waiting = await ask('task.context', { taskId });
    expect(waiting.specialist.context).toContain('> Which ledger?');
    expect(waiting.nextSteps[0]).toBe(`task.answer {"taskId":"${taskId}","answer":"..."}`);
    const answered = await ask('task.answer', { taskId, answer: 'That of 2025\nand only that' });
    expect(answered.task).toMatchObject({ status: 'pending', ready: true, blocked: { answer: 'That of 2025\nand only that' } });
    const run = await ask('task.execute', { taskId }, bob);
    expect(run.specialist.context).toContain('To the question "Which ledger?":\n> That of 2025\n> and only that');
    expect(run.instructions.join('\n')).toContain('act on the newest answer');
    expect((await task(taskId)).blocked).toBeNull();
  });

  test('a task that is only blocked has no question to answer', async () => {
    const { ask, create, refusedAndUnchanged } = await start();
    const taskId = await create();
    await ask('task.block', { taskId, reason: 'no key' });
    expect(await refusedAndUnchanged('task.answer', { taskId, answer: 'a' })).toMatchObject({
      reason: 'INVALID_TRANSITION',
      guard: 'questionAsked',
      from: 'blocked',
      fix: 'let it go on with task.unblock',
      allowed: expect.arrayContaining(['UNBLOCK']),
    });
    const freed = await ask('task.unblock', { taskId, note: 'the key is in the vault' });
    expect(freed.task).toMatchObject({ status: 'pending', ready: true, blocked: null, feedback: 'the key is in the vault' });
    const run = await ask('task.execute', { taskId }, ada);
    expect(run.specialist.context).toContain('> the key is in the vault');
  });

  test('neither reason nor question', async () => {
    const { create, refusedAndUnchanged } = await start();
    expect(await refusedAndUnchanged('task.block', { taskId: await create() })).toMatchObject({
      reason: 'INVALID_PARAMS',
      issues: [{ path: '', message: 'give a reason or a question' }],
    });
  });

  test('a blocked task is started by nobody, and its worker’s lease is over', async () => {
    const { ask, create, refusedAndUnchanged } = await start();
    const taskId = await create();
    const { lease } = await ask('task.execute', { taskId }, ada);
    await ask('task.block', { taskId, reason: 'stop' }, bob);
    const blocked = { reason: 'INVALID_TRANSITION', from: 'blocked', fix: 'answer or unblock the task first' };
    expect(await refusedAndUnchanged('task.execute', { taskId }, bob)).toMatchObject(blocked);
    expect(await refusedAndUnchanged('task.complete', { taskId, lease: lease.id, summary: 's' }, ada)).toMatchObject(blocked);
    expect(await refusedAndUnchanged('task.progress', { taskId }, ada)).toMatchObject(blocked);
    expect(await refusedAndUnchanged('task.claim', {}, ada)).toMatchObject({ reason: 'NOTHING_READY' });
  });

  test('an auto parent that is blocked completes when it is unblocked, not before', async () => {
    const { ask, plan, finish, task } = await start();
    const id = await plan({ rollUp: 'auto', tasks: [{ ref: 'a', title: 'A' }] });
    await ask('task.block', { taskId: id(''), reason: 'wait' });
    await finish(id('a'));
    expect((await task(id(''))).status).toBe('blocked');
    expect((await ask('task.unblock', { taskId: id('') })).task.status).toBe('completed');
  });
});
