import { expect, test, vi } from 'vitest';
import { createMemoryStore } from '../../../src/persistence/memory/store.ts';
import type { Output } from '../../../src/protocol/methods.ts';
import { artifactId, artifactRef, newTask, taskId as numbered, unitOf } from '../../support/records.ts';
import { createManualClock, worker } from '../../support/service.ts';
import { overStores, settle } from './checked-service.ts';

const ada = worker('ada');

overStores('task.next and task.ready', (start) => {
  test('priority first, then age, then the place in the plan', async () => {
    const { ask, create, plan, clock } = await start();
    const late = await create({ priority: 7 });
    clock.advance(1_000);
    const urgent = await create({ priority: 10 });
    const id = await plan({
      priority: 3,
      tasks: [
        { ref: 'b', title: 'B', priority: 7 },
        { ref: 'a', title: 'A', priority: 7 },
        { ref: 'c', title: 'C', priority: 7, dependsOn: ['a'] },
        { ref: 'low', title: 'Low', priority: 1 },
      ],
    });
    const order = [urgent, late, id('b'), id('a'), id('low')];
    expect((await ask('task.ready', {})).items.map((item) => item.id)).toEqual(order);
    const first = await ask('task.ready', { limit: 2 });
    const rest = await ask('task.ready', { limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...rest.items].map((item) => item.id)).toEqual(order);
    expect(rest.nextCursor).toBeNull();
    expect(await ask('task.next', {})).toMatchObject({
      task: { id: urgent, ready: true },
      reason: expect.stringContaining('priority (10)'),
    });
    expect((await ask('task.next', { filter: { rootId: id('') } })).task?.id).toBe(id('b'));
  });

  test('says that nothing is ready, and follows what happens', async () => {
    const { ask, create } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    expect(await ask('task.next', {})).toEqual({ task: null, reason: 'nothing is ready: everything is done, under way, or waits' });
    await ask('task.complete', { taskId, summary: 's', nextAction: 'needs_revision' }, ada);
    expect((await ask('task.next', {})).task?.id).toBe(taskId);
  });
});

overStores('task.history', (start) => {
  test('every event of the task, oldest first, page by page, each with who, why and what', async () => {
    const { ask, create } = await start();
    const taskId = await create({ title: 'Told' });
    await ask('task.execute', { taskId, commandId: 'e1' }, ada);
    await ask('task.complete', { taskId, summary: 'all of it', detailedWork: 'w', commandId: 'c1' }, ada);
    const { items } = await ask('task.history', { taskId });
    expect(items).toMatchObject([
      { type: 'task.created', rev: 1, by: 'test', data: { status: 'pending', ready: true, title: 'Told' } },
      {
        type: 'task.started',
        rev: 2,
        by: 'test/ada',
        cause: { commandId: 'e1' },
        data: { from: 'pending', status: 'in_progress', attempt: 1 },
      },
      {
        type: 'task.completed',
        rev: 3,
        cause: { commandId: 'c1' },
        data: { status: 'completed', summary: 'all of it', artifacts: [{ bytes: 1 }] },
      },
    ]);
    const first = await ask('task.history', { taskId, limit: 2 });
    const rest = await ask('task.history', { taskId, limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...rest.items]).toEqual(items);
    expect(rest.nextCursor).toBeNull();
  });

  test('keeps how it began and its changes of state when there is too much of it', async () => {
    const { ask, create, dispatch } = await start();
    const taskId = await create();
    await ask('task.execute', { taskId }, ada);
    for (let value = 0; value < 300; value++) await dispatch('task.progress', { taskId, value }, ada);
    await ask('task.complete', { taskId, summary: 's' }, ada);
    const { items } = await ask('task.history', { taskId, limit: 1_000 });
    expect([items.length, items[0]?.['type'], items[1]?.['type'], items.at(-1)?.['type']]).toEqual([
      200,
      'task.created',
      'task.started',
      'task.completed',
    ]);
  });
});

