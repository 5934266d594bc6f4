import { describe, expect, test } from 'vitest';
import type { Client, Run } from '../../src/client/node.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { clientOf } from './running.ts';
import { refusal, scripted } from './scripted.ts';
import { serviceOn } from './serving.ts';

/** Runs against a real service in this process. */

async function started() {
  const service = await serviceOn(await temporaryDirectory());
  return { service, ...clientOf(service.address), other: clientOf(service.address, { worker: 'w-2' }).client };
}

async function runOf(client: Client, options: Parameters<Client['execute']>[1] = {}, given: object = {}): Promise<Run> {
  const { task } = await client.task.create({ title: 'a task', ...given });
  return client.execute(task.id, options);
}

/** Resolves with why the run was lost. */
const lost = async ({ signal }: Run): Promise<unknown> => {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return signal.reason;
};

const typesOf = async (client: Client, { task }: Run) => (await client.task.history({ taskId: task.id })).items.map(({ type }) => type);

test('the lease is renewed well before it ends, for as long as the run goes on, and no longer', async () => {
  const { client } = await started();
  const run = await runOf(client, { leaseMs: 1_000 });
  const first = Date.parse(run.task.lease!.expiresAt);
  // Longer than the lease was given for.
  await expect
    .poll(async () => (await client.task.get({ taskId: run.task.id })).task.lease?.expiresAt ?? '', { timeout: 10_000 })
    .toSatisfy((at: string) => Date.parse(at) > first + 1_000);
  expect(run.signal.aborted).toBe(false);
  await run.complete('done');
  expect(run.ended).toBe(true);
  const types = await typesOf(client, run);
  // A third of the lease at a time.
  const renewals = types.filter((type) => type === 'task.progressed').length;
  expect(types).toEqual(['task.created', 'task.started', ...Array<string>(renewals).fill('task.progressed'), 'task.completed']);
  expect(renewals).toBeGreaterThanOrEqual(3);
});

test('a run tells its worker what to do, reports, and completes with its work', async () => {
  const { client } = await started();
  const run = await runOf(client, {}, { specialist: 'coder' });
  expect(run.context.specialist.type).toBe('coder');
  expect(run.context.instructions.length).toBeGreaterThan(0);
  expect((await run.progress(3)).progress).toEqual({ value: 3, total: null, message: null });
  expect((await run.progress({ total: 9, message: 'half' })).progress).toEqual({ value: 3, total: 9, message: 'half' });
  const saved = await run.complete({ summary: 'a part', nextAction: 'continue' });
  expect([saved.task.status, run.ended]).toEqual(['in_progress', false]);
  const done = await run.complete({ summary: 'all', detailedWork: '# work', filePaths: ['a.ts'] });
  expect([done.task.status, done.task.result?.summary, done.artifacts.length, run.ended]).toEqual(['completed', 'all', 1, true]);
  expect(run.signal.aborted).toBe(false);
});

test('a refusal leaves the run as it was', async () => {
  const { client } = await started();
  const run = await runOf(client, { leaseMs: 1_000 }, { acceptance: ['it works'] });
  expect((await refusal(run.complete('done'))).reason).toBe('ACCEPTANCE_UNANSWERED');
  expect([run.ended, run.signal.aborted]).toEqual([false, false]);
  await run.complete({ summary: 'done', acceptance: [{ met: true }] });
});

test.each<[string, (run: Run) => Promise<unknown>, object]>([
  ['fails for another attempt', (run) => run.fail(new Error('no luck')), { status: 'pending', failures: 1 }],
  ['fails for good', (run) => run.fail(Object.assign(new Error('no way'), { retryable: false })), { status: 'failed' }],
  ['is told how', (run) => run.fail('no way', { retryable: false }), { status: 'failed' }],
  ['is blocked', (run) => run.block('no key'), { status: 'blocked', blocked: { reason: 'no key', question: null, answer: null } }],
  ['asks', (run) => run.block({ question: 'which?' }), { status: 'blocked', blocked: { reason: null, question: 'which?', answer: null } }],
  ['is given back', (run) => run.release(), { status: 'pending', failures: 1 }],
])('a run that %s is over', async (_, end, expected) => {
  const { client } = await started();
  const run = await runOf(client);
  await end(run);
  expect([run.ended, run.signal.aborted]).toEqual([true, false]);
  expect((await client.task.get({ taskId: run.task.id })).task).toMatchObject({ ...expected, lease: null });
});

