import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { once } from '../../src/persistence/postgres/database.ts';
import type { Database, Statement } from '../../src/persistence/postgres/database.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { quoted } from '../../src/persistence/postgres/schema.ts';
import { openPostgresStore } from '../../src/persistence/postgres/store.ts';
import type { MethodName } from '../../src/protocol/methods.ts';
import { startService, worker } from '../support/service.ts';
import type { Asked } from '../support/service.ts';
import { artifactId, artifactRef, newTask, nextTask, taskId, unitOf } from '../support/records.ts';
import { listened, poolOf, stores, transactionOf } from './nodes.ts';
import { databaseUrl, newSchema } from './schemas.ts';

/** What a server, a network and others who use it do to a node that runs. */

/** A way to the server that can fall silent: nothing is refused, and nothing comes. */
async function wayTo(url: string): Promise<{ readonly url: string; readonly silence: () => void }> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => (sockets.delete(socket), near.destroy(), far.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = new URL(url);
  address.port = String((server.address() as AddressInfo).port);
  return {
    url: address.href,
    silence() {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}

describe.skipIf(databaseUrl === null)('trouble', () => {
  it('a connection that is lost in the middle of a transaction fails that, and nothing else', async () => {
    const [database, admin] = [poolOf(databaseUrl!), poolOf(databaseUrl!)];
    const losing = database.transaction(async (query) => {
      const [own] = await query<{ pid: number }>(once('select pg_backend_pid() as pid'));
      await admin.query(once(`select pg_terminate_backend($1, 10000)`), [own!.pid]);
      await expect.poll(() => query(once('select 1')).catch(() => 'lost')).toBe('lost');
      throw new Error('that was it');
    });
    await expect(losing).rejects.toThrow('that was it');
    expect(await database.transaction((query) => query(once('select 1 as one')))).toEqual([{ one: 1 }]);
  });

  it('a transaction that breaks off leaves nothing, and its connection is used again', async () => {
    const database = poolOf(databaseUrl!, { connections: 1 });
    const made = once(`select to_regclass('pg_temp.made') is not null as made, pg_backend_pid() as pid`);
    const before = await database.query(made);
    const breaking = database.transaction(async (query) => {
      await query(once('create temporary table made (id int)'));
      throw new Error('no');
    });
    await expect(breaking).rejects.toThrow('no');
    expect(await database.query(made)).toEqual(before);
  });

  it('a server that falls silent is an error, and asked again by another connection', async () => {
    const way = await wayTo(databaseUrl!);
    const database = poolOf(way.url, { statementMs: 100, connectMs: 500 });
    expect(await database.query(once('select 1 as one'))).toEqual([{ one: 1 }]);
    way.silence();
    await expect(database.query(once('select 2 as two'))).rejects.toThrow(/timeout/);
    expect(await database.query(once('select 3 as three'))).toEqual([{ three: 3 }]);
  });

  it('a statement that takes too long is ended by the server', async () => {
    const database = poolOf(databaseUrl!, { statementMs: 100 });
    await expect(database.query(once('select pg_sleep(20)'))).rejects.toMatchObject({ code: '57014' });
  });

  it('whatever is said on the channel of the nodes harms nobody', async () => {
    const { store, database, channel } = await listened();
    for (const said of ['', 'hello', '-1', '1.5']) await database.query(once('select pg_notify($1, $2)'), [channel(), said]);
    const seen: string[] = [];
    await store.tail('now', (entries) => void seen.push(...entries.map(({ event }) => event.type)));
    await store.commit([unitOf([newTask(taskId(1))])]);
    await expect.poll(() => seen).toEqual(['task.created']);
  });

  it('a listener that is lost is made again, and says that something may have been missed', async () => {
    const [database, admin] = [poolOf(databaseUrl!), poolOf(databaseUrl!)];
    const told: (string | null)[] = [];
    const channel = `trouble_${Math.random().toString(36).slice(2)}`;
    await database.listen(channel, (payload) => told.push(payload));
    await admin.query(once('select pg_terminate_backend(pid) from pg_stat_activity where query = $1'), [`listen "${channel}"`]);
    await expect.poll(() => told).toEqual([null]);
    await admin.query(once('select pg_notify($1, $2)'), [channel, 'said']);
    await expect.poll(() => told).toEqual([null, 'said']);
  });

  it('a commit whose connection is lost fails as one to be asked again, and with it what was built on it', async () => {
    const { nodes, schema, url } = await stores(1);
    const { store } = nodes[0]!;
    const first = newTask(taskId(1));
    await store.commit([unitOf([first])]);
    const other = await transactionOf(url, `select from ${quoted(schema)}.actors for update`);
    const next = nextTask(first);
    const lost = [{ status: 'rejected', reason: { reason: 'STORE_UNAVAILABLE', retryable: true } }];
    const failed = Promise.allSettled([store.commit([unitOf([next])])]);
    await expect.poll(() => other.query(once('select count(*)::int as waits from pg_locks where not granted'))).toEqual([{ waits: 1 }]);
    const built = Promise.allSettled([store.commit([unitOf([nextTask(next)])])]);
    await other.query(once('select pg_terminate_backend(pid) from pg_locks where not granted'));
    expect(await Promise.all([failed, built])).toMatchObject([lost, lost]);
    expect(store.health()).toMatchObject({ writable: false, problems: [expect.stringMatching(/takes? no|does not take/)] });
    await other.end();
    expect((await store.load([first.id])).get(first.id)).toEqual(first);
    await expect.poll(() => store.health()).toMatchObject({ writable: true, problems: [] });
    expect(await store.commit([unitOf([next])])).toMatchObject([{ status: 'ok' }]);
  });

  it('a commit that was applied before its connection was lost is found by its command id: done once, and answered', async () => {
    const { schema, url, drop } = newSchema();
    const pool = openPool({ url });
    let isLost = false;
    const database: Database = {
      ...pool,
      async query<R>(statement: Statement, values?: readonly unknown[]) {
        const rows = await pool.query<R>(statement, values);
        if (!isLost || statement.name !== 'commit') return rows;
        isLost = false;
        throw new Error('Connection terminated unexpectedly');
      },
    };
    const store = await openPostgresStore({ database, schema });
    const service = await startService({ store });
    onTestFinished(async () => {
      await service.close();
      await store.close();
      await drop();
    });
    const ask = <M extends MethodName>(method: M, input: Asked<M>) => {
      isLost = true;
      return service.ask(method, input, worker('one'));
    };
    const { task, tasks } = await ask('task.plan', { commandId: 'plan', title: 'Plan', tasks: [{ ref: 'x', title: 'X' }] });
    const id = tasks['x']!;
    const { lease } = await ask('task.execute', { commandId: 'run', taskId: id });
    await ask('task.complete', { commandId: 'done', taskId: id, lease: lease.id, summary: 'done', detailedWork: 'all of it' });
    expect(isLost).toBe(false);
    const { items } = await service.ask('task.history', { taskId: id });
    expect(items.map(({ type }) => type)).toEqual(['task.created', 'task.started', 'task.completed']);
    expect((await service.ask('task.get', { taskId: task.id })).task).toMatchObject({ ready: true, children: { completed: 1 } });
    expect((await service.ask('task.list', {})).items).toHaveLength(2);
  });

  it('content that is swept at the moment in which it is brought again is kept', async () => {
    const { nodes, schema, url } = await stores(1);
    const { store } = nodes[0]!;
    const admin = poolOf(url);
    const s = quoted(schema);
    const content = Buffer.from('the same work');
    const first = artifactRef(artifactId(1), taskId(1), content);
    await store.commit([unitOf([newTask(taskId(1))], { artifacts: [{ ref: first, content }] })]);
    const second = artifactRef(artifactId(2), taskId(2), content);
    let committing: Promise<unknown> = Promise.resolve();
    await admin.transaction(async (query) => {
      await query(once(`delete from ${s}.artifacts`));
      await query(once(`delete from ${s}.contents`));
      committing = store.commit([unitOf([newTask(taskId(2))], { artifacts: [{ ref: second, content }] })]);
      await expect.poll(() => admin.query(once('select count(*)::int as waits from pg_locks where not granted'))).toEqual([{ waits: 1 }]);
      await query(once(`delete from ${s}.chunks`));
    });
    expect(await committing).toMatchObject([{ status: 'ok' }]);
    expect(Buffer.from(await store.readArtifact(second.id, { offset: 0, length: 100 }))).toEqual(content);
  });

  it('a unit that the database will never take is refused, and those that went with it are not', async () => {
    const { nodes } = await stores(1);
    const { store } = nodes[0]!;
    const content = Buffer.from('work');
    const ref = artifactRef(artifactId(1), taskId(1), content);
    const first = newTask(taskId(1));
    await store.commit([unitOf([first], { artifacts: [{ ref, content }] })]);
    const outcomes = await store.commit([
      unitOf([newTask(taskId(2))]),
      unitOf([nextTask(first)], { artifacts: [{ ref, content }] }),
      unitOf([newTask(taskId(3))]),
    ]);
    expect(outcomes).toMatchObject([{ status: 'ok' }, { status: 'refused', error: { reason: 'INTERNAL' } }, { status: 'ok' }]);
    expect(store.health().problems).toEqual([]);
    // Each is at its own place.
    const places = outcomes.flatMap((outcome) => (outcome.status === 'ok' ? [outcome.position] : []));
    const seen: string[][] = places.map(() => []);
    for (const [n, place] of places.entries())
      expect(await store.tail(place, (entries) => void seen[n]!.push(...entries.map(({ event }) => event.taskId ?? '')))).toMatchObject({
        mode: 'resumed',
      });
    await expect.poll(() => seen).toEqual([[taskId(3)], []]);
  });

  it.each(['repeatable read', 'serializable'])('a role whose transactions are %s loses nothing', async (level) => {
    const { url, schema, drop } = newSchema();
    onTestFinished(drop);
    const admin = poolOf(url);
    const role = `role_${schema}`;
    await admin.query(once(`create role ${role} login superuser`));
    await admin.query(once(`alter role ${role} set default_transaction_isolation = '${level}'`));
    const address = new URL(url);
    address.username = role;
    const nodes = await Promise.all([0, 1, 2].map(() => openPostgresStore({ database: openPool({ url: address.href }), schema })));
    onTestFinished(async () => {
      await Promise.all(nodes.map((store) => store.close()));
      await admin.query(once(`drop owned by ${role} cascade`));
      await admin.query(once(`drop role ${role}`));
    });
    let parent = newTask(taskId(0));
    await nodes[0]!.commit([unitOf([parent])]);
    for (let round = 1; round <= 10; round++) {
      const next = nextTask(parent);
      const outcomes = await Promise.all(nodes.map((store, n) => store.commit([unitOf([next, newTask(taskId(3 * round + n))])])));
      expect(
        outcomes
          .flat()
          .map(({ status }) => status)
          .toSorted(),
      ).toEqual(['conflict', 'conflict', 'ok']);
      parent = next;
    }
  });
});
