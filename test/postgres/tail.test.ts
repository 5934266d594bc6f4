import { describe, expect, it, onTestFinished } from 'vitest';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { openPostgresStore } from '../../src/persistence/postgres/store.ts';
import type { Store } from '../../src/persistence/store.ts';
import { newTask, nextTask, taskId, unitOf } from '../support/records.ts';
import { listened, poolOf, stores, transactionOf } from './nodes.ts';
import { databaseUrl } from './schemas.ts';

/** When a node looks at the log, what it shows, and what it keeps of its own until then. */

const writes = 'select pg_current_xact_id()';

async function seenBy(store: Store, from: string): Promise<string[]> {
  const seen: string[] = [];
  await store.tail(from, (entries) => void seen.push(...entries.map(({ event }) => `${event.taskId?.slice(-2)} ${event.rev}`)));
  return seen;
}

const nameOf = (n: number, rev = 1): string => `${taskId(n).slice(-2)} ${rev}`;

describe.skipIf(databaseUrl === null)('the log', () => {
  it('is told to the others by its newest number, and a node that is told looks at once', async () => {
    const { store, channel, wake, looks } = await listened();
    const told: (string | null)[] = [];
    await poolOf(databaseUrl!).listen(channel(), (payload) => told.push(payload));
    const commit = async (n: number) => {
      const [outcome] = await store.commit([unitOf([newTask(taskId(n))])]);
      return outcome?.status === 'ok' ? outcome.position.split(/[:.]/)[1] : null;
    };
    const first = await commit(1);
    await expect.poll(() => told).toEqual([first]);
    // Nothing of it is in the log, so nobody must wait for it.
    expect(await commit(1)).toBeNull();
    const second = await commit(2);
    await expect.poll(() => told).toEqual([first, second]);
    await expect
      .poll(() => {
        const before = looks.length;
        wake('1');
        return looks.length - before;
      })
      .toBe(1);
  });

  it('is whole for a node that nobody tells anything', async () => {
    const { nodes, schema, url } = await stores(1);
    const database = openPool({ url });
    const deaf = await openPostgresStore({ schema, database: { ...database, listen: async () => {} } });
    onTestFinished(() => deaf.close());
    const seen = await seenBy(deaf, 'now');
    for (let n = 1; n <= 2; n++) {
      await nodes[0]!.store.commit([unitOf([newTask(taskId(n))])]);
      await expect.poll(() => seen).toHaveLength(n);
    }
  });

  it('shows a node that starts only what nothing can come before', async () => {
    const { nodes, schema, url } = await stores(1);
    const foreign = await transactionOf(url, writes);
    await nodes[0]!.store.commit([unitOf([newTask(taskId(1))])]);
    const late = await openPostgresStore({ schema, database: openPool({ url }) });
    onTestFinished(() => late.close());
    const seen = await seenBy(late, 'oldest');
    expect(seen).toEqual([]);
    await foreign.end();
    await expect.poll(() => seen).toEqual([nameOf(1)]);
  });

  it('keeps of its own events no more than the window while they can not be shown, and none afterwards', async () => {
    const windowEvents = 4;
    const { store, looks } = await listened({ windowEvents });
    const kept = () => (looks.at(-1)![3] as string[]).length;
    const seen = await seenBy(store, 'now');
    const foreign = await transactionOf(databaseUrl!, writes);
    for (let n = 1; n <= 10; n++) {
      await store.commit([unitOf([newTask(taskId(n))])]);
      expect(kept()).toBeLessThanOrEqual(windowEvents);
    }
    await expect.poll(kept).toBe(windowEvents);
    expect(seen).toEqual([]);
    await foreign.end();
    await expect.poll(() => seen).toEqual(Array.from({ length: 10 }, (_, n) => nameOf(n + 1)));
    let record = newTask(taskId(1));
    for (let rev = 2; rev <= 6; rev++) {
      record = nextTask(record);
      await store.commit([unitOf([record])]);
      await expect.poll(() => seen.at(-1)).toBe(nameOf(1, rev));
    }
    // Of the newest transaction more may follow.
    await expect.poll(kept).toBe(1);
  });

  it('has for who asks after a commit what was committed', async () => {
    const { nodes } = await stores(2);
    const [a, b] = [nodes[0]!, nodes[1]!];
    for (const { gate } of nodes) gate.hold('tail');
    const [outcome] = await a.store.commit([unitOf([newTask(taskId(1))])]);
    const place = outcome?.status === 'ok' ? outcome.position : '';
    const asked = a.store.tail(place, () => {});
    await a.gate.reached();
    a.gate.open();
    expect(await asked).toMatchObject({ mode: 'resumed', position: place });
    b.gate.open();
  });

  it('of two schemas whose long names begin alike goes each its own way', async () => {
    const names = ['a', 'b'].map((end) => `test_${'long'.repeat(14)}${end}`);
    const [one, other] = await Promise.all(names.map((schema) => listened({ schema })));
    const database = poolOf(databaseUrl!);
    onTestFinished(async () => {
      for (const name of names) await database.query({ name: null, text: `drop schema ${name} cascade` });
    });
    expect(one!.channel()).not.toBe(other!.channel());
    expect([one!.channel().length <= 63, other!.channel().length <= 63]).toEqual([true, true]);
  });
});
