import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/node.ts';
import { once } from '../../src/persistence/postgres/database.ts';
import { openPostgres } from '../../src/persistence/postgres/open.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { createTroupe } from '../../src/server.ts';
import { newTask, taskId, unitOf } from '../support/records.ts';
import { stores } from './nodes.ts';
import { databaseUrl, newSchema } from './schemas.ts';

/** A standby takes over that had not got the newest transactions: to a node, what it has shown is gone while it runs. */

function admin(url: string, schema: string) {
  const pool = openPool({ url });
  onTestFinished(() => pool.close());
  return {
    /** As if the transaction that made the task had never come to this server. */
    forget: (id: string) =>
      pool.query(
        once(`with a as (delete from ${schema}.actors where id = $1), e as (delete from ${schema}.events where actor = $1) select 1`),
        [id],
      ),
    ask: <R>(text: string, values: readonly unknown[]) => pool.query<R>(once(text), values),
  };
}

describe.skipIf(databaseUrl === null)('a standby that had not got everything', () => {
  it('is noticed by a node that has shown what is gone, and by no other', async () => {
    const { nodes, schema, url } = await stores(2);
    const [a, b] = nodes.map(({ store }) => store);
    const [first, second] = [newTask(taskId(1)), newTask(taskId(2))];
    const seen: string[] = [];
    await a!.tail('now', (entries) => void seen.push(...entries.map(({ event }) => event.taskId ?? '')));
    await a!.commit([unitOf([first])]);
    await expect.poll(() => seen).toEqual([first.id]);
    await b!.commit([unitOf([second])]);
    await expect.poll(() => seen).toEqual([first.id, second.id]);
    await admin(url, schema).forget(second.id);
    expect(await a!.outdated).toMatch(/standby/);
    const after = await openPostgres({ url: `${url}?schema=${schema}` });
    onTestFinished(() => after.close());
    const still = await Promise.race([after.outdated, after.commit([unitOf([newTask(taskId(3))])])]);
    expect(still).toMatchObject([{ status: 'ok' }]);
  });

  it('has given the number of a transaction to another one', async () => {
    const { nodes, schema, url } = await stores(1);
    const { store, gate } = nodes[0]!;
    const { ask } = admin(url, schema);
    gate.hold('tail');
    await store.commit([unitOf([newTask(taskId(1))])]);
    await ask(`update ${schema}.events set actor = $1 where actor = $2`, [taskId(2), taskId(1)]);
    gate.open();
    expect(await store.outdated).toMatch(/standby/);
  });

  it('makes a service begin again, and those who saw what is gone are told to list', async () => {
    const { schema, url, place, drop } = newSchema();
    const data = mkdtempSync(join(tmpdir(), 'troupe-failover-'));
    const troupe = await createTroupe({ data, port: 0, openStore: () => openPostgres({ url: place }) });
    const client = connect({ url: troupe.http, token: readFileSync(troupe.tokenFile, 'utf8').trim() });
    onTestFinished(async () => {
      await client.close();
      await troupe.close();
      await drop();
      rmSync(data, { recursive: true, force: true });
    });
    const ended = new AbortController();
    const kinds: string[] = [];
    const following = (async () => {
      for await (const item of client.events({}, { signal: ended.signal })) kinds.push(item.kind);
    })();
    await expect.poll(() => kinds).toEqual(['live']);
    const { task } = await client.task.create({ title: 'gone' });
    await expect.poll(() => kinds).toEqual(['live', 'event']);
    await admin(url, schema).forget(task.id);
    await expect.poll(() => kinds).toEqual(['live', 'event', 'list']);
    await client.task.create({ title: 'there' });
    await expect.poll(() => kinds).toEqual(['live', 'event', 'list', 'event']);
    ended.abort();
    await following;
  });
});
