import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { TroupeError } from '../../errors.ts';
import type { ActorId, TaskId } from '../../ids.ts';
import { defaults } from '../../protocol/defaults.ts';
import type { ArtifactRef } from '../../protocol/task.ts';
import { createLog } from '../resident/log.ts';
import { formatPosition, noCheck, precedes } from '../resident/position.ts';
import { createTables } from '../resident/tables.ts';
import type { ActorRecord, CommitOutcome, LogEntry, Position, Store, TaskRecord, Unit } from '../store.ts';
import { createArtifacts } from './artifacts.ts';

/**
 * A store that lives as long as its process: for tests, trials and figures.
 * Units are staged when `commit` is called and become visible together at the end of the tick, before it resolves.
 * Nothing is serialised, so a unit that isn't JSON is taken as it is.
 * @param options.windowEvents how many events `tail` can replay at least; 10,000 by default
 */
export function createMemoryStore(options: { readonly clock: Clock; readonly windowEvents?: number }): Store {
  const { clock, windowEvents = defaults.windowEvents } = options;
  const tables = createTables();
  const artifacts = createArtifacts(clock, tables);
  // Nothing outlives the process, so the epoch alone tells an old log's positions.
  const epoch = randomUUID().slice(0, 8);
  const positionOf = (seq: number): Position => formatPosition({ epoch, seq, check: noCheck });
  const log = createLog({ base: positionOf(0), windowEvents });
  const setAside: { readonly record: unknown; readonly reason: string }[] = [];

  let seq = 0;
  let sealedAt = 0;
  let staged: Unit[] = [];
  /** Revisions that the staged units lead to. */
  const heads = new Map<ActorId, number>();
  let flushed: Promise<void> | null = null;
  let closed = false;

  const revisionOf = (id: ActorId): number => heads.get(id) ?? tables.get(id)?.record.rev ?? 0;

  function stage(unit: Unit): CommitOutcome {
    const conflicts = new Set<ActorId>();
    for (const { id, rev } of unit.checks) if (revisionOf(id) !== rev) conflicts.add(id);
    for (const { expectedRev, record } of unit.writes) if (revisionOf(record.id) !== expectedRev) conflicts.add(record.id);
    if (conflicts.size > 0) return { status: 'conflict', ids: [...conflicts] };
    const claims = unit.artifacts.filter(({ content }) => content === null).map(({ ref }) => ref.id);
    const missing = claims.length === 0 ? null : artifacts.claim(claims);
    if (missing !== null) {
      return { status: 'refused', error: new TroupeError('ARTIFACT_NOT_FOUND', `there is no upload ${missing} to claim`) };
    }
    for (const { record } of unit.writes) heads.set(record.id, record.rev);
    staged.push(unit);
    seq += unit.writes.length;
    return { status: 'ok', position: positionOf(seq) };
  }

  function erased({ writes }: Unit): readonly ArtifactRef[] {
    return writes.flatMap(({ record, event }) =>
      record.kind === 'task' && event.type === 'task.deleted' ? (tables.get(record.id)?.record.snapshot.context.artifacts ?? []) : [],
    );
  }

  function flush(): void {
    const units = staged;
    let place = seq - units.reduce((sum, { writes }) => sum + writes.length, 0);
    staged = [];
    heads.clear();
    flushed = null;
    const entries: LogEntry[] = [];
    for (const unit of units) {
      const gone = erased(unit);
      tables.apply(unit.writes);
      artifacts.keep(unit.artifacts);
      if (gone.length > 0) artifacts.release(gone);
      for (const { event } of unit.writes) entries.push({ position: positionOf(++place), event });
    }
    log.append(entries, positionOf(place));
    if (place - sealedAt < windowEvents) return;
    log.seal();
    sealedAt = place;
  }

  function assertOpen(): void {
    if (closed) throw new TroupeError('STORE_UNAVAILABLE', 'the store is closed');
  }

  async function load(ids: readonly TaskId[]): Promise<Map<ActorId, TaskRecord>>;
  async function load(ids: readonly ActorId[]): Promise<Map<ActorId, ActorRecord>>;
  async function load(ids: readonly ActorId[]): Promise<Map<ActorId, ActorRecord>> {
    const records = new Map<ActorId, ActorRecord>();
    for (const id of ids) {
      const record = tables.get(id)?.record;
      if (record !== undefined) records.set(id, record);
    }
    return records;
  }

  return {
    kind: 'memory',
    ordered: true,
    load,
    async commit(units) {
      assertOpen();
      const outcomes = units.map(stage);
      await (flushed ??= Promise.resolve().then(flush));
      return outcomes;
    },
    list: async (query) => tables.list(query),
    counts: async () => tables.counts(),
    async session(id) {
      const record = tables.session(id)?.record;
      return record === undefined ? null : { record, tasks: tables.tasksOf(id) };
    },
    sessions: async (query) => tables.sessions(query),
    byLease: async (id) => tables.byLease(id),
    history: async (id, page) => tables.history(id, page),
    async putArtifact(meta, content) {
      assertOpen();
      return await artifacts.put(meta, content);
    },
    artifact: async (id) => artifacts.find(id),
    readArtifact: async (id, { offset, length }) => artifacts.read(id, offset, length),
    async tail(from, sink) {
      assertOpen();
      return log.tail(from, sink);
    },
    precedes,
    claimDue: async (now, limit) => tables.due(now, limit),
    now: () => clock.now(),
    async setAside(record, reason) {
      setAside.push({ record, reason });
    },
    keepsUnread: () => false,
    health: () => ({
      writable: !closed,
      problems: setAside.slice(-1).map(({ reason }) => `records that could not be restored were set aside, the last one: ${reason}`),
      quarantined: setAside.length,
    }),
    figures: () => null,
    async close() {
      closed = true;
      await flushed;
      log.close();
      artifacts.clear();
    },
  };
}
