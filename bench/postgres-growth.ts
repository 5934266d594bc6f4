import { once } from '../src/persistence/postgres/database.ts';
import { migrate, quoted } from '../src/persistence/postgres/schema.ts';
import { openPool } from '../src/persistence/postgres/pool.ts';
import { findPostgres, startPostgres } from '../test/support/postgres-server.ts';
import { newTask, taskId, writeOf } from '../test/support/records.ts';
import { columnNames, columnsOf, leaseOf } from '../src/persistence/postgres/columns.ts';
import { livesOn } from './lives.ts';
import { median, table } from './report.ts';
import { startTroupe } from './service.ts';

/** What a command costs with many finished tasks in the tables, against few. Each size is a schema of its own on one server. */

const sizes = [1_000, 100_000, 1_000_000] as const;
const rounds = 3;
const warmUpLives = 2_000;
const lives = 3_000;
const eventsOfTask = 3;

type Server = Awaited<ReturnType<typeof startPostgres>>;

const schemaOf = (size: number): string => `tasks_${size}`;

/** Finished tasks with ids of their own, made by the server of one record, with the events of their lives. */
async function fill({ url }: Server, size: number): Promise<void> {
  const database = openPool({ url, statementMs: 900_000 });
  const schema = schemaOf(size);
  await migrate(database, schema);
  const s = quoted(schema);
  const record = newTask(taskId(1), { status: 'completed' });
  const columns = { ...columnsOf(record), lease_id: leaseOf(record) };
  const { data: _, ...head } = writeOf(record).event;
  const values = columnNames.map((name) => {
    if (name === 'root_id') return 'n.id';
    if (name === 'created_at' || name === 'updated_at') return `(${columns.created_at} + n.n)::bigint`;
    const value = columns[name as keyof typeof columns];
    return Array.isArray(value) ? "'{}'::text[]" : value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`;
  });
  const named = `(select g as n, 't_' || substr(translate(md5(g::text) || md5(g::text), 'ilou', 'wxyz'), 1, 26) as id from generate_series(1, ${size}) g) n`;
  await database.query(
    once(
      `insert into ${s}.actors (id, record, ${columnNames.join(', ')}) select n.id, replace($1, $2, n.id)::json, ${values.join(', ')} from ${named}`,
    ),
    [JSON.stringify(record), record.id],
  );
  await database.query(
    once(`insert into ${s}.events (gen, xid, n, actor, rev, class, head, data)
      select 1, pg_current_xact_id(), (n.n - 1) * ${eventsOfTask} + r, n.id, r, 1, replace($1, $2, n.id)::json, '{}'
      from ${named} cross join generate_series(1, ${eventsOfTask}) r`),
    [JSON.stringify(head), record.id],
  );
  await database.query(once(`vacuum analyze ${s}.actors`));
  await database.query(once(`vacuum analyze ${s}.events`));
  await database.close();
}

export async function postgresGrowth(): Promise<void> {
  const bin = findPostgres();
  if (bin === null) return console.log('no PostgreSQL here');
  const server = await startPostgres(bin, { shared_buffers: '512MB', max_wal_size: '4GB' });
  try {
    for (const size of sizes) await fill(server, size);
    const samples = new Map<number, { perSecond: number; p99Ms: number }[]>(sizes.map((size) => [size, []]));
    for (let round = 0; round < rounds; round++)
      for (const size of round % 2 === 0 ? sizes : sizes.toReversed()) {
        const store = `${server.url}?schema=${schemaOf(size)}`;
        samples
          .get(size)
          ?.push(await livesOn(() => startTroupe([], undefined, { TROUPE_STORE: store, TROUPE_LOG: 'error' }), warmUpLives, lives));
      }
    const of = (size: number, figure: 'perSecond' | 'p99Ms') => median((samples.get(size) ?? []).map((sample) => sample[figure]));
    const few = of(sizes[0], 'perSecond');
    table(
      ['tasks', 'commands/s', 'time of a command against 1,000 tasks', 'p99 ms'],
      sizes.map((size) => [
        size.toLocaleString('en'),
        of(size, 'perSecond').toFixed(0),
        (few / of(size, 'perSecond')).toFixed(2),
        of(size, 'p99Ms').toFixed(1),
      ]),
    );
    console.log('goal: at most 1.3');
  } finally {
    await server.dispose();
  }
}
