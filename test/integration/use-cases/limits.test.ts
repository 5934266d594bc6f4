import { expect, test } from 'vitest';
import type { Asked } from '../../support/service.ts';
import { overStores } from './checked-service.ts';

/** How large a plan may be, and what would wait for itself. */

type Planned = NonNullable<Asked<'task.plan'>['tasks']>[number];

const many = (count: number, more: (n: number) => Partial<Planned> = () => ({})): Planned[] =>
  Array.from({ length: count }, (_, n) => ({ title: `task ${n}`, ...more(n) }));

const nested = (depth: number): Planned => (depth === 1 ? { title: 'leaf' } : { title: `level ${depth}`, tasks: [nested(depth - 1)] });

overStores('limits', (start) => {
  test('a tree has at most 1,000 tasks, its reviews and what was there before included', async () => {
    const { ask, refusedAndUnchanged, create, store } = await start();
    const limit = { name: 'tasks in a tree', max: 1_000 };
    const over = (actual: number) => ({ reason: 'LIMIT_EXCEEDED', code: 413, issues: [{ path: 'tasks' }], limit: { ...limit, actual } });
    expect(await refusedAndUnchanged('task.plan', { title: 'x', tasks: many(1_000) })).toMatchObject(over(1_001));
    expect(await refusedAndUnchanged('task.plan', { title: 'x', tasks: many(500, () => ({ review: 'reviewer' })) })).toMatchObject(
      over(1_001),
    );
    const { task } = await ask('task.plan', { title: 'x', tasks: many(998) });
    await create({ parentId: task.id });
    expect(await refusedAndUnchanged('task.create', { title: 'one more', parentId: task.id })).toMatchObject(over(1_001));
    expect((await store.counts()).byStatus.pending).toBe(1_000);
  });

  test('a tree is at most 16 deep, also below a parent', async () => {
    const { plan, refusedAndUnchanged, ask } = await start();
    expect(await refusedAndUnchanged('task.plan', { title: 'x', tasks: [nested(16)] })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      issues: [{ path: Array.from({ length: 16 }, () => 'tasks[0]').join('.') }],
      limit: { name: 'depth of the tree', max: 16, actual: 17 },
    });
    const id = await plan({ tasks: [nested(15)] });
    const { items } = await ask('task.list', { filter: { rootId: id('') }, sort: '-created', limit: 1 });
    expect(items).toMatchObject([{ title: 'leaf' }]);
    expect(await refusedAndUnchanged('task.create', { title: 'deeper', parentId: items[0]?.id })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      limit: { name: 'depth of the tree', max: 16, actual: 17 },
    });
  });

  test('a task has at most 500 dependents', async () => {
    const { ask, plan, create, refusedAndUnchanged } = await start();
    const fan = (count: number) => [{ title: 'hub', ref: 'hub' }, ...many(count, () => ({ dependsOn: ['hub'] }))];
    const limit = { name: 'dependents of a task', max: 500, actual: 501 };
    expect(await refusedAndUnchanged('task.plan', { title: 'x', tasks: fan(501) })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      issues: [{ path: 'tasks[0]' }],
      limit,
    });
    const id = await plan({ tasks: fan(500) });
    const free = await create({ parentId: id('') });
    expect((await ask('task.get', { taskId: id('hub') })).task.dependents).toBe(500);
    expect(await refusedAndUnchanged('dependency.add', { taskId: free, dependsOn: id('hub') })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      issues: [{ path: 'dependsOn', message: 'at most 500 dependents' }],
      limit,
    });
    expect(await refusedAndUnchanged('task.create', { title: 'x', dependsOn: [id('hub')] })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      limit,
    });
  });

  test('a plan may be one chain: what it makes is never looked for', async () => {
    const { plan, ask } = await start();
    const id = await plan({ tasks: many(999, (n) => ({ ref: `r${n}`, dependsOn: n === 0 ? [] : [`r${n - 1}`] })) });
    expect((await ask('task.get', { taskId: id('r998') })).task.dependsOn).toMatchObject([{ taskId: id('r997'), status: 'waiting' }]);
  });

  test('a task has at most 100 dependencies, whichever way they are given', async () => {
    const { plan, refusedAndUnchanged, ask } = await start();
    const blockers = many(101, (n) => ({ ref: `r${n}`, dependsOn: [{ task: 'hub', kind: 'blocks' }] }));
    expect(await refusedAndUnchanged('task.plan', { title: 'x', tasks: [...blockers, { title: 'hub', ref: 'hub' }] })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      issues: [{ path: 'tasks[101]' }],
      limit: { name: 'dependencies of a task', max: 100, actual: 101 },
    });
    const refs = many(100, (n) => ({ ref: `r${n}` }));
    const id = await plan({
      tasks: [...refs, { title: 'hub', ref: 'hub', dependsOn: refs.map(({ ref }) => ref ?? '') }, { title: 'free', ref: 'free' }],
    });
    expect(await refusedAndUnchanged('dependency.add', { taskId: id('hub'), dependsOn: id('free') })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      guard: 'roomForDependencies',
    });
    expect((await ask('dependency.add', { taskId: id('hub'), dependsOn: id('r0') })).task.dependsOn).toHaveLength(100);
  });
});

