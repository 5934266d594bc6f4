import { describe, expect, it } from 'vitest';
import { once } from '../../src/persistence/postgres/database.ts';
import { quoted } from '../../src/persistence/postgres/schema.ts';
import { newTask, nextTask, taskId, unitOf } from '../support/records.ts';
import { poolOf, stores, transactionOf } from './nodes.ts';
import { databaseUrl } from './schemas.ts';

/** Which node a timer is for. */

const count = 20;

async function due() {
  const { nodes, schema, url } = await stores(2);
  const [a, b] = [nodes[0]!.store, nodes[1]!.store];
  const now = a.now();
  const tasks = Array.from({ length: count }, (_, n) => newTask(taskId(n), { spec: { dueAt: now - n } }));
  await a.commit(tasks.map((task) => unitOf([task])));
  return { a, b, now, tasks, url, actors: `${quoted(schema)}.actors` };
}

describe.skipIf(databaseUrl === null)('a timer', () => {
  it('is claimed by one of two nodes that ask at once', async () => {
    const { a, b, now } = await due();
    const [mine, theirs] = await Promise.all([a.claimDue(now, count / 2), b.claimDue(now, count)]);
    expect(new Set([...mine, ...theirs].map(({ id }) => id)).size).toBe(mine.length + theirs.length);
  });

  it("stays with the node that asked first, and is the other one's when that one is closed", async () => {
    const { a, b, now } = await due();
    expect((await a.claimDue(now, count)).map(({ dueAt }) => dueAt)).toEqual(Array.from({ length: count }, (_, n) => now - count + 1 + n));
    expect(await b.claimDue(now, count)).toEqual([]);
    expect(await a.claimDue(now, count)).toHaveLength(count);
    await a.close();
    expect(await b.claimDue(now, count)).toHaveLength(count);
  });

  it("is the other one's after some seconds when the node died", async () => {
    const { a, b, now, url, actors } = await due();
    await a.claimDue(now, count);
    await poolOf(url).query(once(`update ${actors} set timer_until = timer_until - interval '5 seconds'`));
    expect(await b.claimDue(now, count)).toHaveLength(count);
  });

  it('does not wait for a row that somebody is writing', async () => {
    const { a, now, url, actors } = await due();
    const other = await transactionOf(url, `select from ${actors} where id = '${taskId(3)}' for update`);
    expect(await a.claimDue(now, count)).toHaveLength(count - 1);
    await other.end();
    expect(await a.claimDue(now, count)).toHaveLength(count);
  });

  it('that was moved is for whoever asks first', async () => {
    const { a, b, now, tasks } = await due();
    await a.claimDue(now, count);
    await a.commit([unitOf([nextTask(tasks[7]!)])]);
    expect((await b.claimDue(now, count)).map(({ id }) => id)).toEqual([taskId(7)]);
  });
});
