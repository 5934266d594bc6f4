import { expect, test } from 'vitest';
import { builtinRoles } from '../../../src/specialists/builtin.ts';
import { createCatalogue } from '../../../src/specialists/role.ts';
import { anyone, worker } from '../../support/service.ts';
import { overStores, settle, sha256 } from './checked-service.ts';

const ada = worker('ada');
const bob = worker('bob');

overStores('task.claim', (start) => {
  test('executes the best ready task', async () => {
    const { ask, create, task } = await start();
    await create({ priority: 4 });
    const best = await create({ priority: 8, specialist: 'tester' });
    const run = await ask('task.claim', { leaseMs: 60_000 }, ada);
    expect(run.task).toMatchObject({ id: best, status: 'in_progress', attempt: 1 });
    expect(run.specialist.type).toBe('tester');
    expect(run.lease.holder).toBe('test/ada');
    expect((await task(best)).lease).toEqual(run.lease);
  });

  test('fifty at once on twenty tasks: each task is given once, the others get NOTHING_READY', async () => {
    const { create, ask } = await start();
    const made = await Promise.all(Array.from({ length: 20 }, () => create()));
    const { answers, reasons } = await settle(Array.from({ length: 50 }, (_, n) => ask('task.claim', {}, worker(`w${n}`))));
    expect(answers.map(({ task }) => task.id).toSorted()).toEqual(made.toSorted());
    expect(reasons).toEqual(Array.from({ length: 30 }, () => 'NOTHING_READY'));
  });

  test('more candidates taken than one page holds', async () => {
    const { create, ask } = await start();
    await Promise.all(Array.from({ length: 70 }, () => create()));
    const claims = await Promise.all(Array.from({ length: 70 }, (_, n) => ask('task.claim', {}, worker(`w${n}`))));
    expect(new Set(claims.map(({ task }) => task.id)).size).toBe(70);
  });

  test('nothing ready says so, and when to ask again', async () => {
    const { create, refusedAndUnchanged, ask } = await start();
    await ask('task.block', { taskId: await create(), reason: 'r' });
    expect(await refusedAndUnchanged('task.claim', {}, ada)).toMatchObject({
      reason: 'NOTHING_READY',
      code: 404,
      retryable: true,
      retryAfterMs: 1_000,
      fix: 'ask again later, or wait with waitMs',
    });
  });

  test('one that waits is woken by what makes a task ready', async () => {
    const { ask, plan, create, finish, pass } = await start();
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B', dependsOn: ['a'] },
      ],
    });
    const wakers: readonly (readonly [string, () => Promise<unknown>])[] = [
      [id('b'), () => finish(id('a'))],
      [id(''), () => ask('task.complete', { taskId: id('b'), summary: 's' }, ada)],
    ];
    await ask('task.execute', { taskId: id('a') }, worker('finisher'));
    for (const [expected, wake] of wakers) {
      const [run] = await Promise.all([ask('task.claim', { waitMs: 30_000 }, ada), wake()]);
      expect(run.task.id).toBe(expected);
    }
    const [created, made] = await Promise.all([ask('task.claim', { waitMs: 30_000 }, bob), create()]);
    expect(created.task.id).toBe(made);
    await ask('task.fail', { taskId: made, error: { message: 'once' } }, bob);
    const [retried] = await Promise.all([ask('task.claim', { waitMs: 30_000 }, bob), pass(1_000)]);
    expect(retried.task).toMatchObject({ id: made, attempt: 2 });
  });

  test('of several that wait, one gets what became ready and the others go on waiting', async () => {
    const { create, ask } = await start();
    const withdraw = new AbortController();
    const waiting = ['a', 'b', 'c'].map((name) => ask('task.claim', { waitMs: 30_000 }, { ...worker(name), signal: withdraw.signal }));
    let served = 0;
    const bothServed = new Promise<void>((resolve) => {
      for (const claim of waiting) void claim.then(() => (++served === 2 ? resolve() : undefined), resolve);
    });
    await Promise.all([Promise.race(waiting), create()]);
    await Promise.all([bothServed, create()]);
    withdraw.abort();
    const { answers, reasons } = await settle(waiting);
    expect([answers.length, reasons]).toEqual([2, ['CANCELLED']]);
  });

  test('is withdrawn by its signal, before and while it waits', async () => {
    const { refused } = await start();
    const withdraw = new AbortController();
    const waiting = refused('task.claim', { waitMs: 30_000 }, { ...ada, signal: withdraw.signal });
    withdraw.abort();
    expect(await waiting).toMatchObject({ reason: 'CANCELLED', code: 499, retryable: true });
    expect(await refused('task.claim', { waitMs: 30_000 }, { ...ada, signal: withdraw.signal })).toMatchObject({ reason: 'CANCELLED' });
  });

  test('sent again, also for longer, it answers the same task and lease; with another filter it is refused', async () => {
    const { ask, create, refusedAndUnchanged } = await start();
    await create();
    await create();
    const first = await ask('task.claim', { commandId: 'c1' }, ada);
    const again = await ask('task.claim', { commandId: 'c1', waitMs: 1_000 }, ada);
    expect(again).toEqual({ ...first, repeated: true });
    expect(await refusedAndUnchanged('task.claim', { commandId: 'c1', filter: { type: ['review'] } }, ada)).toMatchObject({
      reason: 'COMMAND_REUSED',
    });
    await ask('task.complete', { taskId: first.task.id, summary: 's' }, ada);
    expect(await refusedAndUnchanged('task.claim', { commandId: 'c1' }, ada)).toMatchObject({ reason: 'STALE_LEASE', from: 'completed' });
  });

  test('found nothing and sent again, it looks again', async () => {
    const { ask, create, refused } = await start();
    await refused('task.claim', { commandId: 'c1' }, ada);
    const made = await create();
    expect((await ask('task.claim', { commandId: 'c1' }, ada)).task.id).toBe(made);
  });

  test.each([
    ['specialist', { specialist: ['tester'] }],
    ['type', { type: ['testing'] }],
    ['complexity', { complexity: ['trivial'] }],
    ['tags', { tags: ['x', 'y'] }],
    ['project', { project: 'ledger' }],
    ['externalId', { externalId: 'E-1' }],
    ['text', { text: 'WANTED' }],
  ] as const)('takes only what its filter on %s lets through', async (_, filter) => {
    const { ask, create, refused } = await start();
    await create({ priority: 10, tags: ['x'] });
    const wanted = await create({
      title: 'The wanted one',
      specialist: 'tester',
      type: 'testing',
      complexity: 'trivial',
      tags: ['z', 'y', 'x'],
      project: 'ledger',
      externalId: 'E-1',
    });
    const mutable = Object.fromEntries(Object.entries(filter).map(([key, value]) => [key, Array.isArray(value) ? [...value] : value]));
    expect((await ask('task.claim', { filter: mutable }, ada)).task.id).toBe(wanted);
    expect(await refused('task.claim', { filter: mutable }, ada)).toMatchObject({ reason: 'NOTHING_READY' });
  });

  test('takes only from its tree and below its parent', async () => {
    const { ask, plan, create, refused } = await start();
    await create({ priority: 10 });
    const id = await plan({
      tasks: [
        { title: 'A', ref: 'a', tasks: [{ title: 'B', ref: 'b' }] },
        { title: 'C', ref: 'c', priority: 6 },
      ],
    });
    expect((await ask('task.claim', { filter: { rootId: id('') } }, ada)).task.id).toBe(id('c'));
    expect((await ask('task.claim', { filter: { parentId: id('a') } }, ada)).task.id).toBe(id('b'));
    expect(await refused('task.claim', { filter: { rootId: id('') } }, ada)).toMatchObject({ reason: 'NOTHING_READY' });
  });

  test('a token of one project is not given another’s task', async () => {
    const { ask, create, refused } = await start();
    await create({ project: 'secret', priority: 10 });
    const own = await create({ project: 'open' });
    const token = { ...ada, projects: ['open'] };
    expect((await ask('task.claim', {}, token)).task.id).toBe(own);
    expect(await refused('task.claim', {}, token)).toMatchObject({ reason: 'NOTHING_READY' });
    expect(await refused('task.claim', { filter: { project: 'secret' } }, token)).toMatchObject({ reason: 'FORBIDDEN' });
  });

  test('a task whose role was taken away holds up nobody else', async () => {
    const special = createCatalogue([...builtinRoles, ...builtinRoles.slice(0, 1).map((role) => ({ ...role, key: 'wizard' }))], sha256);
    const before = await start({ roles: special });
    const made = await before.create({ specialist: 'wizard', priority: 10 }, anyone);
    const other = await before.create();
    const after = await start({ store: before.store });
    expect((await after.ask('task.claim', {}, ada)).task.id).toBe(other);
    expect(await after.refused('task.execute', { taskId: made }, ada)).toMatchObject({ reason: 'SPECIALIST_NOT_FOUND' });
    await after.ask('task.edit', { taskId: made, set: { specialist: 'coder' } });
    expect((await after.ask('task.claim', {}, ada)).task.id).toBe(made);
  });
});
