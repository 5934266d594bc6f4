import { expect, test } from 'vitest';
import { worker } from '../../support/service.ts';
import { overStores, settle } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

const ada = worker('ada');

/** `p` over `p1` (over `p2`), and `a`, `b`, `c` beside it, all free. */
const tree = ({ plan }: CheckedService) =>
  plan({
    tasks: [
      { ref: 'a', title: 'A' },
      { ref: 'b', title: 'B' },
      { ref: 'c', title: 'C' },
      { ref: 'p', title: 'P', tasks: [{ ref: 'p1', title: 'P1', tasks: [{ ref: 'p2', title: 'P2' }] }] },
    ],
  });

overStores('dependency.add', (start) => {
  test('makes a task wait, until the other one is completed', async () => {
    const service = await start();
    const { ask, finish, task } = service;
    const id = await tree(service);
    const added = await ask('dependency.add', { taskId: id('a'), dependsOn: { task: id('b'), kind: 'prerequisite' } });
    expect(added.task).toMatchObject({
      ready: false,
      dependsOn: [{ taskId: id('b'), kind: 'prerequisite', status: 'waiting', direct: true }],
    });
    expect((await task(id('b'))).dependents).toBe(1);
    expect((await finish(id('b'))).ready).toEqual([id('a')]);
    expect((await ask('dependency.add', { taskId: id('a'), dependsOn: id('b') })).task.ready).toBe(true);
  });

  test('on a parent holds back everything below it, running work included', async () => {
    const service = await start();
    const { ask, finish, task, refused } = service;
    const id = await tree(service);
    await ask('task.execute', { taskId: id('p2') }, ada);
    await ask('dependency.add', { taskId: id('p'), dependsOn: id('a') });
    for (const ref of ['p1', 'p2'])
      expect((await task(id(ref))).dependsOn).toMatchObject([{ taskId: id('a'), direct: false, via: [id('p')], status: 'waiting' }]);
    expect((await task(id('p2'))).status).toBe('in_progress');
    expect(await refused('task.complete', { taskId: id('p2'), summary: 's' }, ada)).toMatchObject({
      reason: 'DEPENDENCIES_UNMET',
      blockedBy: [{ taskId: id('a') }],
    });
    await finish(id('a'));
    expect((await ask('task.complete', { taskId: id('p2'), summary: 's' }, ada)).task.status).toBe('completed');
  });

  test.each([
    ['itself', 'a', 'a', ['a dependency']],
    ['its parent', 'p2', 'p1', ['p2 dependency', 'p1 parent']],
    ['an ancestor', 'p2', 'p', ['p2 dependency', 'p parent', 'p1 parent']],
    // What is below inherits the edge, so the child would wait for itself.
    ['its child', 'p', 'p1', ['p1 dependency']],
    ['a descendant', 'p', 'p2', ['p2 dependency']],
    ['who waits for it, over others and a parent', 'p2', 'b', ['p2 dependency', 'b dependency', 'a dependency', 'p parent', 'p1 parent']],
  ] as const)('on %s is a circle, and every step of it is named once in the order of waiting', async (_, from, to, steps) => {
    const service = await start();
    const { ask, refusedAndUnchanged } = service;
    const id = await tree(service);
    await ask('dependency.add', { taskId: id('a'), dependsOn: id('p') });
    await ask('dependency.add', { taskId: id('b'), dependsOn: id('a') });
    const refusal = await refusedAndUnchanged('dependency.add', { taskId: id(from), dependsOn: id(to) });
    expect(refusal).toMatchObject({ reason: 'DEPENDENCY_CYCLE', code: 409, guard: 'acyclic', event: 'DEPENDENCY_ADD' });
    const refs = ['a', 'b', 'p', 'p1', 'p2'];
    const told = refusal.path?.map(({ taskId, waitsAs }) => `${refs.find((ref) => id(ref) === taskId)} ${waitsAs}`) ?? [];
    const first = told.indexOf(steps[0]);
    expect([...told.slice(first), ...told.slice(0, first)]).toEqual(steps);
  });

  test('what never gates closes no circle', async () => {
    const service = await start();
    const { ask, task } = service;
    const id = await tree(service);
    await ask('dependency.add', { taskId: id('a'), dependsOn: id('b') });
    await ask('dependency.add', { taskId: id('b'), dependsOn: { task: id('a'), kind: 'related' } });
    await ask('dependency.add', { taskId: id('b'), dependsOn: { task: id('a'), mandatory: false } });
    expect((await task(id('b'))).ready).toBe(true);
  });

  test('two opposite edges at once, direct and through a parent: never both', async () => {
    const service = await start();
    const { ask } = service;
    const id = await tree(service);
    for (const [one, two] of [
      ['a', 'b'],
      ['c', 'p2'],
    ] as const) {
      const { answers, reasons } = await settle([
        ask('dependency.add', { taskId: id(one), dependsOn: id(two) }),
        ask('dependency.add', { taskId: id(two), dependsOn: id(one) }),
      ]);
      expect([answers.length, reasons]).toEqual([1, ['DEPENDENCY_CYCLE']]);
    }
    const { answers, reasons } = await settle([
      ask('dependency.add', { taskId: id('p'), dependsOn: id('c') }),
      ask('dependency.add', { taskId: id('c'), dependsOn: id('p1') }),
    ]);
    expect([answers.length + reasons.length, reasons.length]).not.toEqual([2, 0]);
  });

  test('only inside a tree and a project, on what is not archived, and not while the task runs', async () => {
    const service = await start();
    const { ask, create, refusedAndUnchanged, finish } = service;
    const id = await tree(service);
    const [elsewhere, abroad] = [await create(), await create({ project: 'other' })];
    await finish(id('c'));
    await ask('task.archive', { taskId: id('c') });
    const cases = [
      [elsewhere, 'the two tasks are in different trees: there only a new task can wait, for one that exists'],
      [abroad, `there is no task ${abroad} in this project`],
      [id('c'), `${id('c')} is archived: nothing can wait for it any more`],
    ] as const;
    for (const [dependsOn, message] of cases)
      expect(await refusedAndUnchanged('dependency.add', { taskId: id('a'), dependsOn })).toMatchObject({
        reason: 'INVALID_PARAMS',
        issues: [{ path: 'dependsOn', message }],
      });
    await ask('task.execute', { taskId: id('a') }, ada);
    expect(await refusedAndUnchanged('dependency.add', { taskId: id('a'), dependsOn: id('b') })).toMatchObject({
      reason: 'INVALID_TRANSITION',
      from: 'in_progress',
      fix: expect.stringContaining('needs_revision'),
    });
  });

  test('kind `blocks` makes the other one wait', async () => {
    const service = await start();
    const { ask, task } = service;
    const id = await tree(service);
    const told = await ask('dependency.add', { taskId: id('a'), dependsOn: { task: id('b'), kind: 'blocks' } });
    expect(told.task).toMatchObject({ id: id('a'), dependsOn: [], dependents: 1 });
    expect((await task(id('b'))).dependsOn).toMatchObject([{ taskId: id('a'), kind: 'completion' }]);
  });
});

