import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { once } from '../../src/persistence/postgres/database.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { quoted } from '../../src/persistence/postgres/schema.ts';
import { openPostgres } from '../../src/persistence/postgres/open.ts';
import { openPostgresStore } from '../../src/persistence/postgres/store.ts';
import { newTask, nextTask, taskId, unitOf, writeOf } from '../support/records.ts';
import { startService, worker } from '../support/service.ts';
import { outcome, services, stores, transactionOf } from './nodes.ts';
import { databaseUrl } from './schemas.ts';

/** Two nodes over one database: what each knows of the other. */

const rounds = Number(process.env['ROUNDS'] ?? 60);
const [one, other] = [worker('one'), worker('other')];

describe.skipIf(databaseUrl === null)('two nodes', () => {
  it('a node that slept changes nothing by what it knew, and is told the real state', async () => {
    const { nodes } = await services(2);
    const [awake, asleep] = [nodes[0]!, nodes[1]!];
    const { task } = await asleep.ask('task.create', { title: 'Shared' });
    await asleep.ask('task.note', { taskId: task.id, text: 'it is in memory here' });
    asleep.gate.hold('tail');
    await awake.ask('task.execute', { taskId: task.id }, one);
    await awake.ask('task.complete', { taskId: task.id, summary: 'done' }, one);
    const refused = await outcome(asleep.ask('task.cancel', { taskId: task.id }, other));
    expect(refused).toMatchObject({ reason: 'INVALID_TRANSITION', details: { from: 'completed' } });
  });

  it('a node that slept refuses nothing by what it knew', async () => {
    const { nodes } = await services(2);
    const [awake, asleep] = [nodes[0]!, nodes[1]!];
    const { task } = await asleep.ask('task.create', { title: 'Shared' });
    await asleep.ask('task.execute', { taskId: task.id }, one);
    asleep.gate.hold('tail');
    await awake.ask('task.complete', { taskId: task.id, summary: 'done' }, one);
    // What is in progress can't be opened again; what is completed can.
    const { task: after } = await asleep.ask('task.reopen', { taskId: task.id, reason: 'once more' });
    expect(after.status).toBe('pending');
    await awake.ask('task.execute', { taskId: task.id }, one);
    // What it knows would have it refuse this.
    const { task: done } = await asleep.ask('task.complete', { taskId: task.id, summary: 'done' }, one);
    expect(done.status).toBe('completed');
  });

  it('gives whoever waits for work at one node what another one makes ready, and nothing of a session that it paused', async () => {
    const { nodes } = await services(2);
    const [a, b] = [nodes[0]!, nodes[1]!];
    const { session } = await a.ask('session.create', { title: 'Held' });
    const { tasks } = await a.ask('task.plan', {
      title: 'Plan',
      tasks: [
        { ref: 'x', title: 'X' },
        { ref: 'y', title: 'Y', dependsOn: ['x'] },
      ],
    });
    await a.ask('task.execute', { taskId: tasks['x']! }, one);
    const waiting = b.ask('task.claim', { waitMs: 30_000 }, other);
    await a.ask('session.pause', { sessionId: session.id });
    await a.ask('task.create', { title: 'of a session that is paused', sessionId: session.id });
    await a.ask('task.complete', { taskId: tasks['x']!, summary: 'done' }, one);
    expect((await waiting).task.title).toBe('Y');
    expect(await outcome(b.ask('task.claim', {}, other))).toMatchObject({ reason: 'NOTHING_READY' });
    await a.ask('session.resume', { sessionId: session.id });
    expect((await b.ask('task.claim', { waitMs: 30_000 }, other)).task.title).toBe('of a session that is paused');
  });

  it('resumes a subscriber who has seen more at the other node than this one has', async () => {
    const { nodes } = await services(2);
    const [a, b] = [nodes[0]!, nodes[1]!];
    await a.ask('task.create', { title: 'seen by both' });
    await expect.poll(() => b.log.end).toBe(1);
    b.gate.hold('tail');
    await a.ask('task.create', { title: 'seen by one' });
    await expect.poll(() => a.log.end).toBe(2);
    const subscribed: (number | null)[] = [];
    const stream = {
      subscribe({ since }: { readonly since?: string | undefined }) {
        subscribed.push(b.log.since(since ?? ''));
        return { view: 'v', mode: 'resumed' as const, position: b.log.head };
      },
      unsubscribe: () => true,
    };
    const asked = b.ask('events.subscribe', { since: a.log.head }, { ...one, stream });
    await b.gate.reached();
    expect([b.log.end, subscribed]).toEqual([1, []]);
    b.gate.open();
    await asked;
    expect(subscribed).toEqual([2]);
  });

  it('sees all that the other one commits, in order, and resumes from its positions', async () => {
    const { nodes } = await services(2);
    const [a, b] = [nodes[0]!, nodes[1]!];
    const made = await Promise.all(Array.from({ length: 40 }, (_, n) => nodes[n % 2]!.ask('task.create', { title: `task ${n}` })));
    await Promise.all(made.map(({ task }, n) => nodes[(n + 1) % 2]!.ask('task.execute', { taskId: task.id }, worker(`w${n}`))));
    await expect.poll(() => [a.log.end, b.log.end]).toEqual([80, 80]);
    const logged = (node: typeof a) =>
      Array.from({ length: 80 }, (_, n) => [node.log.at(n).position, node.log.at(n).event.taskId, node.log.at(n).event.rev]);
    expect(logged(a)).toEqual(logged(b));
    for (const n of [0, 17, 79]) expect(b.log.since(a.log.at(n).position)).toBe(n + 1);
  });
});

