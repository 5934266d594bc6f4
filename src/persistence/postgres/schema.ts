import { TroupeError } from '../../errors.ts';
import { once } from './database.ts';
import type { Database, Query } from './database.ts';

/**
 * The tables, as a list of steps: the schema's version is how many were taken. A step is never edited once it was released.
 *
 * Records and events are `json`, which keeps them as they were written; `jsonb` refuses NUL characters and half surrogates, and sorts
 * the members. What queries need of them stands in columns. Ids compare by their bytes.
 */
const steps: readonly ((schema: string) => readonly string[])[] = [
  (s) => [
    `create table ${s}.actors (
      id text collate "C" primary key,
      kind text not null,
      project text not null,
      rev int not null,
      status text not null,
      ready boolean not null,
      plan boolean not null,
      root_id text collate "C",
      parent_id text collate "C",
      session_id text collate "C",
      external_id text,
      type text,
      specialist text,
      complexity text,
      tags text[] not null,
      words text not null,
      rank smallint not null,
      place int not null,
      created_at bigint not null,
      updated_at bigint not null,
      due_at bigint,
      leased boolean not null,
      lease_id text collate "C",
      timer_node text,
      timer_until timestamptz,
      record json not null
    ) with (fillfactor = 80)`,
    `create index actors_created on ${s}.actors (created_at, root_id, place, id) where kind = 'task'`,
    `create index actors_updated on ${s}.actors (updated_at, root_id, place, id) where kind = 'task'`,
    `create index actors_ready on ${s}.actors (rank, created_at, root_id, place, id) where ready`,
    `create index actors_open on ${s}.actors (status, created_at, root_id, place, id) where status not in ('completed', 'archived')`,
    `create index actors_tags on ${s}.actors using gin (tags) where tags <> '{}'`,
    `create index actors_root on ${s}.actors (root_id)`,
    `create index actors_parent on ${s}.actors (parent_id) where parent_id is not null`,
    `create index actors_session on ${s}.actors (session_id) where session_id is not null`,
    `create index actors_external on ${s}.actors (external_id) where external_id is not null`,
    `create index actors_due on ${s}.actors (due_at) where due_at is not null`,
    `create index actors_lease on ${s}.actors (lease_id) where lease_id is not null`,
    `create index actors_sessions on ${s}.actors (created_at, id) where kind = 'session'`,
    `create table ${s}.events (
      gen int not null,
      xid xid8 not null,
      n int not null,
      actor text collate "C" not null,
      rev int not null,
      class smallint not null,
      head json not null,
      data json not null,
      primary key (gen, xid, n)
    )`,
    `create unique index events_actor on ${s}.events (actor, rev)`,
    `create table ${s}.artifacts (
      id text collate "C" primary key,
      task text collate "C",
      sha256 text not null,
      bytes bigint not null,
      uploaded_at timestamptz,
      ref json not null
    )`,
    `create index artifacts_task on ${s}.artifacts (task) where task is not null`,
    `create index artifacts_sha256 on ${s}.artifacts (sha256)`,
    `create index artifacts_uploads on ${s}.artifacts (uploaded_at) where task is null`,
    `create table ${s}.contents (sha256 text primary key, seen timestamptz not null default clock_timestamp())`,
    `create table ${s}.chunks (sha256 text not null, n int not null, body bytea not null, primary key (sha256, n))`,
    `alter table ${s}.chunks alter column body set storage external`,
    `create table ${s}.quarantine (at timestamptz not null default clock_timestamp(), reason text not null, record json not null)`,
  ],
  (s) => [
    // A record of two or three kilobytes is not worth the time that compressing it takes at each command. And every command leaves a
    // dead row, which the small indexes of what is ready and open feel long before a fifth of a large table is dead.
    `alter table ${s}.actors set (toast_tuple_target = 4096, autovacuum_vacuum_scale_factor = 0.05)`,
    `create index actors_project on ${s}.actors (project, created_at, root_id, place, id) where kind = 'task'`,
  ],
];

const newest = steps.length;

