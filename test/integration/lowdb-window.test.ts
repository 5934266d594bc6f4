import { expect, test } from 'vitest';
import type { Position, Store } from '../../src/persistence/store.ts';
import { openStore, temporaryDirectory } from '../support/data-directory.ts';
import { newTask, taskId, unitOf } from '../support/records.ts';

const numbers = Array.from({ length: 30 }, (_, n) => n);

async function replay(store: Store, from: Position | 'oldest'): Promise<{ readonly mode: string; readonly tasks: readonly string[] }> {
  const tasks: string[] = [];
  const { mode } = await store.tail(from, (entries) => void tasks.push(...entries.map(({ event }) => String(event.taskId))));
  return { mode, tasks };
}

/** Thirty commits in thirty lines, then a checkpoint, so that a restart finds their events in a sealed journal only. */
async function sealed(windowEvents: number) {
  const directory = await temporaryDirectory();
  const first = await openStore(directory);
  const positions: Position[] = [];
  for (const n of numbers) {
    const [outcome] = await first.commit([unitOf([newTask(taskId(n))])]);
    positions.push(outcome?.status === 'ok' ? outcome.position : 'none');
  }
  await first.close();
  return { store: await openStore(directory, { windowEvents }), positions };
}

const tasksFrom = (n: number): string[] => numbers.slice(n).map((each) => taskId(each));

test('after a restart the newest events of the sealed journal can be replayed, and no more than are asked for', async () => {
  const { store, positions } = await sealed(5);
  expect(await replay(store, 'oldest')).toEqual({ mode: 'resumed', tasks: tasksFrom(25) });
  for (const n of [24, 25, 28, 29])
    expect(await replay(store, positions[n] ?? ''), `from ${n}`).toEqual({ mode: 'resumed', tasks: tasksFrom(n + 1) });
  expect(await replay(store, positions[23] ?? '')).toEqual({ mode: 'gone', tasks: [] });
});

test('all of them when the window is larger', async () => {
  const { store, positions } = await sealed(1000);
  expect(await replay(store, 'oldest')).toEqual({ mode: 'resumed', tasks: tasksFrom(0) });
  expect(await replay(store, positions[0] ?? '')).toEqual({ mode: 'resumed', tasks: tasksFrom(1) });
});

test('a unit is never cut: a line with more events than the window is replayed whole', async () => {
  const directory = await temporaryDirectory();
  const first = await openStore(directory);
  await first.commit([unitOf([newTask(taskId(100))])]);
  await first.commit([unitOf(numbers.map((n) => newTask(taskId(n))))]);
  await first.close();
  const store = await openStore(directory, { windowEvents: 3 });
  expect(await replay(store, 'oldest')).toEqual({ mode: 'resumed', tasks: tasksFrom(0) });
});