describe.skipIf(databaseUrl === null)('figures', () => {
  it('of a node that starts in the midst of work are right, and stay so', async () => {
    const { nodes, url, schema } = await services(1);
    const [a] = [nodes[0]!];
    const { task: done } = await a.ask('task.create', { title: 'done' });
    await a.ask('task.execute', { taskId: done.id }, one);
    const foreign = await transactionOf(url, 'select pg_current_xact_id()');
    // The log waits from here on: what is committed now is in the tables, and not yet in what a node shows.
    await a.ask('task.complete', { taskId: done.id, summary: 'done' }, one);
    for (let n = 0; n < 5; n++) await a.ask('task.create', { title: `pending ${n}` });
    const b = await startService({ store: await openPostgres({ url: `${url}?schema=${schema}` }) });
    onTestFinished(() => b.close());
    expect(b.services.figures.tallies.tasks).toMatchObject({ in_progress: 1, completed: 0, pending: 0 });
    await foreign.end();
    await expect.poll(() => b.log.end).toBe(8);
    for (const node of [a, b]) expect(node.services.figures.tallies.tasks).toMatchObject({ in_progress: 0, completed: 1, pending: 5 });
    const { commits, batches, journal } = a.services.store.figures()!;
    expect([commits, batches].map(({ counts }) => counts.reduce((sum, count) => sum + count))).toEqual([8, 8]);
    expect(journal).toBeNull();
  });
});