/** As a name in a statement. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

interface Log {
  readonly epoch: string;
  readonly gen: number;
}

/**
 * Brings the schema to what this program knows, one node at a time, and answers which log its events belong to.
 * START_FAILED, with nothing changed, when the schema is of a newer Troupe.
 */
export async function migrate(database: Database, name: string): Promise<Log> {
  const schema = quoted(name);
  return database.transaction(async (query) => {
    await query(once('select pg_advisory_xact_lock(hashtextextended($1, 0))'), [`troupe schema ${name}`]);
    const [server] = await query<{ version: number; readonly: string; encoding: string }>(
      once(`select current_setting('server_version_num')::int as version, current_setting('transaction_read_only') as readonly,
        current_setting('server_encoding') as encoding`),
    );
    if (server === undefined || server.version < 150_000)
      throw new TroupeError('START_FAILED', `PostgreSQL ${server?.version ?? ''} is too old`, { fix: 'use PostgreSQL 15 or newer' });
    if (server.encoding !== 'UTF8')
      throw new TroupeError('START_FAILED', `the database keeps its texts in ${server.encoding}, which has not every character`, {
        fix: 'make it with createdb --encoding UTF8 --template template0',
      });
    if (server.readonly === 'on')
      throw new TroupeError('START_FAILED', 'the database takes no writes: it is a standby or set to read only', {
        fix: 'give the address of the primary',
      });
    const from = await versionOf(query, name, schema);
    if (from > newest)
      throw new TroupeError('START_FAILED', `the schema ${name} has version ${from}, this Troupe knows ${newest}`, {
        fix: 'install the newer Troupe',
      });
    for (const step of steps.slice(from)) for (const text of step(schema)) await query(once(text));
    await assertUsable(query, name, schema);
    if (from < newest) await query(once(`update ${schema}.meta set version = $1`), [newest]);
    return logOf(query, schema);
  });
}

export async function holdsStore(query: Query, name: string): Promise<boolean> {
  const [known] = await query<{ is: boolean }>(once('select to_regclass($1) is not null as is'), [`${quoted(name)}.meta`]);
  return known?.is === true;
}

async function versionOf(query: Query, name: string, schema: string): Promise<number> {
  if (!(await holdsStore(query, name))) {
    const [has] = await query<{ is: boolean }>(once('select exists (select from pg_namespace where nspname = $1) as is'), [name]);
    // Whoever may not make schemas can be given one that is empty.
    if (has?.is !== true) await query(once(`create schema ${schema}`));
    await query(once(`create table ${schema}.meta (version int not null, epoch text not null, gen int not null)`));
    await query(once(`insert into ${schema}.meta values (0, substr(gen_random_uuid()::text, 1, 8), 1)`));
  }
  const [row] = await query<{ version: number }>(once(`select version from ${schema}.meta`));
  return row?.version ?? 0;
}

/** Whoever may only look at some of it would find out at the first command. */
async function assertUsable(query: Query, name: string, schema: string): Promise<void> {
  const rights = ['select', 'insert', 'update', 'delete'].map((right) => `has_table_privilege(oid, '${right}')`).join(' and ');
  const [closed] = await query<{ table: string }>(
    once(
      `select relname as table from pg_class where relnamespace = $1::regnamespace and relkind = 'r' and not (${rights}) order by 1 limit 1`,
    ),
    [schema],
  );
  if (closed !== undefined)
    throw new TroupeError('START_FAILED', `the user may not read and write the table ${closed.table} in the schema ${name}`, {
      fix: `grant select, insert, update, delete on all tables in schema ${name} to USER`,
    });
}

/** A copy that was restored elsewhere has events from the future of its new server: its log begins anew. */
async function logOf(query: Query, schema: string): Promise<Log> {
  await query(
    once(`update ${schema}.meta set gen = gen + 1, epoch = substr(gen_random_uuid()::text, 1, 8)
      where exists (select from ${schema}.events e where e.gen = meta.gen and e.xid >= pg_snapshot_xmax(pg_current_snapshot()))`),
  );
  const [log] = await query<Log>(once(`select epoch, gen from ${schema}.meta`));
  if (log === undefined) throw new TroupeError('START_FAILED', 'the table meta is empty', { fix: 'restore the database from a backup' });
  return log;
}
