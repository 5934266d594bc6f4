import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/persistence/store.ts';
import { methods } from '../../src/protocol/methods.ts';
import { createManualClock, worker } from '../support/service.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import { overStores } from './use-cases/checked-service.ts';

/** No answer is unbounded, whatever is asked for. */

/** A request for which the row names no limit of its own would be answered whole. */
const paged = Object.entries(methods).filter(([, { output }]) => 'nextCursor' in output.shape);

overStores('a page', (start) => {
  test.each(paged.map(([name]) => name))('of %s can’t be longer than 1,000', async (method) => {
    const { create, refusedAndUnchanged, send } = await start();
    const target = method === 'task.history' || method === 'task.synthesize' ? { taskId: await create() } : {};
    expect(await refusedAndUnchanged(method, { ...target, limit: 1_001 })).toMatchObject({ issues: [{ path: 'limit' }] });
    expect(await send(method, { ...target, limit: 1_000 })).toMatchObject({ nextCursor: null });
  });

  test('has 100 rows when no limit is given', async () => {
    const { ask, plan } = await start();
    await plan({ tasks: Array.from({ length: 150 }, (_, n) => ({ title: `task ${n}` })) });
    for (const method of ['task.list', 'task.ready'] as const) {
      const { items, nextCursor } = await ask(method, {});
      expect([items.length, typeof nextCursor]).toEqual([100, 'string']);
    }
  });
});

test('the rows that page are these', () => {
  expect(paged.map(([name]) => name).toSorted()).toEqual([
    'maintenance.archive',
    'maintenance.free',
    'maintenance.scan',
    'maintenance.validate',
    'session.list',
    'task.history',
    'task.list',
    'task.ready',
    'task.synthesize',
    'template.list',
  ]);
});

describe('an artifact', () => {
  overStores('larger than a page', (start) => {
    test('is never read, or answered, by more than a page', async () => {
      const store = createMemoryStore({ clock: createManualClock() });
      let largest = 0;
      const own: Pick<Store, 'readArtifact'> = {
        async readArtifact(id, range) {
          const bytes = await store.readArtifact(id, range);
          largest = Math.max(largest, bytes.length, range.length);
          return bytes;
        },
      };
      const { ask, create, upload, refused } = await start({ store: { ...store, ...own }, unchecked: true });
      const ada = worker('ada');
      const artifactId = await upload('x'.repeat(1_000_000), ada);
      const taskId = await create();
      await ask('task.execute', { taskId }, ada);
      await ask('task.complete', { taskId, summary: 's', artifacts: [{ artifactId }] }, ada);
      const { content, nextOffset } = await ask('artifact.get', { artifactId });
      expect([content.length, nextOffset]).toEqual([131_072, 131_072]);
      // One byte more tells whether the page ends inside a character.
      expect(largest).toBe(131_073);
      expect(await refused('artifact.get', { artifactId, limit: 131_073 })).toMatchObject({ issues: [{ path: 'limit' }] });
    });
  });
});
