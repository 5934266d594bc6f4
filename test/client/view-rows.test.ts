import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { SentEvent } from '../../src/client/guards.ts';
import { fieldsFor, Rows } from '../../src/client/view-rows.ts';
import type { TaskId } from '../../src/ids.ts';
import type { Task } from '../../src/protocol/task.ts';
import { randomFrom } from '../support/random.ts';
import { startService, worker } from '../support/service.ts';
import { everyField } from './viewing.ts';
import { Writer } from './writer.ts';

/** `SEED=…` repeats what is written, `VIEW_STEPS=…` how much. */

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
const steps = Number(process.env['VIEW_STEPS'] ?? 500);

async function world() {
  const service = await startService();
  onTestFinished(() => service.close());
  const { log, ask } = service;
  let told = log.end;
  return {
    service,
    writer: new Writer({ call: (method, input) => ask(method, input, worker('w')) }, randomFrom(seed)),
    /** What has happened since it was asked last, as it goes over the wire. */
    events(): SentEvent[] {
      const events: SentEvent[] = [];
      for (; told < log.end; told += 1) {
        const { event, position } = log.at(told);
        events.push(JSON.parse(JSON.stringify({ ...event, position })) as SentEvent);
      }
      return events;
    },
    async list(): Promise<Map<TaskId, Task>> {
      const { items, nextCursor } = await ask('task.list', { fields: everyField, limit: 1_000 });
      expect(nextCursor).toBeNull();
      return new Map(items.map((item) => [item.id, item as Task]));
    },
  };
}

test('after every event each row that is not to be read again is exact, whichever member is asked for', async () => {
  console.log(`SEED=${seed} VIEW_STEPS=${steps}`);
  const random = randomFrom(seed + 1);
  const { service, writer, events, list } = await world();
  const views = everyField.map((field) => ({ field, rows: new Rows(fieldsFor([field]), 10_000) }));
  let before = await list();
  const faults: object[] = [];
  let [patched, read] = [0, 0];
  for (let step = 0; step < steps; step += 1) {
    await writer.write(1);
    if (random() < 0.1) {
      service.clock.advance(Math.floor(random() * 90_000));
      await service.timers.tick();
    }
    const now = events();
    if (now.length === 0) continue;
    const tasks = await list();
    for (const { field, rows } of views) {
      for (const event of now) rows.apply(event);
      for (const [id, task] of tasks) {
        if (rows.stale.has(id)) continue;
        const value = rows.items.get(id)?.[field];
        if (!isDeepStrictEqual(value, task[field])) faults.push({ step, field, value, instead: task[field], events: now });
        if (!isDeepStrictEqual(before.get(id)?.[field], task[field])) patched += 1;
      }
      for (const id of rows.stale) {
        rows.stale.delete(id);
        const task = tasks.get(id);
        if (task === undefined) rows.miss(id);
        else rows.put(Object.fromEntries([...fieldsFor([field])].map((name) => [name, task[name]])));
        read += 1;
      }
      for (const id of rows.items.keys()) if (!tasks.has(id)) faults.push({ step, field, tooMany: id, events: now });
      for (const id of tasks.keys()) if (!rows.items.has(id)) faults.push({ step, field, missing: id, events: now });
    }
    expect(faults).toEqual([]);
    before = tasks;
  }
  console.log(`${writer.commands} commands, ${writer.refused} refused; ${patched} members patched, ${read} rows read again`);
  expect(patched).toBeGreaterThan(steps);
});

test('a revision that was never heard of has the task read again', async () => {
  const { service, events, list } = await world();
  const { task } = await service.ask('task.create', { title: 'one' });
  const rows = new Rows(fieldsFor(['title', 'notes']), 10);
  const [made] = events();
  rows.apply(made!);
  expect([...rows.stale]).toEqual([task.id]);
  rows.put((await list()).get(task.id));
  expect([rows.stale.size, rows.items.get(task.id)?.last?.type]).toEqual([0, 'task.created']);
  await service.ask('task.edit', { taskId: task.id, set: { title: 'two' } });
  await service.ask('task.edit', { taskId: task.id, set: { title: 'three' } });
  await service.ask('task.edit', { taskId: task.id, set: { title: 'four' } });
  const [second, , fourth] = events();
  rows.apply(second!);
  expect([rows.stale.size, rows.items.get(task.id)?.title]).toEqual([0, 'two']);
  rows.apply(fourth!);
  expect([...rows.stale]).toEqual([task.id]);
  expect(rows.items.get(task.id)).toMatchObject({ title: 'four', rev: 4 });
});

test('an answer that was made before a task left does not bring it back', async () => {
  const { service, events, list } = await world();
  const { task } = await service.ask('task.create', { title: 'one' });
  const early = (await list()).get(task.id);
  await service.ask('task.cancel', { taskId: task.id });
  await service.ask('task.archive', { taskId: task.id });
  const rows = new Rows(fieldsFor(['title']), 10);
  for (const event of events()) rows.apply(event);
  rows.put(early);
  expect([rows.items.size, rows.stale.size]).toEqual([0, 0]);
});

test('an answer that is older than what was heard takes nothing back, and the task is read again', async () => {
  const { service, events, list } = await world();
  const { task } = await service.ask('task.create', { title: 'one' });
  const early = (await list()).get(task.id);
  const rows = new Rows(fieldsFor(['title']), 10);
  for (const event of events()) rows.apply(event);
  rows.put(early);
  await service.ask('task.edit', { taskId: task.id, set: { title: 'two' } });
  for (const event of events()) rows.apply(event);
  rows.put(early);
  expect(rows.items.get(task.id)).toMatchObject({ title: 'two', rev: 2 });
  expect([...rows.stale]).toEqual([task.id]);
});
