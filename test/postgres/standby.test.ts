import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { once } from '../../src/persistence/postgres/database.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { openPostgresStore } from '../../src/persistence/postgres/store.ts';
import { findPostgres, startPostgres } from '../support/postgres-server.ts';
import { newTask, taskId, unitOf } from '../support/records.ts';

const bin = findPostgres();

describe.skipIf(bin === null)('a server that takes no writes any more', () => {
  it('makes its nodes not ready until it does again, and keeps only so many connections', async () => {
    const server = await startPostgres(bin!);
    onTestFinished(() => server.dispose());
    const problems: string[] = [];
    const database = openPool({ url: server.url, onProblem: (line) => problems.push(line) });
    const store = await openPostgresStore({ database, schema: 'troupe' });
    onTestFinished(() => store.close());
    const [{ folder }] = (await database.query<{ folder: string }>(once(`select current_setting('data_directory') as folder`))) as [
      { folder: string },
    ];
    await server.stop('fast');
    writeFileSync(join(folder, 'standby.signal'), '');
    await server.start();
    await expect.poll(() => store.health().problems.join()).toMatch(/standby/);
    // Two seconds: four tries to listen, and two looks.
    const ready: boolean[] = [];
    await expect.poll(() => ready.push(store.health().writable), { interval: 50 }).toBe(40);
    expect(new Set(ready)).toEqual(new Set([false]));
    const [{ held }] = (await database.query<{ held: number }>(
      once(`select count(*)::int as held from pg_stat_activity where query ilike 'listen%'`),
    )) as [{ held: number }];
    expect(held).toBeLessThan(3);
    // Told once, however often it is tried.
    expect(problems.filter((line) => line.includes('hears'))).toHaveLength(1);
    await database.query(once('select pg_promote()'));
    await expect.poll(() => store.health().writable).toBe(true);
    expect(await store.commit([unitOf([newTask(taskId(1))])])).toMatchObject([{ status: 'ok' }]);
  });
});
