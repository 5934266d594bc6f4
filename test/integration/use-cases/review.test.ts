import { expect, test } from 'vitest';
import { worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

const ada = worker('ada');
const rita = worker('rita');

const reviewed = ({ plan }: CheckedService) =>
  plan({
    tasks: [
      { ref: 'code', title: 'Code', review: 'reviewer' },
      { ref: 'ship', title: 'Ship', dependsOn: ['code'] },
    ],
  });

overStores('a review', (start) => {
  test('is a task beside its subject, and whoever waits for the subject waits for it', async () => {
    const service = await start();
    const { task } = service;
    const id = await reviewed(service);
    expect(await task(id('code:review'))).toMatchObject({
      title: 'Review: Code',
      type: 'review',
      specialist: 'reviewer',
      reviewOf: id('code'),
      parentId: id(''),
      dependsOn: [{ taskId: id('code'), kind: 'completion', direct: true }],
    });
    expect(await task(id('code'))).toMatchObject({ review: 'reviewer', reviewId: id('code:review'), reviewOf: null });
    expect((await task(id('ship'))).dependsOn.map(({ taskId, kind }) => [taskId, kind])).toEqual([
      [id('code'), 'completion'],
      [id('code:review'), 'approval'],
    ]);
  });

  test('round after round: sent back with feedback, done again, approved', async () => {
    const service = await start();
    const { ask, task } = service;
    const id = await reviewed(service);
    for (const round of [1, 2]) {
      const run = await ask('task.execute', { taskId: id('code') }, ada);
      expect(run.task.attempt).toBe(round);
      const { ready, artifacts } = await ask(
        'task.complete',
        { taskId: id('code'), summary: `round ${round}`, detailedWork: `code ${round}` },
        ada,
      );
      expect(ready).toEqual([id('code:review')]);
      const judging = await ask('task.execute', { taskId: id('code:review') }, rita);
      expect(judging.specialist.context).toContain('## Under review');
      expect(judging.specialist.context).toContain(`> round ${round}`);
      expect(judging.specialist.context).toContain(artifacts[0]?.id);
      const back = { taskId: id('code:review'), summary: 'not yet', nextAction: 'needs_revision', feedback: `fault ${round}` } as const;
      expect((await ask('task.complete', back, rita)).ready).toEqual([id('code')]);
      expect(await task(id('code'))).toMatchObject({ status: 'pending', revision: round, feedback: `fault ${round}`, ready: true });
      expect(await task(id('code:review'))).toMatchObject({ status: 'pending', ready: false });
      expect((await task(id('ship'))).ready).toBe(false);
    }
    const last = await ask('task.execute', { taskId: id('code') }, ada);
    expect(last.specialist.context).toMatch(/> fault 2[\s\S]*> fault 1/);
    await ask('task.complete', { taskId: id('code'), summary: 'round 3' }, ada);
    await ask('task.execute', { taskId: id('code:review') }, rita);
    expect((await ask('task.complete', { taskId: id('code:review'), summary: 'good' }, rita)).ready).toEqual([id('ship')]);
  });

  test('of a root is a root of its own; who depends on it later waits for the approval', async () => {
    const { ask, task, create, finish } = await start();
    const { task: root, tasks } = await ask('task.plan', { title: 'Root', review: 'reviewer' });
    const review = await task(tasks[':review'] ?? root.id);
    expect(review).toMatchObject({ rootId: review.id, parentId: null, reviewOf: root.id });
    const after = await create({ dependsOn: [root.id] });
    await finish(root.id);
    expect((await task(after)).ready).toBe(false);
    expect((await finish(review.id)).ready).toEqual([after]);
  });

  test('a cancelled or archived subject can’t be sent back; it is refused, nothing is lost', async () => {
    const service = await start();
    const { ask, finish, refusedAndUnchanged } = service;
    const id = await reviewed(service);
    await finish(id('code'));
    await ask('task.execute', { taskId: id('code:review') }, rita);
    await ask('task.archive', { taskId: id('code') });
    const back = { taskId: id('code:review'), summary: 's', nextAction: 'needs_revision', feedback: 'f' };
    expect(await refusedAndUnchanged('task.complete', back, rita)).toMatchObject({
      reason: 'INVALID_TRANSITION',
      taskId: id('code'),
      from: 'archived',
    });
    expect((await ask('task.complete', { taskId: id('code:review'), summary: 'too late' }, rita)).task.status).toBe('completed');
  });

  test('a review that is waived or removed goes with its subject’s edge', async () => {
    const service = await start();
    const { ask, task } = service;
    const id = await reviewed(service);
    expect((await ask('dependency.waive', { taskId: id('ship'), dependsOn: id('code') })).task.ready).toBe(true);
    await ask('dependency.remove', { taskId: id('ship'), dependsOn: id('code') });
    expect((await task(id('ship'))).dependsOn).toEqual([]);
    expect((await ask('dependency.add', { taskId: id('ship'), dependsOn: id('code') })).task.dependsOn).toHaveLength(2);
  });
});
