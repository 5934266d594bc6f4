import { expect, test } from 'vitest';
import { openEventLog } from '../../src/actors/event-log.ts';
import { createClock } from '../../src/clock.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import { Traffic } from '../../src/transport/ws/traffic.ts';
import { createTurn } from '../../src/transport/ws/turn.ts';
import { Views } from '../../src/transport/ws/views.ts';
import { newTask, taskId, unitOf } from '../support/records.ts';

const turnOver = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

test('what a slow follower gets later counts when it gets it, with its lag', async () => {
  const store = createMemoryStore({ clock: createClock() });
  const log = await openEventLog(store, { windowEvents: 100 });
  const [turn, traffic] = [createTurn(), new Traffic()];
  const views = new Views(log, turn, 32, traffic);
  const follower = { projects: null, subscriptions: new Map(), clogged: false, text: () => {}, frames: () => {}, cut: () => {} };
  const count = () => [traffic.delivered, traffic.lag.counts.reduce((sum, value) => sum + value)];
  const commit = async (...numbers: number[]) => {
    await store.commit([unitOf(numbers.map((number) => newTask(taskId(number), { spec: { project: number > 9 ? 'other' : 'default' } })))]);
    await turnOver();
  };
  views.start(views.subscribe(follower, { filter: { project: 'default' }, batchMs: 0 }).subscription);
  await commit(1, 2, 10);
  expect(count()).toEqual([2, 1]);
  await commit(11);
  expect(count()).toEqual([2, 1]);
  follower.clogged = true;
  await commit(3, 4);
  await commit(5);
  expect(count()).toEqual([2, 1]);
  follower.clogged = false;
  views.resume(follower);
  await turnOver();
  expect(count()[0]).toBe(5);
  expect(count()[1]).toBeGreaterThan(1);
  expect([traffic.resumed, traffic.gone]).toEqual([0, 0]);
  log.close();
  await store.close();
});
