import { expect, onTestFinished, test } from 'vitest';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import type { TaskRecord } from '../../src/persistence/store.ts';
import { createManualClock, startService } from '../support/service.ts';
import { newTask, taskId, unitOf } from '../support/records.ts';

/** Records that a store takes for good and no machine can be made of. */

const good = newTask(taskId(1));
const strange: Readonly<Record<string, TaskRecord>> = {
  'of another version of the machine': { ...newTask(taskId(2)), machine: { id: 'task', version: 99 } },
  'in a state that no machine has': {
    ...newTask(taskId(2)),
    snapshot: JSON.parse(JSON.stringify({ ...good.snapshot, value: 'dreaming' })),
  },
  'whose context lacks a member': {
    ...newTask(taskId(2)),
    snapshot: JSON.parse(JSON.stringify(good.snapshot).replace('"description"', '"descriptioo"')),
  },
};

test.each(Object.entries(strange))('a record %s is reported, kept as it is, and nobody else notices', async (_, bad) => {
  const clock = createManualClock();
  const store = createMemoryStore({ clock });
  await store.commit([unitOf([good]), unitOf([bad])]);
  const faults: string[] = [];
  const service = await startService({ clock, store, onError: (error, what) => void faults.push(`${what}: ${String(error)}`) });
  onTestFinished(async () => {
    await service.close();
    await store.close();
  });
  const { ask } = service;
  await expect(ask('task.note', { taskId: taskId(2), text: 'n' })).rejects.toMatchObject({ reason: 'UNREADABLE' });
  await expect(ask('task.get', { taskId: taskId(2) })).rejects.toMatchObject({ reason: 'UNREADABLE' });
  const { items } = await ask('task.list', { fields: ['description'] });
  expect(items.map(({ id }) => id)).toEqual([taskId(1)]);
  expect(faults).toEqual([expect.stringContaining(`task ${taskId(2)} can't be restored`)]);
  expect(store.health()).toMatchObject({ quarantined: 1, problems: [expect.any(String)] });
  expect((await store.load([taskId(2)])).get(taskId(2))).toBe(bad);
  expect((await ask('task.note', { taskId: taskId(1), text: 'n' })).task.notes).toBe(1);
});

test('an id under which the store keeps what it can’t load is told as unreadable, to readers and to writers', async () => {
  const clock = createManualClock();
  const store = createMemoryStore({ clock });
  const service = await startService({ clock, store: Object.assign(store, { keepsUnread: (id: string) => id === taskId(2) }) });
  onTestFinished(async () => {
    await service.close();
    await store.close();
  });
  for (const method of ['task.get', 'task.execute'] as const) {
    await expect(service.ask(method, { taskId: taskId(2) })).rejects.toMatchObject({ reason: 'UNREADABLE' });
    await expect(service.ask(method, { taskId: taskId(3) })).rejects.toMatchObject({ reason: 'TASK_NOT_FOUND' });
  }
});
