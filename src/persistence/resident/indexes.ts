import type { ActorId } from '../../ids.ts';
import { createGroups } from './groups.ts';
import type { Groups } from './groups.ts';
import { byPriority, byTime, createOrder } from './order.ts';
import type { Key, Order } from './order.ts';
import type { Row } from './row.ts';

/** The rows, and every way to find some of them without looking at all. */
export interface Indexes {
  readonly rows: ReadonlyMap<ActorId, Row>;
  readonly created: Order;
  readonly updated: Order;
  /** Only what is ready, best first. */
  readonly ready: Order;
  /** Deadlines, some of them earlier than their record's. */
  readonly timers: Order;
  readonly trees: Groups;
  readonly children: Groups;
  readonly externals: Groups;
  readonly statuses: Groups;
  /** The tasks of each session. */
  readonly sessions: Groups;
  /** Files the row in the place of the one before it; undefined for none. Costs O(log n) for each key that changed. */
  replace(id: ActorId, before: Row | undefined, after: Row | undefined): void;
}

function move(order: Order, from: Key | null, to: Key | null): void {
  if (from === to) return;
  if (from !== null) order.delete(from);
  if (to !== null) order.add(to);
}

const readyKey = (row: Row | undefined): Key | null => (row?.ready === true ? row.created : null);

export function createIndexes(): Indexes {
  const rows = new Map<ActorId, Row>();
  const created = createOrder(byTime);
  const updated = createOrder(byTime);
  const ready = createOrder(byPriority);
  const timers = createOrder(byTime);
  const trees = createGroups();
  const children = createGroups();
  const externals = createGroups();
  const statuses = createGroups();
  const sessions = createGroups();

  function file(id: ActorId, before: Row | undefined, after: Row | undefined): void {
    const was = before?.record.snapshot.context.spec;
    const is = after?.record.snapshot.context.spec;
    move(created, before?.created ?? null, after?.created ?? null);
    move(updated, before?.updated ?? null, after?.updated ?? null);
    move(ready, readyKey(before), readyKey(after));
    trees.move(id, before?.record.rootId ?? null, after?.record.rootId ?? null);
    children.move(id, was?.parentId ?? null, is?.parentId ?? null);
    externals.move(id, was?.externalId ?? null, is?.externalId ?? null);
    statuses.move(id, before?.record.snapshot.value ?? null, after?.record.snapshot.value ?? null);
    sessions.move(id, was?.sessionId ?? null, is?.sessionId ?? null);
  }

  return {
    rows,
    created,
    updated,
    ready,
    timers,
    trees,
    children,
    externals,
    statuses,
    sessions,
    replace(id, before, after) {
      if (after === undefined) rows.delete(id);
      else rows.set(id, after);
      move(timers, before?.timer ?? null, after?.timer ?? null);
      file(id, before, after);
    },
  };
}
