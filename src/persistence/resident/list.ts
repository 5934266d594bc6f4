import type { ActorId } from '../../ids.ts';
import { summaryOf } from '../../machines/readings.ts';
import type { Sort, TaskSummary } from '../../protocol/task.ts';
import { statuses } from '../../protocol/values.ts';
import type { Counts, ListQuery, Page, TaskRecord } from '../store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { createFilter } from './filter.ts';
import type { Filter } from './filter.ts';
import type { Indexes } from './indexes.ts';
import { byPriority, byTime } from './order.ts';
import type { Compare, Key, Order } from './order.ts';
import { createRow } from './row.ts';
import type { Row } from './row.ts';

interface Sorting {
  readonly compare: Compare;
  readonly keyOf: (row: Row) => Key;
}

const reverse =
  (compare: Compare): Compare =>
  (a, b) =>
    compare(b, a);

const sortings: Readonly<Record<Sort, Sorting>> = {
  created: { compare: byTime, keyOf: ({ created }) => created },
  '-created': { compare: reverse(byTime), keyOf: ({ created }) => created },
  updated: { compare: byTime, keyOf: ({ updated }) => updated },
  '-updated': { compare: reverse(byTime), keyOf: ({ updated }) => updated },
  next: { compare: byPriority, keyOf: ({ created }) => created },
};

/** Rows among which every resident match is. */
interface Pool {
  readonly size: number;
  readonly ids: () => Iterable<ActorId>;
}

function* idsOf(keys: Iterable<Key>): Iterable<ActorId> {
  for (const { id } of keys) yield id;
}

function* rowOf(ids: Iterable<ActorId>, { rows }: Indexes): Iterable<Row> {
  for (const id of ids) {
    const row = rows.get(id);
    if (row !== undefined) yield row;
  }
}

function* unionOf(groups: readonly ReadonlySet<ActorId>[]): Iterable<ActorId> {
  for (const group of groups) yield* group;
}

const poolOfGroups = (...groups: readonly ReadonlySet<ActorId>[]): Pool => ({
  size: groups.reduce((sum, { size }) => sum + size, 0),
  ids: () => unionOf(groups),
});

/** The smallest pool that an index has for the filter. */
function poolOf({ rows, ready, trees, children, externals, statuses: byStatus, sessions }: Indexes, { filter }: ListQuery): Pool {
  const pools: Pool[] = [{ size: rows.size, ids: () => rows.keys() }];
  if (filter.ids !== undefined) pools.push(poolOfGroups(new Set(filter.ids)));
  if (filter.rootId !== undefined) pools.push(poolOfGroups(trees.get(filter.rootId)));
  if (filter.parentId !== undefined) pools.push(poolOfGroups(children.get(filter.parentId)));
  if (filter.externalId !== undefined) pools.push(poolOfGroups(externals.get(filter.externalId)));
  if (filter.sessionId !== undefined) pools.push(poolOfGroups(sessions.get(filter.sessionId)));
  if (filter.ready === true) pools.push({ size: ready.size, ids: () => idsOf(ready.forwards(null)) });
  if (filter.status !== undefined) pools.push(poolOfGroups(...[...new Set(filter.status)].map((status) => byStatus.get(status))));
  return pools.reduce((best, pool) => (pool.size < best.size ? pool : best));
}

/** The order that the query can be read from, row by row: for `next` there is one of what is ready. */
function orderOf({ created, updated, ready }: Indexes, { filter, sort }: ListQuery): Order | null {
  if (sort === 'next') return filter.ready === true ? ready : null;
  return sort.endsWith('updated') ? updated : created;
}

/** The first `wanted` matches behind the cursor, of candidates in any order; never holds many more than these. */
function select(candidates: Iterable<Row>, matches: Filter, { compare, keyOf }: Sorting, after: Key | null, wanted: number): Row[] {
  const best: Row[] = [];
  let bound: Key | null = null;
  const trim = () => {
    best.sort((a, b) => compare(keyOf(a), keyOf(b)));
    best.length = Math.min(best.length, wanted);
  };
  for (const row of candidates) {
    const key = keyOf(row);
    if (after !== null && compare(key, after) <= 0) continue;
    if (bound !== null && compare(key, bound) > 0) continue;
    if (!matches(row)) continue;
    best.push(row);
    if (best.length < 2 * wanted + 64) continue;
    trim();
    const last = best.at(-1);
    bound = last === undefined ? null : keyOf(last);
  }
  trim();
  return best;
}

function take(rows: Iterable<Row>, matches: Filter, wanted: number): Row[] {
  const found: Row[] = [];
  for (const row of rows) {
    if (!matches(row)) continue;
    found.push(row);
    if (found.length === wanted) break;
  }
  return found;
}

/** A total that the counts know already: of a query that selects by status alone. */
function knownTotal({ filter, projects }: ListQuery, { byStatus }: Counts): number | null {
  const { status, includeArchived, ...rest } = filter;
  if (projects !== undefined || Object.values(rest).some((value) => value !== undefined)) return null;
  const wanted = new Set(status ?? (includeArchived === true ? statuses : statuses.filter((name) => name !== 'archived')));
  let total = 0;
  for (const name of wanted) total += byStatus[name];
  return total;
}

function countMatches(rows: Iterable<Row>, matches: Filter): number {
  let count = 0;
  for (const row of rows) if (matches(row)) count++;
  return count;
}

/** Rows of records that are not resident. */
function rowOfMore(more: Iterable<TaskRecord>, { rows }: Indexes): Row[] {
  return [...more].filter(({ id }) => !rows.has(id)).map((record) => createRow({ record, history: [] }));
}

/** Answers a query from an order or from the smallest pool, whichever is cheaper. `more` are records that are not resident. */
export function listRows(indexes: Indexes, counts: () => Counts, query: ListQuery, more?: Iterable<TaskRecord>): Page<TaskSummary> {
  const { sort, limit } = query;
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, sort);
  const matches = createFilter(query);
  const extra = more === undefined ? [] : rowOfMore(more, indexes);
  const pool = poolOf(indexes, query);
  const order = orderOf(indexes, query);

  function* candidates(): Iterable<Row> {
    yield* rowOf(pool.ids(), indexes);
    yield* extra;
  }

  function find(wanted: number): Row[] {
    // A walk meets a row of the pool every order / pool steps, so a page costs it wanted * order / pool of them.
    const walks = order !== null && extra.length === 0 && wanted * order.size <= pool.size * pool.size;
    if (!walks) return select(candidates(), matches, sortings[sort], after, wanted);
    const keys = sort.startsWith('-') ? order.backwards(after) : order.forwards(after);
    return take(rowOf(idsOf(keys), indexes), matches, wanted);
  }

  const found = limit === 0 ? [] : find(limit + 1);
  const shown = found.slice(0, limit);
  const items = shown.map(({ record, ready }) => summaryOf(record.id, record.rev, record.snapshot, !ready));
  const last = shown.at(-1);
  const next = last === undefined || found.length === shown.length ? null : encodeCursor(sort, sortings[sort].keyOf(last));
  if (query.count !== true) return { items, next };
  const known = extra.length === 0 ? knownTotal(query, counts()) : null;
  return { items, next, total: known ?? countMatches(candidates(), matches) };
}
