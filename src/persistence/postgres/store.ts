import { hash } from 'node:crypto';
import { TroupeError } from '../../errors.ts';
import type { ActorId, TaskId } from '../../ids.ts';
import { defaults } from '../../protocol/defaults.ts';
import type { ActorRecord, Store, TaskRecord } from '../store.ts';
import { Artifacts } from './artifacts.ts';
import { DatabaseClock } from './clock.ts';
import { Commits } from './commits.ts';
import { countsOf } from './counts.ts';
import type { Database } from './database.ts';
import { Health } from './health.ts';
import { Histories } from './histories.ts';
import { listTasks } from './lists.ts';
import { positionsOf, precedes } from './position.ts';
import { Records } from './records.ts';
import { migrate, quoted } from './schema.ts';
import { listSessions, sessionView } from './sessions.ts';
import { EventTail } from './tail.ts';
import { forReading } from './unavailable.ts';
import { Timers } from './timers.ts';
import { WakeUp } from './wake-up.ts';

export interface PostgresOptions {
  /** Closed with the store. */
  readonly database: Database;
  readonly schema: string;
  readonly windowEvents?: number;
}

const sweepMs = 600_000;

/**
 * A store in PostgreSQL, for any number of nodes at the same time. Rejects with START_FAILED when the server or its schema can't be used.
 * Nothing is kept in memory but the newest events.
 */
export async function openPostgresStore({ database, schema: name, windowEvents = defaults.windowEvents }: PostgresOptions): Promise<Store> {
  const { epoch, gen } = await migrate(database, name);
  const schema = quoted(name);
  // A name has 63 bytes at most, and that of a schema may have as many; one that two schemas share would let them wait for each other's events.
  const channel = `troupe_${hash('sha256', name).slice(0, 32)}`;
  const positions = positionsOf(epoch);
  const health = await Health.open(database, schema);
  const onFailed = (error: unknown) => health.failed(error);
  const clock = await DatabaseClock.open(database);
  let fork = (_why: string): void => {};
  const outdated = new Promise<string>((resolve) => (fork = resolve));
  const onForked = () => fork('the database has lost events that were shown: a standby took over that had not got them');
  const tail = await EventTail.open({ database, schema, channel, gen, positions, windowEvents, onFailed, onForked }).catch(
    (error: unknown) => {
      clock.close();
      throw error;
    },
  );
  health.watch(() => tail.stalledMs);
  const wakeUp = new WakeUp(database, channel);
  const reading = forReading(database, onFailed);
  const records = new Records(reading, schema);
  const artifacts = new Artifacts(reading, schema);
  const timers = new Timers(reading, schema);
  const histories = new Histories(reading, schema);
  const commits = new Commits({
    database,
    schema,
    gen,
    positions,
    onFailed,
    onCommitted(xid, events) {
      health.works();
      tail.wrote(xid, events);
      wakeUp.send(BigInt(xid));
    },
  });
  const sweeping = setInterval(() => void artifacts.sweep().catch(onFailed), sweepMs);
  sweeping.unref();
  let closed = false;

  function assertOpen(): void {
    if (closed) throw new TroupeError('STORE_UNAVAILABLE', 'the store is closed');
  }

  async function load(ids: readonly TaskId[]): Promise<Map<ActorId, TaskRecord>>;
  async function load(ids: readonly ActorId[]): Promise<Map<ActorId, ActorRecord>>;
  async function load(ids: readonly ActorId[]): Promise<Map<ActorId, ActorRecord>> {
    return records.load(ids);
  }

  return {
    kind: 'postgres',
    ordered: false,
    outdated,
    load,
    async commit(units) {
      assertOpen();
      return Promise.all(units.map((unit) => commits.commit(unit)));
    },
    list: (query) => listTasks(reading, schema, query),
    counts: (of = 'now') => countsOf(reading, schema, of === 'log' ? tail.shown : null),
    session: (id) => sessionView(reading, schema, id),
    sessions: (query) => listSessions(reading, schema, query),
    async byLease(id) {
      const [row] = await reading.query<{ id: ActorId }>(
        { name: 'lease', text: `select id from ${schema}.actors where lease_id = $1 order by updated_at desc limit 1` },
        [id],
      );
      return row?.id ?? null;
    },
    history: (id, page) => histories.page(id, page),
    async putArtifact(meta, content) {
      assertOpen();
      return artifacts.put(meta, content, clock.now());
    },
    artifact: (id) => artifacts.find(id),
    readArtifact: (id, { offset, length }) => artifacts.read(id, offset, length),
    async tail(from, sink) {
      assertOpen();
      return tail.tail(from, sink);
    },
    precedes,
    claimDue: (now, limit) => timers.claim(now, limit),
    now: () => clock.now(),
    setAside: (record, reason) => health.setAside(record, reason),
    keepsUnread: () => false,
    health: () => health.read(),
    figures: () => ({ ...commits.measures, journal: null }),
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(sweeping);
      clock.close();
      await commits.idle();
      await wakeUp.idle();
      await timers.release();
      await tail.close();
      await health.close();
      await database.close();
    },
  };
}
