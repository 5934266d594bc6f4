import { expect, test } from 'vitest';
import { anyone } from '../../support/service.ts';
import { overStores } from './checked-service.ts';

overStores('task.plan and task.create', (start) => {
  test('a task is what it was given, as stored', async () => {
    const { ask } = await start();
    const given = {
      title: 'Ship the importer',
      description: 'Reads ledgers.\n第二段 🚀',
      externalId: 'JIRA-7',
      project: 'ledger',
      type: 'implementation',
      specialist: 'implementer',
      complexity: 'very_complex',
      priority: 9,
      tags: ['import', 'q3'],
      acceptance: ['reads 2025', 'says what it skipped'],
      rollUp: 'execute',
      context: { branch: 'main', nested: { list: [1, null, 'x'] } },
      estimatedEffort: '2 days',
      maxAttempts: 7,
    } as const;
    const mutable = { ...given, tags: [...given.tags], acceptance: [...given.acceptance] };
    const { task } = await ask('task.create', { ...mutable, dueAt: '2026-03-01' });
    expect(task).toMatchObject({ ...given, dueAt: '2026-03-01T23:59:59.999Z', status: 'pending', ready: true, stage: 'ready' });
    expect(task).toMatchObject({ rev: 1, attempt: 0, rootId: task.id, parentId: null, createdBy: 'test', position: 0 });
    expect((await ask('task.get', { taskId: task.id })).task).toEqual(task);
  });

  test('a task that says nothing more gets the documented defaults', async () => {
    const { ask } = await start();
    const { task } = await ask('task.create', { title: 'x' });
    const defaults = { project: 'default', type: 'standard', specialist: 'generic', complexity: 'moderate', priority: 5 };
    expect(task).toMatchObject({ ...defaults, rollUp: 'execute', maxAttempts: 3, tags: [], acceptance: [], dueAt: null, review: null });
  });

  test('a breakdown: names, levels of execution, places and counters', async () => {
    const { ask, task } = await start();
    const planned = await ask('task.plan', {
      title: 'Release',
      tasks: [
        {
          ref: 'build',
          title: 'Build',
          tasks: [
            { title: 'Compile', dependsOn: ['spec'] },
            { title: 'Pack', dependsOn: ['0.0'] },
          ],
        },
        { ref: 'spec', title: 'Specify' },
        { ref: 'test', title: 'Test', dependsOn: ['build'] },
      ],
    });
    const { tasks } = planned;
    expect(Object.keys(tasks)).toEqual(['build', '0.0', '0.1', 'spec', 'test']);
    expect(planned.order).toEqual([[tasks['spec']], [tasks['0.0']], [tasks['0.1']], [tasks['build']], [tasks['test']]]);
    const all = await Promise.all(Object.values(tasks).map(task));
    expect(all.map(({ position, ready, stage }) => [position, ready, stage])).toEqual([
      [1, false, 'waiting'],
      [2, false, 'waiting'],
      [3, false, 'waiting'],
      [4, true, 'ready'],
      [5, false, 'waiting'],
    ]);
    expect(planned.task).toMatchObject({ ready: false, stage: 'waiting', children: { open: 3, completed: 0, failed: 0, cancelled: 0 } });
    expect(new Set(all.map(({ rootId }) => rootId))).toEqual(new Set([planned.task.id]));
  });

  test('sent again, a plan answers the same tasks, names and levels', async () => {
    const { ask, store } = await start();
    const params = {
      commandId: 'p1',
      title: 'Twice',
      tasks: [
        { ref: 'a', title: 'A', review: 'reviewer' },
        { title: 'B', dependsOn: ['a'], tasks: [{ title: 'C' }] },
      ],
    };
    const first = await ask('task.plan', params);
    const again = await ask('task.plan', params);
    expect(again).toEqual({ ...first, repeated: true });
    expect(Object.keys(again.tasks).toSorted()).toEqual(['1', '1.0', 'a', 'a:review']);
    expect((await store.counts()).byStatus.pending).toBe(5);
  });

  test('the name "review" is as good as any other beside a review of the top task', async () => {
    const { ask, task } = await start();
    const { tasks, task: top } = await ask('task.plan', {
      title: 'Top',
      review: 'reviewer',
      tasks: [{ ref: 'review', title: 'Look at it' }],
    });
    expect(new Set(Object.values(tasks)).size).toBe(2);
    expect(await task(tasks['review'] ?? top.id)).toMatchObject({ title: 'Look at it', parentId: top.id, reviewOf: null });
  });

  test.each([
    ['completion', {}, false, true],
    ['prerequisite', {}, false, true],
    ['approval', {}, false, false],
    ['data', { artifactType: 'design' }, false, true],
    ['data', { artifactType: 'code' }, false, false],
    ['related', {}, true, true],
    ['completion', { mandatory: false }, true, true],
  ] as const)('a dependency of kind %s %o: ready before %s, after a completion with a design %s', async (kind, more, before, after) => {
    const { plan, task, finish } = await start();
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B', dependsOn: [{ task: 'a', kind, ...more }] },
      ],
    });
    expect((await task(id('b'))).ready).toBe(before);
    await finish(id('a'), { detailedWork: 'drawn', artifactType: 'design' });
    expect((await task(id('b'))).ready).toBe(after);
  });

  test('an approval is given by a task of type approval; `blocks` is stored the other way round', async () => {
    const { plan, task, finish } = await start();
    const id = await plan({
      tasks: [
        { ref: 'ok', title: 'Approve', type: 'approval', dependsOn: [{ task: 'go', kind: 'blocks' }] },
        { ref: 'go', title: 'Go' },
        { ref: 'on', title: 'On', dependsOn: [{ task: 'ok', kind: 'approval' }] },
      ],
    });
    expect((await task(id('ok'))).dependsOn).toEqual([]);
    expect((await task(id('go'))).dependsOn).toMatchObject([{ taskId: id('ok'), kind: 'completion', status: 'waiting', direct: true }]);
    expect((await finish(id('ok'))).ready.toSorted()).toEqual([id('go'), id('on')].toSorted());
  });

  test('on tasks that exist: what they are now counts at once', async () => {
    const { create, task, finish, ask, refused } = await start();
    const [done, open, gone, old] = [await create(), await create(), await create(), await create()];
    await finish(done);
    await ask('task.cancel', { taskId: gone });
    await finish(old);
    await ask('task.archive', { taskId: old });
    const waiting = await create({ dependsOn: [done, open, gone] });
    expect((await task(waiting)).dependsOn.map(({ status }) => status)).toEqual(['satisfied', 'waiting', 'failed']);
    expect((await task(open)).dependents).toBe(1);
    expect(await refused('task.execute', { taskId: waiting })).toMatchObject({
      reason: 'DEPENDENCIES_UNMET',
      blockedBy: [
        { taskId: open, status: 'waiting', kind: 'completion' },
        { taskId: gone, status: 'failed', kind: 'completion', reason: 'it was cancelled' },
      ],
    });
    expect(await refused('task.create', { title: 'x', dependsOn: [old] })).toMatchObject({
      reason: 'INVALID_PARAMS',
      issues: [{ path: 'dependsOn[0]', message: `${old} is archived: nothing can wait for it any more` }],
    });
  });

  test('below a parent: its project, tree and dependencies; a finished parent opens again', async () => {
    const { create, plan, task, finish, ask } = await start();
    const gate = await create({ project: 'ledger' });
    const parent = await create({ project: 'ledger', dependsOn: [gate] });
    const child = await create({ parentId: parent });
    expect(await task(child)).toMatchObject({ project: 'ledger', rootId: parent, parentId: parent, ready: false });
    expect((await task(child)).dependsOn).toMatchObject([{ taskId: gate, direct: false, via: [parent] }]);
    expect((await finish(gate)).ready).toEqual([child]);
    await finish(child);
    await finish(parent);
    const ids = await plan({ parentId: parent, tasks: [{ ref: 'more', title: 'More' }] });
    expect(await task(parent)).toMatchObject({ status: 'pending', revision: 1, children: { open: 1, completed: 1 } });
    expect((await task(ids('more'))).rootId).toBe(parent);
    const { items } = await ask('task.history', { taskId: parent });
    expect(items.at(-1)).toMatchObject({ type: 'task.reopened', data: { from: 'completed', status: 'pending' } });
  });

  test('a parent that runs goes on, and can complete when its new child has', async () => {
    const { create, ask, refused, finish, task } = await start();
    const parent = await create();
    const { lease } = await ask('task.execute', { taskId: parent });
    const child = await create({ parentId: parent });
    expect((await task(parent)).status).toBe('in_progress');
    const params = { taskId: parent, lease: lease.id, summary: 'done' };
    expect(await refused('task.complete', params)).toMatchObject({ reason: 'CHILDREN_UNFINISHED', guard: 'childrenDone' });
    await finish(child);
    expect((await ask('task.complete', params)).task.status).toBe('completed');
  });

  test('an archived parent, a project other than the parent’s, and a specialist that is none', async () => {
    const { create, ask, finish, refusedAndUnchanged } = await start();
    const parent = await create({ project: 'one' });
    expect(await refusedAndUnchanged('task.create', { title: 'x', parentId: parent, project: 'two' })).toMatchObject({
      reason: 'INVALID_PARAMS',
      issues: [{ path: 'project', message: 'the parent is in "one"' }],
    });
    await finish(parent);
    await ask('task.archive', { taskId: parent });
    expect(await refusedAndUnchanged('task.create', { title: 'x', parentId: parent })).toMatchObject({
      reason: 'PARENT_CLOSED',
      taskId: parent,
    });
    const strangers = { title: 'x', specialist: 'wizard', tasks: [{ title: 'y', tasks: [{ title: 'z', review: 'witch' }] }] };
    const unknown = await refusedAndUnchanged('task.plan', strangers);
    expect(unknown).toMatchObject({ reason: 'SPECIALIST_NOT_FOUND', nearby: expect.arrayContaining(['architect', 'generic']) });
    expect(unknown.issues?.map(({ path }) => path)).toEqual(['specialist', 'tasks[0].tasks[0].review']);
  });

  test('an auto parent completes by itself when something is done and nothing failed', async () => {
    const { plan, task, finish, ask } = await start();
    const id = await plan({
      rollUp: 'auto',
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B' },
      ],
    });
    await finish(id('a'));
    await ask('task.cancel', { taskId: id('b') });
    expect(await task(id(''))).toMatchObject({ status: 'completed', result: { summary: expect.stringContaining('1 cancelled') } });
    await ask('task.reopen', { taskId: id('a'), reason: 'a fault' });
    expect(await task(id(''))).toMatchObject({ status: 'pending', revision: 1 });
  });

  test('two plans at once, of one command and of two', async () => {
    const { ask, store } = await start();
    const params = { title: 'At once', tasks: [{ title: 'A' }, { title: 'B' }] };
    const [one, two] = await Promise.all([
      ask('task.plan', { ...params, commandId: 'same' }),
      ask('task.plan', { ...params, commandId: 'same' }),
    ]);
    expect([one.task.id, one.repeated, two.repeated]).toEqual([two.task.id, undefined, true]);
    const other = await ask('task.plan', { ...params, commandId: 'same' }, { ...anyone, name: 'other' });
    expect(other.task.id).not.toBe(one.task.id);
    expect((await store.counts()).byStatus.pending).toBe(6);
  });
});
