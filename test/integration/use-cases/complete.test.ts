import { expect, test } from 'vitest';
import { worker } from '../../support/service.ts';
import { overStores, sha256 } from './checked-service.ts';

const ada = worker('ada');

overStores('task.complete', (start) => {
  test('stores the work, moves the task, frees the dependents, tells the parent', async () => {
    const { ask, plan, task, clock } = await start();
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B', dependsOn: ['a'] },
        { ref: 'c', title: 'C', dependsOn: ['a'] },
        { ref: 'd', title: 'D', dependsOn: ['a', 'b'] },
      ],
    });
    await ask('task.execute', { taskId: id('a') }, ada);
    const detailedWork = '# Design\n第一 🚀';
    const done = await ask(
      'task.complete',
      { taskId: id('a'), summary: 'drawn', detailedWork, artifactType: 'design', artifactName: 'plan.md', filePaths: ['docs/plan.md'] },
      ada,
    );
    const now = new Date(clock.now()).toISOString();
    expect(done.task).toMatchObject({
      status: 'completed',
      stage: 'done',
      lease: null,
      result: { summary: 'drawn', filePaths: ['docs/plan.md'] },
      completedAt: now,
    });
    const [artifact] = done.artifacts;
    expect(done.artifacts).toEqual([
      {
        id: expect.stringMatching(/^a_/),
        taskId: id('a'),
        type: 'design',
        name: 'plan.md',
        mediaType: 'text/markdown',
        bytes: Buffer.byteLength(detailedWork),
        sha256: sha256(detailedWork),
        createdAt: now,
        createdBy: 'test/ada',
      },
    ]);
    expect(done.task.artifacts).toEqual(done.artifacts);
    expect(done.ready.toSorted()).toEqual([id('b'), id('c')].toSorted());
    expect(done.parent).toEqual({ taskId: id(''), open: 3, total: 4 });
    expect((await ask('artifact.get', { artifactId: artifact?.id ?? 'a_' })).content).toBe(detailedWork);
    expect((await task(id('d'))).dependsOn.map(({ status }) => status)).toEqual(['satisfied', 'waiting']);
    expect((await task(id(''))).children).toMatchObject({ open: 3, completed: 1 });
  });

  test.each([
    ['complete', 'completed', { revision: 0, feedback: null, blocked: null, lease: null }],
    ['continue', 'in_progress', { revision: 0, feedback: null, lease: { holder: 'test/ada' } }],
    ['needs_revision', 'pending', { revision: 1, feedback: 'more tests', lease: null, ready: true }],
    ['blocked', 'blocked', { revision: 0, blocked: { reason: 'more tests', question: null, answer: null }, lease: null }],
  ] as const)('nextAction %s: the work is kept and the task is %s', async (nextAction, status, expected) => {
    const { ask, create, task } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    const params = { taskId, summary: 'so far', detailedWork: 'half', nextAction, feedback: 'more tests' };
    const told = await ask('task.complete', params, ada);
    const feedback = nextAction === 'needs_revision' ? 'more tests' : null;
    expect(told.task).toMatchObject({ status, ...expected, feedback, result: { summary: 'so far' }, artifacts: told.artifacts });
    expect(told.artifacts).toHaveLength(1);
    expect(await task(taskId)).toEqual(told.task);
  });

  test('work that is stored again and again is kept each time', async () => {
    const { ask, create } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    for (const part of ['one', 'two'])
      await ask('task.complete', { taskId, summary: part, detailedWork: part, nextAction: 'continue' }, ada);
    const { artifacts } = await ask('task.complete', { taskId, summary: 'three', detailedWork: 'three' }, ada);
    const { items } = await ask('artifact.list', { taskId });
    expect(items.slice(-1)).toEqual(artifacts);
    const contents = await Promise.all(items.map(({ id }) => ask('artifact.get', { artifactId: id })));
    expect(contents.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
  });

  test('the same text twice is two artifacts; no text is none', async () => {
    const { ask, create } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    const save = { taskId, summary: 's', detailedWork: 'same', nextAction: 'continue' } as const;
    const ids = [await ask('task.complete', save, ada), await ask('task.complete', save, ada)].flatMap(({ artifacts }) => artifacts);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(2);
    expect((await ask('task.complete', { taskId, summary: 's', detailedWork: '' }, ada)).artifacts).toEqual([]);
  });

  test('every acceptance criterion must be answered as met', async () => {
    const { ask, create, refusedAndUnchanged } = await start();
    const taskId = await create({ acceptance: ['fast', 'small', 'right'] });
    await ask('task.execute', { taskId }, ada);
    const answers = (...mets: boolean[]) => ({ taskId, summary: 's', acceptance: mets.map((met) => ({ met, note: 'n' })) });
    for (const [given, missing] of [
      [[], [0, 1, 2]],
      [[true, false, true], [1]],
      [[true, true], [2]],
    ] as const)
      expect(await refusedAndUnchanged('task.complete', answers(...given), ada)).toMatchObject({
        reason: 'ACCEPTANCE_UNANSWERED',
        guard: 'acceptanceAnswered',
        missing,
        fix: 'answer every criterion with met, or complete with nextAction needs_revision',
      });
    expect((await ask('task.complete', { ...answers(), nextAction: 'continue' }, ada)).task.status).toBe('in_progress');
    expect((await ask('task.complete', answers(true, true, true), ada)).task.status).toBe('completed');
  });

  test('a task that nobody executes, and one that is over', async () => {
    const { ask, create, finish, refusedAndUnchanged } = await start();
    const taskId = await create();
    const params = { taskId, summary: 's', detailedWork: 'w' };
    expect(await refusedAndUnchanged('task.complete', params, ada)).toMatchObject({
      reason: 'INVALID_TRANSITION',
      guard: 'executed',
      fix: 'execute the task first',
      from: 'pending',
      allowed: expect.arrayContaining(['START']),
    });
    await finish(taskId);
    expect(await refusedAndUnchanged('task.complete', params, ada)).toMatchObject({
      reason: 'INVALID_TRANSITION',
      from: 'completed',
      event: 'COMPLETE',
      allowed: ['REOPEN', 'NOTE', 'ARCHIVE', 'DELETE'],
      fix: 'reopen the task first',
    });
    await ask('task.reopen', { taskId, reason: 'again' });
    await ask('task.cancel', { taskId });
    expect(await refusedAndUnchanged('task.complete', params, ada)).toMatchObject({ reason: 'INVALID_TRANSITION', from: 'cancelled' });
  });

  test('while what it depends on is open again it cannot complete, but goes back to wait', async () => {
    const { ask, plan, finish, refusedAndUnchanged, task } = await start();
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B', dependsOn: ['a'] },
      ],
    });
    await finish(id('a'));
    await ask('task.execute', { taskId: id('b') }, ada);
    await ask('task.reopen', { taskId: id('a'), reason: 'wrong' });
    expect(await task(id('b'))).toMatchObject({ status: 'in_progress', inputsChanged: true });
    expect(await refusedAndUnchanged('task.complete', { taskId: id('b'), summary: 's' }, ada)).toMatchObject({
      reason: 'DEPENDENCIES_UNMET',
      blockedBy: [{ taskId: id('a'), status: 'waiting' }],
    });
    const back = await ask('task.complete', { taskId: id('b'), summary: 's', nextAction: 'needs_revision' }, ada);
    expect(back.task).toMatchObject({ status: 'pending', ready: false });
    expect((await finish(id('a'))).ready).toEqual([id('b')]);
    expect((await ask('task.execute', { taskId: id('b') }, ada)).task.inputsChanged).toBe(false);
  });

  test('an upload named twice is one artifact', async () => {
    const { ask, create, upload } = await start();
    const taskId = await create();
    const artifactId = await upload('bytes');
    await ask('task.execute', { taskId }, ada);
    const { task } = await ask('task.complete', { taskId, summary: 's', artifacts: [{ artifactId }, { artifactId }] }, ada);
    expect(task.artifacts.map(({ id }) => id)).toEqual([artifactId]);
  });

  test('more artifacts than a task may have', async () => {
    const { ask, create, dispatch, refusedAndUnchanged } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    const save = (n: number) => ({ taskId, summary: 's', detailedWork: `part ${n}`, nextAction: 'continue' as const });
    for (let n = 0; n < 500; n++) await dispatch('task.complete', save(n), ada);
    expect(await refusedAndUnchanged('task.complete', save(500), ada)).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      code: 413,
      guard: 'roomForArtifacts',
    });
  });
});
