import { expect, test } from 'vitest';
import { roles, worker } from '../../support/service.ts';
import { overStores, settle } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

const ada = worker('ada');
const bob = worker('bob');
const hour = 3_600_000;

overStores('task.execute and its lease', (start) => {
  test('starts the task and answers lease, specialist, instructions and next steps', async () => {
    const { ask, create, task, clock } = await start();
    const taskId = await create({ specialist: 'architect', title: 'Draw it', description: 'All of it' });
    const run = await ask('task.execute', { taskId }, ada);
    expect(run.task).toMatchObject({ status: 'in_progress', attempt: 1, rev: 2, stage: 'underway', ready: false });
    const expiresAt = new Date(clock.now() + 72 * hour).toISOString();
    expect(run.lease).toEqual({ id: expect.stringMatching(/^l_/), holder: 'test/ada', expiresAt });
    expect(run.specialist).toMatchObject({ type: 'architect', hash: roles.get('architect')?.hash });
    expect(run.specialist.context).toContain('Draw it');
    expect(run.specialist.context).toContain('> All of it');
    expect([run.specialist.prompts, run.instructions, run.nextSteps].every((list) => list.length > 1)).toBe(true);
    expect(run.nextSteps.join()).toContain(`task.complete {"taskId":"${taskId}"`);
    expect(await task(taskId)).toEqual(run.task);
  });

  test('a shorter lease on request, never a longer one than the role’s', async () => {
    const { ask, create, clock } = await start();
    const ends = async (leaseMs: number) =>
      Date.parse((await ask('task.execute', { taskId: await create({ specialist: 'reviewer' }), leaseMs })).lease.expiresAt) - clock.now();
    expect(await ends(60_000)).toBe(60_000);
    expect(await ends(7 * hour)).toBe(6 * hour);
  });

  test('only pending tasks whose dependencies are met and whose children are done', async () => {
    const { ask, plan, refusedAndUnchanged } = await start();
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B', dependsOn: ['a'] },
      ],
    });
    const start1 = { from: 'pending', event: 'START', allowed: expect.not.arrayContaining(['START']) };
    expect(await refusedAndUnchanged('task.execute', { taskId: id('b') }, ada)).toMatchObject({
      ...start1,
      reason: 'DEPENDENCIES_UNMET',
      guard: 'dependenciesMet',
      blockedBy: [{ taskId: id('a'), status: 'waiting', kind: 'completion' }],
      fix: 'complete or waive what `blockedBy` names',
    });
    expect(await refusedAndUnchanged('task.execute', { taskId: id('') }, ada)).toMatchObject({
      ...start1,
      reason: 'CHILDREN_UNFINISHED',
      guard: 'childrenDone',
    });
    await ask('task.execute', { taskId: id('a') }, ada);
    expect(await refusedAndUnchanged('task.execute', { taskId: id('a') }, bob)).toMatchObject({
      reason: 'INVALID_TRANSITION',
      from: 'in_progress',
      fix: 'complete the task with needs_revision, or wait until its lease ends',
      allowed: expect.arrayContaining(['COMPLETE', 'PROGRESS', 'FAIL']),
    });
  });

  test('ten workers at once: one gets it', async () => {
    const { ask, create } = await start();
    const taskId = await create();
    const { answers, reasons } = await settle(Array.from({ length: 10 }, (_, n) => ask('task.execute', { taskId }, worker(`w${n}`))));
    expect(answers).toHaveLength(1);
    expect(reasons).toEqual(Array.from({ length: 9 }, () => 'INVALID_TRANSITION'));
  });

  test('the holder who asks again gets the same lease, and nothing is written', async () => {
    const { ask, create, log } = await start();
    const taskId = await create();
    const first = await ask('task.execute', { taskId }, ada);
    const { end } = log;
    const again = await ask('task.execute', { taskId }, ada);
    expect([again.lease, again.repeated, log.end]).toEqual([first.lease, true, end]);
  });

  test('without a worker only the same command gets the lease again', async () => {
    const { ask, create, refusedAndUnchanged } = await start();
    const taskId = await create();
    const first = await ask('task.execute', { taskId, commandId: 'e1' });
    expect((await ask('task.execute', { taskId, commandId: 'e1' })).lease).toEqual(first.lease);
    expect(await refusedAndUnchanged('task.execute', { taskId, commandId: 'e2' })).toMatchObject({ reason: 'INVALID_TRANSITION' });
  });
});

/** Each call that needs the lease, of one who is not its holder any more or never was. */
const held: readonly (readonly [string, object])[] = [
  ['task.progress', {}],
  ['task.fail', { error: { message: 'no' } }],
  ...(['complete', 'continue', 'needs_revision', 'blocked'] as const).map(
    (nextAction) => ['task.complete', { summary: 's', nextAction }] as const,
  ),
];

overStores('the proof of a lease', (start) => {
  test.each(held)('%s %o', async (method, params) => {
    const { ask, create, send, refusedAndUnchanged } = await start();
    const taskId = await create({ maxAttempts: 2 });
    const { lease } = await ask('task.execute', { taskId }, ada);
    const stale = { reason: 'STALE_LEASE', guard: 'leaseHeld', taskId, fix: 'execute the task to get a lease of your own' };
    const other = await ask('task.execute', { taskId: await create() }, bob);
    expect(await refusedAndUnchanged(method, { taskId, ...params }, bob)).toMatchObject(stale);
    expect(await refusedAndUnchanged(method, { taskId, ...params })).toMatchObject(stale);
    expect(await refusedAndUnchanged(method, { taskId, ...params, lease: other.lease.id }, ada)).toMatchObject(stale);
    // Whoever shows it holds it; a worker who holds it need not show it.
    await send(method, { taskId, ...params, lease: lease.id });
    const second = await create();
    await ask('task.execute', { taskId: second }, ada);
    await send(method, { taskId: second, ...params }, ada);
  });

  test.each(held)('%s %o with the lease of an attempt that another one followed', async (method, params) => {
    const { ask, create, pass, refusedAndUnchanged } = await start();
    const taskId = await create();
    const first = await ask('task.execute', { taskId, leaseMs: 60_000 }, ada);
    await pass(60_000);
    await pass(1_000);
    const second = await ask('task.execute', { taskId }, bob);
    expect(second.lease.id).not.toBe(first.lease.id);
    for (const lease of [first.lease.id, undefined])
      expect(await refusedAndUnchanged(method, { taskId, ...params, lease }, ada)).toMatchObject({ reason: 'STALE_LEASE' });
  });
});