const circles: readonly (readonly [what: string, tasks: Planned[], length: number])[] = [
  ['a task that depends on itself', [{ title: 'a', ref: 'a', dependsOn: ['a'] }], 1],
  [
    'two that depend on each other',
    [
      { title: 'a', ref: 'a', dependsOn: ['b'] },
      { title: 'b', ref: 'b', dependsOn: ['a'] },
    ],
    2,
  ],
  ['three', many(3, (n) => ({ ref: `r${n}`, dependsOn: [`r${(n + 1) % 3}`] })), 3],
  ['a child that depends on its parent', [{ title: 'a', ref: 'a', tasks: [{ title: 'b', dependsOn: ['a'] }] }], 2],
  [
    'a child that waits for who waits for its parent',
    [
      { title: 'a', ref: 'a', tasks: [{ title: 'b', dependsOn: ['c'] }] },
      { title: 'c', ref: 'c', dependsOn: ['a'] },
    ],
    3,
  ],
  [
    'one that blocks what it depends on',
    [
      { title: 'a', ref: 'a' },
      { title: 'b', dependsOn: ['a', { task: 'a', kind: 'blocks' }] },
    ],
    2,
  ],
];

overStores('a plan that would wait for itself', (start) => {
  test.each(circles)('%s', async (_, tasks, length) => {
    const { refusedAndUnchanged } = await start();
    const refusal = await refusedAndUnchanged('task.plan', { title: 'x', tasks });
    expect(refusal).toMatchObject({ reason: 'DEPENDENCY_CYCLE', code: 409, fix: 'leave out one of the edges of `path`' });
    expect([refusal.path?.length, new Set(refusal.path?.map(({ taskId }) => taskId)).size]).toEqual([length, length]);
  });

  test('through a task that exists, which the new one blocks and waits for', async () => {
    const { plan, create, refusedAndUnchanged } = await start();
    const id = await plan({ tasks: [{ ref: 'a', title: 'A' }] });
    const both = (known: string) => [known, { task: known, kind: 'blocks' }];
    const inTree = await refusedAndUnchanged('task.create', { title: 'x', parentId: id(''), dependsOn: both(id('a')) });
    expect(inTree).toMatchObject({ reason: 'DEPENDENCY_CYCLE', taskId: id('a') });
    expect(inTree.path).toHaveLength(2);
    // A task that exists gets no edge into another tree, whoever asks for it.
    expect(await refusedAndUnchanged('task.create', { title: 'x', dependsOn: both(await create()) })).toMatchObject({
      reason: 'INVALID_PARAMS',
      issues: [{ path: 'dependsOn[1]' }],
    });
  });
});
