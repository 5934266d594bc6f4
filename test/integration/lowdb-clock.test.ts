import { describe, expect, test } from 'vitest';
import type { Output } from '../../src/protocol/methods.ts';
import { copyOf, openStore, temporaryDirectory } from '../support/data-directory.ts';
import { createManualClock, startService, worker } from '../support/service.ts';
import type { TestService } from '../support/service.ts';

/** The wall clock is set while the service is down: by an hour that never was, a battery that ran out, a person. */

const hour = 3_600_000;
const noon = Date.UTC(2026, 5, 1, 12);
const ada = worker('ada');

/** A service on a directory as a killed one left it, with the clock at that time and the grace that the real one gives. */
async function startAt(killed: string, at: number): Promise<{ readonly directory: string; readonly service: TestService }> {
  const clock = createManualClock(at);
  const directory = await copyOf(killed);
  const store = await openStore(directory, { clock });
  return { directory, service: await startService({ clock, store, graceMs: undefined }) };
}

type Task = Output<'task.get'>['task'];
const get = async ({ ask }: TestService, taskId: string): Promise<Task> => (await ask('task.get', { taskId: taskId as Task['id'] })).task;

async function revisionsOf({ ask }: TestService, taskId: string): Promise<readonly unknown[]> {
  return (await ask('task.history', { taskId: taskId as Task['id'] })).items.map(({ rev }) => rev);
}

/** What a service did at noon, before it was killed. */
async function createMorning() {
  const directory = await temporaryDirectory();
  const clock = createManualClock(noon);
  const service = await startService({ clock, store: await openStore(directory, { clock }) });
  const { ask } = service;
  const create = async (title: string, more: { readonly dueAt?: string } = {}) => (await ask('task.create', { title, ...more })).task.id;
  const [held, left, done, due] = [
    await create('held'),
    await create('left'),
    await create('done'),
    await create('due', { dueAt: '2026-06-01T13:00:00Z' }),
  ];
  for (const taskId of [held, left, done]) await ask('task.execute', { taskId, leaseMs: 120_000 }, ada);
  const { artifacts } = await ask('task.complete', { taskId: done, summary: 'done', detailedWork: 'the work' }, ada);
  return { directory, service, held, left, done, due, artifact: artifacts[0]?.id ?? 'a_' } as const;
}

describe.each([
  ['forward by an hour', hour],
  ['forward by ten years', 87_660 * hour],
  ['back by six hours', -6 * hour],
  ['back to 1970', -noon],
])('a clock that was set %s', (_, shift) => {
  test('loses nothing, and gives every worker a minute to come back', async () => {
    const { directory, service: before, held, left, done, due, artifact } = await createMorning();
    const ids = [held, left, done, due];
    const tasks = await Promise.all(ids.map((id) => get(before, id)));
    const shifted = await startAt(directory, noon + shift);
    const { service } = shifted;
    const { ask, clock, timers } = service;
    expect(await Promise.all(ids.map((id) => get(service, id)))).toEqual(tasks);
    expect((await ask('artifact.get', { artifactId: artifact })).content).toBe('the work');

    await timers.tick();
    clock.advance(59_999);
    await timers.tick();
    for (const id of [held, left]) expect(await get(service, id)).toMatchObject({ status: 'in_progress', lease: { holder: 'test/ada' } });
    // Time itself goes on: what is due is announced.
    expect((await revisionsOf(service, due)).length).toBe(shift > 0 ? 2 : 1);
    await ask('task.complete', { taskId: held, summary: 'back in time' }, ada);

    // Who does not come back loses the task in the end, however late the lease was to end.
    clock.advance(shift > 0 ? 1 : 2 * 120_000 - shift);
    await timers.tick();
    expect(await get(service, left)).toMatchObject({ status: 'pending', lease: null });
    expect(await get(service, held)).toMatchObject({ status: 'completed' });

    // And once more, with times on both sides of the clock, some events older than those before them.
    const after = await Promise.all(ids.map((id) => get(service, id)));
    const { service: again } = await startAt(shifted.directory, noon);
    expect(await Promise.all(ids.map((id) => get(again, id)))).toEqual(after);
    for (const { id, rev } of after) expect(await revisionsOf(again, id)).toEqual(Array.from({ length: rev }, (__, n) => n + 1));
    expect(again.store.health()).toEqual({ writable: true, problems: [], quarantined: 0 });
    expect((await again.ask('task.execute', { taskId: due }, ada)).lease.holder).toBe('test/ada');
  });
});