/** Lets the newest attempt run out; `attempts` of them. */
async function expired({ ask, create, pass }: CheckedService, maxAttempts: number) {
  const taskId = await create({ maxAttempts });
  const { lease } = await ask('task.execute', { taskId, leaseMs: 60_000, commandId: 'e1' }, ada);
  await pass(60_000);
  return { taskId, lease: lease.id };
}

overStores('a lease that runs out', (start) => {
  test('frees the task after a pause that says how long it is', async () => {
    const service = await start();
    const { ask, task, pass, refusedAndUnchanged, clock } = service;
    const { taskId } = await expired(service, 3);
    const notBefore = new Date(clock.now() + 1_000).toISOString();
    expect(await task(taskId)).toMatchObject({ status: 'pending', ready: false, failures: 1, lease: null, notBefore });
    expect(await refusedAndUnchanged('task.execute', { taskId }, bob)).toMatchObject({ reason: 'NOT_DUE', retryAfterMs: 1_000 });
    expect(await refusedAndUnchanged('task.progress', { taskId }, ada)).toMatchObject({ reason: 'INVALID_TRANSITION', from: 'pending' });
    await pass(1_000);
    expect(await task(taskId)).toMatchObject({ ready: true, notBefore: null });
    const { items } = await ask('task.history', { taskId });
    expect(items.map(({ type }) => type)).toEqual(['task.created', 'task.started', 'task.lease_expired', 'task.ready']);
    expect((await ask('task.execute', { taskId }, bob)).task.attempt).toBe(2);
  });

  test('fails the task when it was the last attempt', async () => {
    const service = await start();
    const { taskId } = await expired(service, 1);
    expect(await service.task(taskId)).toMatchObject({
      status: 'failed',
      failures: 1,
      lease: null,
      allowed: expect.arrayContaining(['COMPLETE']),
    });
  });

  test('does not run out while progress renews it; the value never decreases', async () => {
    const { ask, create, pass, task } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId, leaseMs: 60_000 }, ada);
    for (const [value, kept] of [
      [3, 3],
      [1, 3],
      [undefined, 3],
      [4, 4],
    ] as const) {
      await pass(59_000);
      const told = await ask('task.progress', { taskId, total: 5, message: `at ${kept}`, ...(value === undefined ? {} : { value }) }, ada);
      expect(told.task.progress).toEqual({ value: kept, total: 5, message: `at ${kept}` });
      expect(Date.parse(told.lease.expiresAt) - Date.parse(told.task.updatedAt)).toBe(60_000);
    }
    expect((await task(taskId)).status).toBe('in_progress');
  });

  test.each([
    [3, 'complete', 'completed'],
    [3, 'continue', 'pending'],
    [3, 'needs_revision', 'pending'],
    [3, 'blocked', 'blocked'],
    [1, 'complete', 'completed'],
    [1, 'continue', 'pending'],
    [1, 'needs_revision', 'pending'],
    [1, 'blocked', 'blocked'],
  ] as const)('of %i attempts: late work with %s is kept, the task is then %s', async (maxAttempts, nextAction, status) => {
    const service = await start();
    const { taskId, lease } = await expired(service, maxAttempts);
    const told = await service.ask('task.complete', { taskId, lease, summary: 'late', detailedWork: 'all of it', nextAction });
    expect(told.task).toMatchObject({ status, result: { summary: 'late' }, artifacts: [{ bytes: 9 }] });
  });

  test('late work that the worker does not prove is refused, and FAIL comes too late', async () => {
    const service = await start();
    const { taskId } = await expired(service, 3);
    expect(await service.refusedAndUnchanged('task.complete', { taskId, summary: 's' }, bob)).toMatchObject({ reason: 'STALE_LEASE' });
    expect(await service.refusedAndUnchanged('task.fail', { taskId, error: { message: 'no' } }, ada)).toMatchObject({
      reason: 'INVALID_TRANSITION',
    });
  });

  test('what renewed or got it does not answer another worker’s lease when it is sent again', async () => {
    const service = await start();
    const { ask, create, pass, refused } = service;
    const taskId = await create();
    const { lease } = await ask('task.execute', { taskId, leaseMs: 60_000, commandId: 'e1' }, ada);
    await ask('task.progress', { taskId, commandId: 'p1' }, ada);
    await ask('task.progress', { taskId, lease: lease.id, commandId: 'p2' }, ada);
    await pass(61_000);
    await pass(1_000);
    const stale = { reason: 'STALE_LEASE' };
    const resends = async () => {
      expect(await refused('task.execute', { taskId, leaseMs: 60_000, commandId: 'e1' }, ada)).toMatchObject(stale);
      expect(await refused('task.progress', { taskId, commandId: 'p1' }, ada)).toMatchObject(stale);
      expect(await refused('task.progress', { taskId, lease: lease.id, commandId: 'p2' }, ada)).toMatchObject(stale);
    };
    await resends();
    await ask('task.execute', { taskId }, bob);
    await resends();
  });
});
