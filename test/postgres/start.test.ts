import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { once } from '../../src/persistence/postgres/database.ts';
import type { Database, Statement } from '../../src/persistence/postgres/database.ts';
import { openPostgres } from '../../src/persistence/postgres/open.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { startFault } from '../../src/persistence/postgres/start-fault.ts';
import { openPostgresStore } from '../../src/persistence/postgres/store.ts';
import { createTroupe } from '../../src/server.ts';
import { createLog } from '../../src/logger.ts';
import { openStore } from '../support/data-directory.ts';
import { newTask, taskId, unitOf } from '../support/records.ts';
import { databaseUrl, newSchema } from './schemas.ts';

/** Servers and schemas that can't be used: one line says what to do. And those that can. */

const refused = (message: RegExp, fix: RegExp) => ({
  name: 'TroupeError',
  reason: 'START_FAILED',
  message: expect.stringMatching(message),
  fix: expect.stringMatching(fix),
});

/** A schema of the test's own, and a connection to look at it. */
function ground(): { readonly schema: string; readonly url: string; readonly place: string; readonly admin: Database } {
  const { schema, url, place, drop } = newSchema();
  const admin = openPool({ url });
  onTestFinished(async () => {
    await admin.close();
    await drop();
  });
  return { schema, url, place, admin };
}

async function roleOf(admin: Database, settings = ''): Promise<string> {
  const role = `role_${Math.random().toString(36).slice(2, 12)}`;
  await admin.query(once(`create role ${role} login`));
  if (settings !== '') await admin.query(once(`alter role ${role} ${settings}`));
  onTestFinished(async () => void (await admin.query(once(`drop owned by ${role} cascade`)), await admin.query(once(`drop role ${role}`))));
  return role;
}

const asRole = (url: string, role: string): string => {
  const address = new URL(url);
  address.username = role;
  return address.href;
};

