import type { ActorId, ArtifactId, LeaseId } from '../../ids.ts';
import type { TaskEvent } from '../../protocol/event.ts';
import type { ArtifactRef, TaskSummary } from '../../protocol/task.ts';
import type { ActorRecord, Counts, DueTimer, ListQuery, Page, Unit } from '../store.ts';
import { createArtifactIndex } from './artifact-index.ts';
import { appendHistory, pageHistory } from './history.ts';
import { createIndexes } from './indexes.ts';
import { createLeaseIndex } from './lease-index.ts';
import { listRows } from './list.ts';
import { createRow } from './row.ts';
import type { Entry, Row } from './row.ts';
import { createTallies } from './tallies.ts';
import { dueTimers } from './timers.ts';

export type { Entry } from './row.ts';

/** Everything that a store keeps in memory about committed records, and the answers that come from it. */
export interface Tables {
  /** Records that are resident. */
  readonly size: number;
  get(id: ActorId): Entry | undefined;
  /** Takes a committed unit's writes: O(log n) for each. */
  apply(writes: Unit['writes']): void;
  /** Takes an entry as it was stored. */
  restore(entry: Entry): void;
  /** Lets go of records that live elsewhere from now on. Their leases are remembered. */
  remove(ids: Iterable<ActorId>): void;
  /** In the order in which they first came. */
  entries(): Iterable<Entry>;
  /**
   * With `limit` 0 the page is empty and only `count` is answered.
   * @param more records that are not resident and belong to the answer if they match
   */
  list(query: ListQuery, more?: Iterable<ActorRecord>): Page<TaskSummary>;
  /** Of the resident records. */
  counts(): Counts;
  byLease(id: LeaseId): ActorId | null;
  history(id: ActorId, page: { readonly limit: number; readonly cursor?: string | undefined }): Page<TaskEvent>;
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

  function replace(id: ActorId, before: Row | undefined, after: Row | undefined): void {
    indexes.replace(id, before, after);
    if ((after ?? before)?.record.kind === 'task') tallies.move(before, after);
    artifacts.move(id, artifactsOf(before), artifactsOf(after));
    const lease = after?.record.snapshot.context.lease?.id;
    if (lease !== undefined && lease !== before?.record.snapshot.context.lease?.id) leases.add(lease, id);
  }

  return {
    get size() {
      return rows.size;
    },
    get: (id) => rows.get(id),
    apply(writes) {
      for (const { record, event } of writes) {
        const before = rows.get(record.id);
        replace(record.id, before, createRow({ record, history: appendHistory(before?.history ?? [], event) }, before));
      }
    },
    restore(entry) {
      const before = rows.get(entry.record.id);
      replace(entry.record.id, before, createRow(entry, before));
    },
    remove(ids) {
      for (const id of ids) replace(id, rows.get(id), undefined);
    },
    entries: () => rows.values(),
    list: (query, more) => listRows(indexes, tallies.counts, query, more),
    counts: tallies.counts,
    byLease: leases.get,
    history: (id, page) => pageHistory(rows.get(id)?.history ?? [], page),
    due: (now, limit) => dueTimers(indexes, now, limit),
    artifact(id) {
      const owner = artifacts.owner(id);
      if (owner === undefined) return null;
      return artifactsOf(rows.get(owner)).find((ref) => ref.id === id) ?? null;
    },
    isArtifactReferenced: artifacts.isReferenced,
  };
}