overStores('dependency.remove and dependency.waive', (start) => {
  test.each(['remove', 'waive'] as const)('%s lets the task go on, and what inherited the edge', async (how) => {
    const service = await start();
    const { ask, task } = service;
    const id = await tree(service);
    await ask('dependency.add', { taskId: id('p'), dependsOn: id('a') });
    expect((await task(id('p2'))).ready).toBe(false);
    const told = await ask(`dependency.${how}`, { taskId: id('p'), dependsOn: id('a'), reason: 'not needed' });
    expect(told.task.dependsOn.map(({ waived }) => waived)).toEqual(how === 'remove' ? [] : [true]);
    expect((await task(id('p2'))).ready).toBe(true);
    expect((await task(id('a'))).dependents).toBe(how === 'remove' ? 0 : 1);
    const { items } = await ask('task.history', { taskId: id('p') });
    expect(items.at(-1)).toMatchObject({
      type: how === 'remove' ? 'dependency.removed' : 'dependency.waived',
      data: { reason: 'not needed' },
    });
  });

  test.each(['remove', 'waive'] as const)('%s of one that the task does not have, or only inherits', async (how) => {
    const service = await start();
    const { ask, refusedAndUnchanged } = service;
    const id = await tree(service);
    await ask('dependency.add', { taskId: id('p'), dependsOn: id('a') });
    for (const [taskId, dependsOn] of [
      [id('b'), id('a')],
      [id('p2'), id('a')],
      [id('b'), `t_${'0'.repeat(26)}`],
    ])
      expect(await refusedAndUnchanged(`dependency.${how}`, { taskId, dependsOn })).toMatchObject({
        reason: 'INVALID_TRANSITION',
        guard: 'dependencyGiven',
        fix: expect.stringContaining('`direct` is true'),
      });
  });

  test('a waiver outlives what happens to the other task; adding the edge again takes it back', async () => {
    const service = await start();
    const { ask, finish, task } = service;
    const id = await tree(service);
    await ask('dependency.add', { taskId: id('a'), dependsOn: id('b') });
    await ask('dependency.waive', { taskId: id('a'), dependsOn: id('b') });
    await finish(id('b'));
    await ask('task.reopen', { taskId: id('b'), reason: 'r' });
    expect(await task(id('a'))).toMatchObject({ ready: true, dependsOn: [{ waived: true, status: 'waiting' }] });
    expect((await ask('dependency.add', { taskId: id('a'), dependsOn: id('b') })).task).toMatchObject({
      ready: false,
      dependsOn: [{ waived: false }],
    });
  });

  test('given by itself and by an ancestor, an edge stays until both have let go', async () => {
    const service = await start();
    const { ask, task } = service;
    const id = await tree(service);
    for (const ref of ['p', 'p2']) await ask('dependency.add', { taskId: id(ref), dependsOn: id('a') });
    expect((await task(id('p2'))).dependsOn).toMatchObject([{ direct: true, via: [id('p')] }]);
    await ask('dependency.remove', { taskId: id('p2'), dependsOn: id('a') });
    expect(await task(id('p2'))).toMatchObject({ ready: false, dependsOn: [{ direct: false, via: [id('p')] }] });
    await ask('dependency.remove', { taskId: id('p'), dependsOn: id('a') });
    expect(await task(id('p2'))).toMatchObject({ ready: true, dependsOn: [] });
  });
});