describe('a server that is not there', () => {
  it.each(['sslmodee=require', 'SSLMODE=verify-full', 'sslca=x.pem'])(
    '%s is no setting, and never means that nothing is encrypted',
    async (query) => {
      await expect(openPostgres({ url: `postgres://127.0.0.1:1/troupe?${query}` })).rejects.toMatchObject({
        reason: 'INVALID_PARAMS',
        fix: expect.stringContaining('sslmode'),
      });
    },
  );

  it.each(['foo', 'mysql://127.0.0.1/troupe', ''])('%j is no address', async (url) => {
    await expect(openPostgres({ url })).rejects.toMatchObject({ reason: 'INVALID_PARAMS', fix: expect.stringContaining('postgres://') });
  });

  it.each([
    ['sslmode=verify-ful', /sslmode=verify-ful is not known/, /verify-full/],
    [`schema=${'x'.repeat(64)}`, /longer than the 63 bytes/, /shorter/],
  ])('%s is refused before anything is asked', async (settings, message, fix) => {
    await expect(openPostgres({ url: `postgres://127.0.0.1:1/troupe?${settings}` })).rejects.toMatchObject({
      reason: 'INVALID_PARAMS',
      message: expect.stringMatching(message),
      fix: expect.stringMatching(fix),
    });
  });

  it.each([
    ['a password that nobody gave', 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', undefined, /give the password/],
    ['an authority that nobody knows', 'unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /sslrootcert=FILE/],
    ['a file that is not there', "ENOENT: no such file or directory, open '/ca.crt'", 'ENOENT', /whether the file/],
    ['a pooler that takes no time limits', 'unsupported startup parameter: statement_timeout', '08P01', /ignore_startup_parameters/],
  ])('says what to do about %s', (_, message, code, fix) => {
    const error = Object.assign(new Error(message), code === undefined ? {} : { code });
    expect(startFault(error, 'postgres://a:hush@b/c')).toMatchObject(refused(/b\/c can't be used/, fix));
  });

  it.each([
    ['nobody listens', 'postgres://troupe:hush@127.0.0.1:1/troupe', /127\.0\.0\.1:1\/troupe.*ECONNREFUSED/, /whether the server runs/],
    ['no such host', 'postgres://troupe:hush@nowhere.invalid/troupe', /nowhere\.invalid/, /name of the host/],
  ])('%s', async (_, url, message, fix) => {
    const starting = openPostgres({ url });
    await expect(starting).rejects.toMatchObject(refused(message, fix));
    await expect(starting).rejects.not.toThrow(/hush/);
  });
});

describe.skipIf(databaseUrl === null)('a server that is there', () => {
  it('has no such database', async () => {
    const { url } = ground();
    const address = new URL(url);
    address.pathname = '/nowhere';
    await expect(openPostgres({ url: address.href })).rejects.toMatchObject(refused(/"nowhere" does not exist/, /createdb/));
  });

  it('lets the user make no schema', async () => {
    const { place, admin } = ground();
    const role = await roleOf(admin);
    await expect(openPostgres({ url: asRole(place, role) })).rejects.toMatchObject(
      refused(/permission denied/, /grant create on database/),
    );
  });

  it('lets the user use a schema of somebody else, or says what is missing', async () => {
    const { schema, place, admin } = ground();
    await (await openPostgres({ url: place })).close();
    const role = await roleOf(admin);
    const starting = () => openPostgres({ url: asRole(place, role) });
    await expect(starting()).rejects.toMatchObject(refused(/permission denied/, /grant usage on schema/));
    await admin.query(once(`grant usage on schema ${schema} to ${role}`));
    await admin.query(once(`grant select on all tables in schema ${schema} to ${role}`));
    await expect(starting()).rejects.toMatchObject(refused(/may not read and write the table actors/, /grant select, insert/));
    await admin.query(once(`grant select, insert, update, delete on all tables in schema ${schema} to ${role}`));
    await admin.query(once(`revoke delete on ${schema}.chunks from ${role}`));
    await expect(starting()).rejects.toMatchObject(refused(/the table chunks/, /grant select, insert/));
    await admin.query(once(`grant delete on ${schema}.chunks to ${role}`));
    const store = await starting();
    expect(await store.commit([unitOf([newTask(taskId(1))])])).toMatchObject([{ status: 'ok' }]);
    await store.close();
  });

  it('stands behind a pooler that does not know our settings', () => {
    const error = Object.assign(new Error('unsupported startup parameter: statement_timeout'), { code: '08P01' });
    expect(startFault(error, 'postgres://pooler/troupe')).toMatchObject(refused(/startup parameter/, /ignore_startup_parameters/));
  });

  it('takes no writes', async () => {
    const { place, admin } = ground();
    const role = await roleOf(admin, 'set default_transaction_read_only = on');
    await expect(openPostgres({ url: asRole(place, role) })).rejects.toMatchObject(refused(/takes no writes/, /primary/));
  });

  it('is older than any that works', async () => {
    const { url, schema } = ground();
    const pool = openPool({ url });
    onTestFinished(() => pool.close());
    const old: Database = {
      ...pool,
      transaction: (work) =>
        pool.transaction((query) =>
          work(async <R>(statement: Statement, values?: readonly unknown[]) => {
            const rows = await query<R>(statement, values);
            return statement.text.includes('server_version_num') ? rows.map((row) => ({ ...row, version: 140_005 })) : rows;
          }),
        ),
    };
    await expect(openPostgresStore({ database: old, schema })).rejects.toMatchObject(
      refused(/PostgreSQL 140005 is too old/, /15 or newer/),
    );
  });

  it('keeps its texts in an encoding that has not every character', async () => {
    const { url, admin } = ground();
    const name = `test_${randomBytes(8).toString('hex')}`;
    await admin.query(once(`create database ${name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`));
    onTestFinished(async () => void (await admin.query(once(`drop database ${name} with (force)`))));
    const address = new URL(url);
    address.pathname = `/${name}`;
    await expect(openPostgres({ url: address.href })).rejects.toMatchObject(refused(/LATIN1/, /UTF8/));
  });

  it('has a schema of a newer Troupe, which stays as it is', async () => {
    const { schema, place, admin } = ground();
    await (await openPostgres({ url: place })).close();
    await admin.query(once(`update ${schema}.meta set version = 99`));
    await expect(openPostgres({ url: place })).rejects.toMatchObject(refused(/has version 99/, /newer Troupe/));
    expect(await admin.query(once(`select version from ${schema}.meta`))).toEqual([{ version: 99 }]);
  });

  it('is made ready by whoever comes first, when several start at once', async () => {
    const { place } = ground();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgres({ url: place })));
    const outcomes = await Promise.all(stores.map((store, n) => store.commit([unitOf([newTask(taskId(n))])])));
    expect(outcomes.flat().map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('gives the user an empty schema of their own', async () => {
    const { schema, place, admin } = ground();
    const role = await roleOf(admin);
    await admin.query(once(`create schema ${schema} authorization ${role}`));
    const store = await openPostgres({ url: asRole(place, role) });
    expect(await store.commit([unitOf([newTask(taskId(1))])])).toMatchObject([{ status: 'ok' }]);
    await store.close();
  });

  it('holds a copy from elsewhere: its log begins anew, and its histories are there', async () => {
    const { schema, place, admin } = ground();
    const before = await openPostgres({ url: place });
    const [outcome] = await before.commit([unitOf([newTask(taskId(1))])]);
    await before.close();
    // What its server will call so soon is in it already.
    await admin.query(once(`update ${schema}.events set xid = (pg_current_xact_id()::text::bigint + 20)::text::xid8`));
    const after = await openPostgres({ url: place });
    const position = outcome!.status === 'ok' ? outcome!.position : '';
    const seen: string[] = [];
    const resumed = await after.tail(position, (entries) => void seen.push(...entries.map(({ event }) => event.taskId ?? '')));
    expect([resumed.mode, seen]).toEqual(['gone', []]);
    expect((await after.history(taskId(1), { limit: 10 })).items).toHaveLength(1);
    for (let n = 0; n < 40; n++) await admin.query(once('select pg_current_xact_id()'));
    const [next] = await after.commit([unitOf([newTask(taskId(2))])]);
    await expect.poll(() => seen).toEqual([taskId(2)]);
    expect(after.precedes(position, next!.status === 'ok' ? next!.position : '')).toBe(false);
    await after.close();
  });
});

describe.skipIf(databaseUrl === null)("a node's directory", () => {
  it('is never served with an empty store of its own', async () => {
    const { place } = ground();
    const data = mkdtempSync(join(tmpdir(), 'troupe-node-'));
    onTestFinished(() => rmSync(data, { recursive: true, force: true }));
    const { logger } = createLog('silent');
    const node = await createTroupe({ data, port: 0, logger, openStore: () => openPostgres({ url: place }) });
    await node.close();
    await expect(openStore(data)).rejects.toMatchObject(refused(/are not in it.*postgres/, /TROUPE_STORE.*elsewhere/));
    const again = await createTroupe({ data, port: 0, logger, openStore: () => openPostgres({ url: place }) });
    await again.close();
    rmSync(join(data, 'elsewhere'));
    await (await openStore(data)).close();
  });
});
