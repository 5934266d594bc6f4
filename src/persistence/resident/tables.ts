import type { ActorId, ArtifactId, LeaseId, SessionId, TaskId } from '../../ids.ts';
import type { ActorEvent } from '../../protocol/event.ts';
import type { ArtifactRef, TaskSummary } from '../../protocol/task.ts';
import type { Counts, DueTimer, ListQuery, Page, SessionQuery, SessionTasks, SessionView, TaskRecord, Unit } from '../store.ts';
import { createArtifactIndex } from './artifact-index.ts';
import { appendHistory, pageHistory } from './history.ts';
import { createIndexes } from './indexes.ts';
import { createLeaseIndex } from './lease-index.ts';
import { listRows } from './list.ts';
import { createRow, withHeld } from './row.ts';
import type { Entry, Row, SessionEntry } from './row.ts';
import { createSessions } from './sessions.ts';
import { createTallies } from './tallies.ts';
import { dueTimers } from './timers.ts';

export type { Entry } from './row.ts';

/** Everything that a store keeps in memory about committed records, and the answers that come from it. */
export interface Tables {
  /** Records that are resident. */
  readonly size: number;
  get(id: TaskId): Row | undefined;
  get(id: ActorId): Entry | undefined;
  /** Takes a committed unit's writes: O(log n) for each, and for each task of a session that is paused or resumed. */
  apply(writes: Unit['writes']): void;
  /** Takes an entry as it was stored. */
  restore(entry: Entry): void;
  /** Lets go of records that live elsewhere from now on. Their leases are remembered. */
  remove(ids: Iterable<ActorId>): void;
  /** Sessions, then tasks, in the order in which they first came. */
  entries(): Iterable<Entry>;
  /**
   * With `limit` 0 the page is empty and only `count` is answered.
   * @param more records that are not resident and belong to the answer if they match
   */
  list(query: ListQuery, more?: Iterable<TaskRecord>): Page<TaskSummary>;
  session(id: SessionId): SessionEntry | undefined;
  /** Of the resident tasks. */
  tasksOf(id: SessionId): SessionTasks;
  sessions(query: SessionQuery, tasksOf?: (id: SessionId) => SessionTasks): Page<SessionView>;
  /** Of the resident records. */
  counts(): Counts;
  byLease(id: LeaseId): ActorId | null;
  history(id: ActorId, page: { readonly limit: number; readonly cursor?: string | undefined }): Page<ActorEvent>;
  /** Actors whose time has come, earliest first. */
  due(now: number, limit: number): readonly DueTimer[];
  /** The reference, as the record that holds it has it. */
  artifact(id: ArtifactId): ArtifactRef | null;
  /** Whether a resident record references content with that hash. */
  isArtifactReferenced(sha256: string): boolean;
}

const noArtifacts: readonly ArtifactRef[] = [];

const artifactsOf = (row: Row | undefined): readonly ArtifactRef[] => row?.record.snapshot.context.artifacts ?? noArtifacts;

export function createTables(): Tables {
  const indexes = createIndexes();
  const { rows } = indexes;
  const tallies = createTallies();
  const leases = createLeaseIndex();
  const artifacts = createArtifactIndex();
  const sessions = createSessions();

  function replace(id: ActorId, before: Row | undefined, after: Row | undefined): void {
    indexes.replace(id, before, after);
    tallies.move(before, after);
    sessions.moveTask(before, after);
    artifacts.move(id, artifactsOf(before), artifactsOf(after));
    const lease = after?.record.snapshot.context.lease?.id;
    if (lease !== undefined && lease !== before?.record.snapshot.context.lease?.id) leases.add(lease, id);
  }

  function putSession(entry: SessionEntry): void {
    const { id } = entry.record;
    const wasPaused = sessions.isPaused(id);
    sessions.put(entry);
    const isPaused = sessions.isPaused(id);
    if (isPaused === wasPaused) return;
    for (const task of indexes.sessions.get(id)) {
      const row = rows.get(task);
      const after = row === undefined ? undefined : withHeld(row, isPaused);
      if (after !== row) replace(task, row, after);
    }
  }

  function put(entry: Entry): void {
    if (entry.record.kind === 'session') return putSession({ record: entry.record, history: entry.history });
    const { record, history } = entry;
    const before = rows.get(record.id);
    replace(record.id, before, createRow({ record, history }, before, sessions.isPaused(record.snapshot.context.spec.sessionId)));
  }

  function get(id: TaskId): Row | undefined;
  function get(id: ActorId): Entry | undefined;
  function get(id: ActorId): Entry | undefined {
    return rows.get(id) ?? sessions.get(id);
  }

  return {
    get size() {
      return rows.size + sessions.size;
    },
    get,
    apply(writes) {
      for (const { record, event } of writes) {
        const history = appendHistory(get(record.id)?.history ?? [], event);
        put(record.kind === 'task' ? { record, history } : { record, history });
      }
    },
    restore: put,
    remove(ids) {
      for (const id of ids) replace(id, rows.get(id), undefined);
    },
    *entries() {
      yield* sessions.entries();
      yield* rows.values();
    },
    list: (query, more) => listRows(indexes, tallies.counts, query, more),
    session: (id) => sessions.get(id),
    tasksOf: sessions.tasksOf,
    sessions: sessions.list,
    counts: tallies.counts,
    byLease: leases.get,
    history: (id, page) => pageHistory(get(id)?.history ?? [], page),
    due: (now, limit) => dueTimers(indexes, now, limit),
    artifact(id) {
      const owner = artifacts.owner(id);
      if (owner === undefined) return null;
      return artifactsOf(rows.get(owner)).find((ref) => ref.id === id) ?? null;
    },
    isArtifactReferenced: artifacts.isReferenced,
  };
}
