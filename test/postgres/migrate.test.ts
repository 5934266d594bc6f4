import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { once } from '../../src/persistence/postgres/database.ts';
import type { Database } from '../../src/persistence/postgres/database.ts';
import { openPostgres } from '../../src/persistence/postgres/open.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { startService, worker } from '../support/service.ts';
import { databaseUrl, newSchema } from './schemas.ts';

/** Every version of the schema that there was, as `pg_dump -n troupe --inserts` wrote it with the same little work in it. */
const versions = readdirSync('fixtures').filter((name) => /^postgres-v\d+\.sql$/.test(name));

/** Tables, indexes and their settings, without the schema's name. */
async function shapeOf(database: Database, schema: string): Promise<string[]> {
  const rows = await database.query<{ line: string }>(
    once(`select format('%s %s %s %s', table_name, column_name, data_type, is_nullable) as line from information_schema.columns where table_schema = $1
      union all select indexdef from pg_indexes where schemaname = $1
      union all select format('%s %s', relname, reloptions) from pg_class where relnamespace = $1::regnamespace order by 1`),
    [schema],
  );
  return rows.map(({ line }) => line.replaceAll(schema, 'troupe'));
}

describe.skipIf(databaseUrl === null)('a schema of an older Troupe', () => {
  it.each(versions)('%s becomes as one that was made today, with all that is in it', async (name) => {
    const [old, fresh] = [newSchema(), newSchema()];
    const admin = openPool({ url: old.url });
    onTestFinished(async () => {
      await admin.close();
      await Promise.all([old.drop(), fresh.drop()]);
    });
    await admin.query(once(readFileSync(`fixtures/${name}`, 'utf8').replaceAll(/\btroupe\b(?=[.;])/g, old.schema)));
    const store = await openPostgres({ url: old.place });
    await (await openPostgres({ url: fresh.place })).close();
    expect(await shapeOf(admin, old.schema)).toEqual(await shapeOf(admin, fresh.schema));
    const { version } = (await admin.query<{ version: number }>(once(`select version from ${fresh.schema}.meta`)))[0]!;
    expect(await admin.query(once(`select version from ${old.schema}.meta`))).toEqual([{ version }]);

    const service = await startService({ store });
    onTestFinished(() => service.close());
    const { items } = await service.ask('task.list', {});
    const copied = items.find(({ title }) => title === 'Copy the orders')!;
    expect(items.map(({ status, title }) => `${status} ${title}`).toSorted()).toEqual([
      'completed Copy the orders',
      'pending A task alone',
      'pending A title with "quotes", a \\backslash and an emoji 🦊',
      'pending Move the shop',
      'pending Turn the address',
    ]);
    const { items: events } = await service.ask('task.history', { taskId: copied.id });
    expect(events.map(({ type }) => type)).toEqual(['task.created', 'task.started', 'task.completed']);
    const { task } = await service.ask('task.get', { taskId: copied.id });
    const { content } = await service.ask('artifact.get', { artifactId: task.artifacts[0]!.id });
    expect(content).toBe('All 1,204 orders are copied.\n');
    const { id } = items.find(({ title }) => title === 'Turn the address')!;
    await service.ask('task.execute', { taskId: id }, worker('one'));
    await service.ask('task.complete', { taskId: id, summary: 'turned' }, worker('one'));
    expect((await service.ask('task.list', { filter: { ready: true } })).items.map(({ title }) => title)).toContain('Move the shop');
  });
});