describe.skipIf(databaseUrl === null)('two stores', () => {
  it('a unit built on a revision that lost is never committed, though the row has the same number', async () => {
    const { nodes } = await stores(2);
    const [a, b] = [nodes[0]!, nodes[1]!];
    const first = newTask(taskId(1));
    await a.store.commit([unitOf([first])]);
    const mine = nextTask(first, { spec: { title: 'mine' } });
    const theirs = nextTask(first, { spec: { title: 'theirs' } });
    a.gate.hold('commit');
    const lost = a.store.commit([unitOf([mine])]);
    await a.gate.reached();
    const built = a.store.commit([unitOf([nextTask(mine)])]);
    const sameBatch = a.store.commit([unitOf([nextTask(nextTask(mine))])]);
    expect(await b.store.commit([unitOf([theirs])])).toMatchObject([{ status: 'ok' }]);
    a.gate.open();
    expect([await lost, await built, await sameBatch]).toMatchObject(
      Array.from({ length: 3 }, () => [{ status: 'conflict', ids: [taskId(1)] }]),
    );
    expect((await a.store.load([taskId(1)])).get(taskId(1))).toEqual(theirs);
  });

  it('rows made at the same moment by both: one makes them, and who shared its batch is not held up', async () => {
    const { nodes } = await stores(2);
    for (let round = 0; round < rounds; round++) {
      const ids = [taskId(3 * round), taskId(3 * round + 1), taskId(3 * round + 2)] as const;
      const results = await Promise.all([
        nodes[0]!.store.commit([unitOf([newTask(ids[0])]), unitOf([newTask(ids[1])])]),
        nodes[1]!.store.commit([unitOf([newTask(ids[0])]), unitOf([newTask(ids[2])])]),
      ]);
      const statuses = results.map((outcomes) => outcomes.map(({ status }) => status));
      expect(new Set(statuses.map(([shared]) => shared))).toEqual(new Set(['conflict', 'ok']));
      expect(statuses.map(([, own]) => own)).toEqual(['ok', 'ok']);
    }
  });

  it('a pool of one connection carries all that comes', async () => {
    const { nodes } = await stores(2, { connections: 1 });
    const commits = Array.from({ length: 200 }, (_, n) => nodes[n % 2]!.store.commit([unitOf([newTask(taskId(n))])]));
    expect((await Promise.all(commits)).flat().every(({ status }) => status === 'ok')).toBe(true);
    expect((await nodes[0]!.store.list({ filter: {}, sort: 'created', limit: 1, count: true })).total).toBe(200);
  });

  it('events wait for a transaction that began before them, health names who holds it, and then they come in order', async () => {
    const { nodes, url } = await stores(2);
    const [a, b] = [nodes[0]!, nodes[1]!];
    const foreign = await transactionOf(url, 'select pg_current_xact_id()');
    const seen: number[] = [];
    const tail = await b.store.tail('now', (entries) => void seen.push(...entries.map(({ event }) => event.rev)));
    let record = newTask(taskId(1));
    for (let rev = 1; rev <= 5; rev++) {
      expect(await a.store.commit([unitOf([record])])).toMatchObject([{ status: 'ok' }]);
      record = nextTask(record);
    }
    await expect.poll(() => a.store.health().problems.join()).toMatch(/older transaction.*pg_terminate_backend/);
    expect(a.store.health().writable).toBe(true);
    expect(seen).toEqual([]);
    await foreign.end();
    await expect.poll(() => seen).toEqual([1, 2, 3, 4, 5]);
    await expect.poll(() => a.store.health().problems).toEqual([]);
    tail.close();
  });

  it('events are in the order of numbers, not of texts: 10 after 9, while a node runs and when it opens', async () => {
    const { nodes, schema, url } = await stores(1);
    const [a] = [nodes[0]!];
    const head = JSON.stringify(writeOf(newTask(taskId(1))).event);
    const admin = openPool({ url });
    onTestFinished(() => admin.close());
    const seen: string[] = [];
    const numberOf = (position: string): string => position.split(':')[1]!;
    const tail = await a.store.tail('now', (entries) => void seen.push(...entries.map(({ position }) => numberOf(position))));
    onTestFinished(() => tail.close());
    // As if committed by others long ago: whatever number the server has reached, these are below it.
    const numbers = ['8.0', '9.0', '9.2', '9.10', '10.0', '10.1', '11.0', '100.0'];
    const rows = numbers.map(
      (number, rev) => `(1, '${number.split('.')[0]}', ${number.split('.')[1]}, 't_x', ${rev}, 0, $1::text::json, '{}')`,
    );
    await admin.query(once(`insert into ${quoted(schema)}.events (gen, xid, n, actor, rev, class, head, data) values ${rows.join()}`), [
      head,
    ]);
    await expect.poll(() => seen).toEqual(numbers);
    const later = await openPostgresStore({ database: openPool({ url }), schema, windowEvents: 3 });
    onTestFinished(() => later.close());
    const newest: string[] = [];
    (await later.tail('oldest', (entries) => void newest.push(...entries.map(({ position }) => numberOf(position))))).close();
    expect(newest).toEqual(['10.1', '11.0', '100.0']);
  });

  it("goes by the database's clock, though the clock of a node is an hour ahead", async () => {
    const { nodes } = await stores(1);
    const clocks = vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(performance.timeOrigin + performance.now()) + 3_600_000);
    onTestFinished(() => clocks.mockRestore());
    const { nodes: ahead } = await stores(1);
    expect(Math.abs(ahead[0]!.store.now() - nodes[0]!.store.now())).toBeLessThan(60_000);
    expect(Date.now() - ahead[0]!.store.now()).toBeGreaterThan(3_000_000);
  });

  it('shows nobody a unit that waits for its rows', async () => {
    const { nodes, schema, url } = await stores(2);
    const [a, b] = [nodes[0]!, nodes[1]!];
    const first = newTask(taskId(1));
    await a.store.commit([unitOf([first])]);
    const foreign = await transactionOf(url, `select id from ${quoted(schema)}.actors for update`);
    const changed = nextTask(first, { spec: { title: 'changed' } });
    const committing = a.store.commit([unitOf([changed, newTask(taskId(2))])]);
    await expect.poll(() => foreign.query(once('select count(*)::int as waits from pg_locks where not granted'))).toEqual([{ waits: 1 }]);
    for (const { store } of [a, b]) {
      expect([...(await store.load([taskId(1), taskId(2)])).values()]).toEqual([first]);
      expect((await store.list({ filter: {}, sort: 'created', limit: 10 })).items.map(({ title }) => title)).toEqual([
        first.snapshot.context.spec.title,
      ]);
      expect((await store.history(taskId(1), { limit: 10 })).items).toHaveLength(1);
      expect((await store.counts()).ready).toBe(1);
    }
    await foreign.end();
    expect(await committing).toMatchObject([{ status: 'ok' }]);
    for (const { store } of [a, b]) expect((await store.load([taskId(1)])).get(taskId(1))).toEqual(changed);
  });
});
