import { mkdtempSync, rmSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { move } from '../../src/cli/move.ts';
import { once } from '../../src/persistence/postgres/database.ts';
import { openPostgres } from '../../src/persistence/postgres/open.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { openStore } from '../support/data-directory.ts';
import { startService, worker } from '../support/service.ts';
import { Writer } from '../client/writer.ts';
import { randomFrom } from '../support/random.ts';
import { poolOf } from './nodes.ts';
import { databaseUrl, newSchema } from './schemas.ts';

const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 1e6));
const someone = worker('w');
const large = 'a line of work, grün 🚀\n'.repeat(12_000);

/** A directory in which much has happened, closed. */
async function lived(folder: string): Promise<string> {
  const directory = join(folder, 'from');
  const store = await openStore(directory);
  const service = await startService({ store });
  const writer = new Writer({ call: (method, params) => service.ask(method, params as never, someone) }, randomFrom(seed));
  await writer.write(400);
  const { task } = await service.ask('task.create', { title: 'hostile', context: JSON.parse('{"__proto__":{"a":1},"nul":"\\u0000"}') });
  await service.ask('task.execute', { taskId: task.id }, someone);
  await service.ask('task.complete', { taskId: task.id, summary: 'large', detailedWork: large }, someone);
  await service.close();
  await store.close();
  return directory;
}

function places() {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-move-'));
  const { schema, url, place, drop } = newSchema();
  onTestFinished(async () => {
    rmSync(folder, { recursive: true, force: true });
    await drop();
  });
  return { folder, schema, url, place };
}

describe.skipIf(databaseUrl === null)('moving', { timeout: 120_000 }, () => {
  it(`up to a database and down again keeps everything (SEED=${seed})`, async () => {
    const { folder, schema, url, place } = places();
    const from = await lived(folder);
    await move({ from, to: place, json: true });
    const back = join(folder, 'back');
    await move({ from: place, to: back, json: true });
    // And once more from the copy, into another schema, so that what came down is as good as what went up.
    const other = newSchema();
    onTestFinished(other.drop);
    await move({ from: back, to: other.place, json: true });
    const database = openPool({ url });
    const digest = (name: string) =>
      database.query(
        once(`select count(*)::int as count, md5(string_agg(id || record::text, ',' order by id)) as sum from ${name}.actors`),
      );
    expect(await digest(other.schema)).toEqual(await digest(schema));
    await database.close();
  });

  it('refuses a place that holds something, and leaves it as it is', async () => {
    const { folder, place } = places();
    const from = await lived(folder);
    await move({ from, to: place, json: true });
    await expect(move({ from, to: place })).rejects.toMatchObject({
      reason: 'START_FAILED',
      message: expect.stringContaining('not empty'),
    });
    const before = readdirSync(from);
    await expect(move({ from: place, to: from })).rejects.toThrow(/not empty/);
    expect(readdirSync(from)).toEqual(before);
  });

  it('leaves nothing behind when it breaks off', async () => {
    const { folder, schema, url, place } = places();
    const from = await lived(folder);
    const database = openPool({ url });
    onTestFinished(() => database.close());
    // An artifact whose content is gone stops the copy.
    rmSync(join(from, 'artifacts'), { recursive: true });
    await expect(move({ from, to: place })).rejects.toMatchObject({ name: 'TroupeError' });
    expect(await database.query(once(`select id from ${schema}.actors`))).toEqual([]);
  });

  it('makes nothing where it is to read and no store is', async () => {
    const { folder, schema, url, place } = places();
    await expect(move({ from: place, to: join(folder, 'to') })).rejects.toThrow(/no store in that schema/);
    const database = openPool({ url });
    onTestFinished(() => database.close());
    expect(await database.query(once(`select from pg_namespace where nspname = '${schema}'`))).toEqual([]);
  });

  it('says what to do about a database that is not there', async () => {
    const { folder, url } = places();
    const from = join(folder, 'from');
    await (await openStore(from)).close();
    const address = new URL(url);
    address.pathname = '/nowhere';
    await expect(move({ from, to: address.href })).rejects.toMatchObject({
      reason: 'START_FAILED',
      fix: expect.stringContaining('createdb'),
    });
  });

  it.each([
    ['a record', 'actors', `new.record := replace(new.record::text, '"hostile"', '"changed"')::json; return new`, /what was copied/],
    ['every record', 'actors', `if new.record::text like '%"hostile"%' then return null; end if; return new`, /what was copied|number/],
    ['an event', 'events', 'if new.rev = 2 then return null; end if; return new', /what was copied/],
    ['content', 'chunks', 'new.body := set_byte(new.body, 0, 255 - get_byte(new.body, 0)); return new', /content of artifact/],
  ])('says so when %s is not in its new place as it was', async (_, table, change, message) => {
    const { folder, schema, url, place } = places();
    const from = await lived(folder);
    await (await openPostgres({ url: place })).close();
    const admin = poolOf(url);
    await admin.query(once(`create function ${schema}.spoil() returns trigger language plpgsql as $$ begin ${change}; end $$`));
    await admin.query(once(`create trigger spoil before insert on ${schema}.${table} for each row execute function ${schema}.spoil()`));
    await expect(move({ from, to: place })).rejects.toThrow(message);
  });

  it.each([
    ['two directories', '.troupe', 'other'],
    ['two databases', 'postgres://a/b', 'postgresql://c/d'],
  ])('says what to use for %s', async (_, from, to) => {
    await expect(move({ from, to })).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
  });
});
