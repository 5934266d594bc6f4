import { expect, it } from 'vitest';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import { newTask, noon, taskId, unitOf } from '../support/records.ts';
import { describeStore } from './store.ts';

describeStore('memory store', async () => {
  let now = noon;
  const store = createMemoryStore({ clock: { now: () => now }, windowEvents: 16 });
  return { store, advance: (ms) => void (now += ms) };
});

it('forgets events that are far behind its window', async () => {
  const store = createMemoryStore({ clock: { now: () => noon }, windowEvents: 16 });
  for (let n = 0; n < 500; n++) await store.commit([unitOf([newTask(taskId(n))])]);
  let replayed = 0;
  await store.tail('oldest', (entries) => void (replayed += entries.length));
  expect(replayed).toBeGreaterThanOrEqual(16);
  expect(replayed).toBeLessThan(64);
});