overStores('task.synthesize', (start) => {
  test('outcomes, artifacts, figures and what failed', async () => {
    const { ask, plan, finish, clock } = await start();
    const id = await plan({
      tasks: [
        { ref: 'a', title: 'A' },
        { ref: 'b', title: 'B' },
        { ref: 'c', title: 'C' },
        { ref: 'd', title: 'D' },
      ],
    });
    const begun = new Date(clock.now()).toISOString();
    const { artifacts } = await finish(id('a'), { summary: 'A is done', detailedWork: 'work of A' });
    clock.advance(1_000);
    await ask('task.execute', { taskId: id('b') }, ada);
    await ask('task.fail', { taskId: id('b'), error: { message: 'no network', retryable: false } }, ada);
    await ask('task.cancel', { taskId: id('c'), reason: 'not needed' });
    const before = await ask('task.synthesize', { taskId: id('') });
    expect(before).toMatchObject({ finished: false, metrics: { total: 4, completed: 1, failed: 1, cancelled: 1, open: 1 } });
    expect(before.metrics.successRate).toBeCloseTo(1 / 3);
    expect(before.timeline).toEqual({ startedAt: begun, completedAt: null, durationMs: null });
    clock.advance(4_000);
    await finish(id('d'), { summary: 'D is done' });
    const after = await ask('task.synthesize', { taskId: id('') });
    expect(after).toMatchObject({
      task: { id: id(''), ready: true },
      finished: true,
      outcomes: [
        { taskId: id('a'), title: 'A', status: 'completed', summary: 'A is done' },
        { taskId: id('b'), status: 'failed', summary: null },
        { taskId: id('c'), status: 'cancelled', summary: null },
        { taskId: id('d'), status: 'completed', summary: 'D is done' },
      ],
      artifacts,
      failed: [
        { taskId: id('b'), title: 'B', status: 'failed', error: 'no network' },
        { taskId: id('c'), title: 'C', status: 'cancelled', error: 'not needed' },
      ],
      metrics: { total: 4, completed: 2, failed: 1, cancelled: 1, open: 0, successRate: 0.5 },
      timeline: { startedAt: begun, durationMs: 5_000 },
      children: { open: 0, completed: 2, failed: 1, cancelled: 1 },
    });
  });

  test('of thousands of children comes in pages, with the figures of all and what failed in each', async () => {
    const store = createMemoryStore({ clock: createManualClock() });
    const { ask } = await start({ store, unchecked: true });
    const parentId = numbered(1);
    const total = 2_500;
    const child = { rootId: parentId, parentId, depth: 1 };
    const counts = { open: 0, completed: total - 300, failed: 300, cancelled: 0 };
    await store.commit([unitOf([newTask(parentId, { context: { children: counts } })])]);
    const refs = Array.from({ length: 20 }, (_, n) => artifactRef(artifactId(n), numbered(2), Buffer.from('work')));
    const records = Array.from({ length: total }, (_, n) =>
      newTask(numbered(n + 2), {
        status: n < total - 300 ? 'completed' : 'failed',
        spec: { ...child, position: n },
        context: { attempt: 2, result: { summary: 's'.repeat(8_000), filePaths: [] }, artifacts: refs },
      }),
    );
    await store.commit([unitOf(records)]);
    const sizes: number[] = [];
    const seen: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const digest: Output<'task.synthesize'> = await ask('task.synthesize', {
        taskId: parentId,
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(digest.metrics).toMatchObject({ total, failed: 300, artifacts: total * 20, artifactBytes: total * 80, attempts: total * 2 });
      expect([digest.failed.length, digest.outcomes.length, digest.artifacts.length <= 1_000]).toEqual([100, 100, true]);
      seen.push(...digest.outcomes.map((outcome) => outcome.taskId));
      sizes.push(JSON.stringify(digest).length);
      cursor = digest.nextCursor;
    }
    expect(seen).toEqual(records.map(({ id }) => id));
    expect(Math.max(...sizes)).toBeLessThan(500_000);
  });

  test('a cancelled child says why it was cancelled, not what failed before', async () => {
    const { ask, plan, pass } = await start();
    const id = await plan({ tasks: [{ ref: 'a', title: 'A' }] });
    await ask('task.execute', { taskId: id('a') }, ada);
    await ask('task.fail', { taskId: id('a'), error: { message: 'no network' } }, ada);
    await pass(1_000);
    await ask('task.cancel', { taskId: id('a'), reason: 'not needed' });
    expect((await ask('task.synthesize', { taskId: id('') })).failed).toMatchObject([{ status: 'cancelled', error: 'not needed' }]);
  });

  test('of a task without children there is nothing to say', async () => {
    const { ask, create } = await start();
    const digest = await ask('task.synthesize', { taskId: await create() });
    expect(digest).toMatchObject({ finished: false, outcomes: [], failed: [], metrics: { total: 0, successRate: null } });
  });
});

/** Every read that waits for a position. */
const reads: readonly (readonly [string, boolean])[] = [
  ['task.get', true],
  ['task.context', true],
  ['task.history', true],
  ['task.synthesize', true],
  ['maintenance.scan', true],
  ['maintenance.validate', false],
  ['maintenance.handover', false],
  ['artifact.list', true],
  ['task.list', false],
  ['task.ready', false],
  ['task.next', false],
];

overStores('minPosition', (start) => {
  test.each(reads)('%s reads what was written before it, and waits for what was not', async (method, aboutTask) => {
    const { ask, send, create, refused, log } = await start();
    const taskId = await create();
    const { position } = await ask('task.note', { taskId, text: 'n' });
    expect(position).toBe(log.head);
    const params = aboutTask ? { taskId } : {};
    await send(method, { ...params, minPosition: position });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const late = refused(method, { ...params, minPosition: 'elsewhere:1:0' });
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    expect(await late).toMatchObject({ reason: 'NOT_YET_VISIBLE', code: 503, retryable: true, position: log.head });
    const withdraw = new AbortController();
    const waiting = refused(method, { ...params, minPosition: 'elsewhere:1:0' }, { ...ada, signal: withdraw.signal });
    withdraw.abort();
    expect(await waiting).toMatchObject({ reason: 'CANCELLED' });
  });

  test('every answer of a mutation carries the position of its last event', async () => {
    const { ask, create, log } = await start();
    const ids = await Promise.all([create(), create(), create()]);
    const { answers } = await settle(ids.map((taskId) => ask('task.note', { taskId, text: 'n' })));
    const places = answers.map(({ position, task: { id } }) => {
      const { event } = log.at((log.since(position) ?? 0) - 1);
      return event.taskId === id && event.type === 'task.noted';
    });
    expect(places).toEqual([true, true, true]);
  });
});
