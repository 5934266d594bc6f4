import { describe, expect, it, onTestFinished } from 'vitest';
import { once } from '../../src/persistence/postgres/database.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { quoted } from '../../src/persistence/postgres/schema.ts';
import { openPostgresStore } from '../../src/persistence/postgres/store.ts';
import { taskId } from '../support/records.ts';
import { stores, transactionOf } from './nodes.ts';
import { databaseUrl } from './schemas.ts';

const unavailable = { status: 'rejected', reason: { reason: 'STORE_UNAVAILABLE' } };

describe.skipIf(databaseUrl === null)('reading', () => {
  it('that takes too long is an error of who asked, and no fault of the database', async () => {
    const { schema, url } = await stores(1);
    const store = await openPostgresStore({ schema, database: openPool({ url, statementMs: 300 }) });
    onTestFinished(() => store.close());
    const other = await transactionOf(url, `lock table ${quoted(schema)}.actors in access exclusive mode`);
    expect(await Promise.allSettled([store.load([taskId(1)])])).toMatchObject([unavailable]);
    expect(store.health()).toMatchObject({ writable: true, problems: [] });
    await other.end();
    expect(await store.load([taskId(1)])).toEqual(new Map());
  });

  it('whose connection is lost says so at once', async () => {
    const { nodes, schema, url } = await stores(1);
    const { store } = nodes[0]!;
    const other = await transactionOf(url, `lock table ${quoted(schema)}.actors in access exclusive mode`);
    const reading = Promise.allSettled([store.load([taskId(1)])]);
    const waiting = once('select pid from pg_locks where not granted');
    await expect.poll(() => other.query(waiting)).toHaveLength(1);
    await other.query(once('select pg_terminate_backend(pid) from pg_locks where not granted'));
    expect(await reading).toMatchObject([unavailable]);
    expect(store.health().writable).toBe(false);
    await other.end();
    await expect.poll(() => store.health().writable).toBe(true);
  });
});