test('the event of its own end is no loss, even when it comes before the answer', async () => {
  const taskId = 't_00000000000000000000000000';
  const lease = { id: 'l_00000000000000000000000000', holder: 'x', expiresAt: '2026-01-01T00:00:04.000Z' };
  const task = { id: taskId, rev: 2, attempt: 1, updatedAt: '2026-01-01T00:00:00.000Z', lease };
  const event = { v: 1, type: 'task.completed', time: 't', taskId, rev: 3, data: { status: 'completed' }, position: 'p3', view: 'v1' };
  const service = await scripted(({ method, answer, notify }) => {
    if (method === 'task.execute') return answer({ task, lease });
    if (method === 'events.subscribe') return answer({ view: 'v1', mode: 'live', position: 'p2' });
    if (method === 'task.list') return answer({ items: [{ id: taskId, lease }], nextCursor: null });
    if (method === 'task.complete') notify('events.event', event);
    answer({ task: { ...task, rev: 3, lease: null } });
  });
  const { client } = clientOf(async () => service.address);
  const run = await client.execute(taskId);
  // It is watched.
  await expect.poll(() => service.asked.at(-1)?.method, { timeout: 20_000 }).toBe('task.list');
  await run.complete('done');
  expect([run.ended, run.signal.aborted]).toEqual([true, false]);
});

describe('a run is lost', () => {
  test.each<[string, (other: Client, run: Run) => Promise<unknown>]>([
    ['cancelled', (other, { task }) => other.task.cancel({ taskId: task.id, reason: 'not wanted' })],
    ['blocked', (other, { task }) => other.task.block({ taskId: task.id, reason: 'wait' })],
    ['deleted', (other, { task }) => other.task.delete({ taskId: task.id, force: true })],
    [
      'executed by another',
      async (other, { task }) => {
        await other.task.block({ taskId: task.id, reason: 'wait' });
        await other.task.unblock({ taskId: task.id });
        await other.execute(task.id);
      },
    ],
  ])('when its task is %s', async (_, take) => {
    const { client, other } = await started();
    const run = await runOf(client, { leaseMs: 1_000 });
    await take(other, run);
    expect(await lost(run)).toMatchObject({ reason: 'STALE_LEASE', details: { taskId: run.task.id } });
    // Blocking asks for no lease, and must not hit whoever has the task now.
    expect((await refusal(run.block('mine'))).reason).toBe('STALE_LEASE');
    expect((await refusal(run.complete('mine'))).retryable).toBe(false);
  });

  test('later too, by an event: not only when it renews', async () => {
    const { client, other, asked } = await started();
    const run = await runOf(client);
    // Watched by then, and not to be renewed for hours.
    await expect.poll(() => asked.at(-1), { timeout: 20_000 }).toBe('task.list');
    await client.system.status();
    await other.task.cancel({ taskId: run.task.id });
    expect(await lost(run)).toMatchObject({ reason: 'STALE_LEASE', message: expect.stringContaining('task.cancelled') });
    await expect.poll(() => asked.at(-1), { timeout: 20_000 }).toBe('events.unsubscribe');
    expect(asked).not.toContain('task.progress');
  });

  test('when its lease ends while the service is away; its late work is taken all the same', async () => {
    const { client, service } = await started();
    const run = await runOf(client, { leaseMs: 1_000 });
    await service.restart(async () => {
      expect(await lost(run)).toMatchObject({ reason: 'STALE_LEASE', message: expect.stringContaining('could be renewed') });
    });
    expect((await run.complete('late')).task.status).toBe('completed');
  });

  test('when the client is closed', async () => {
    const { client } = await started();
    const run = await runOf(client, { leaseMs: 1_000 });
    await client.close();
    expect(await lost(run)).toMatchObject({ reason: 'STALE_LEASE' });
  });
});
