import type { ActorId } from '../../ids.ts';
import type { ActorEvent } from '../../protocol/event.ts';
import type { Unit } from '../store.ts';
import { columnsOf, leaseOf } from './columns.ts';

/** A row as texts of JSON. */
export interface PreparedRow {
  readonly columns: string;
  readonly leaseId: string | null;
  readonly record: string;
}

/** An event, and its two columns as texts of JSON. */
export interface PreparedEvent {
  readonly event: ActorEvent;
  readonly head: string;
  readonly data: string;
}

/** A unit as the texts that are sent; made once, however often it is sent. */
export interface Prepared {
  readonly unit: Unit;
  readonly rows: ReadonlyMap<ActorId, PreparedRow>;
  readonly events: readonly PreparedEvent[];
  /** Characters of records and events, and bytes of content. */
  readonly bytes: number;
}

/** Throws what `JSON.stringify` throws when the unit is no JSON. */
export function prepare(unit: Unit): Prepared {
  const rows = new Map<ActorId, PreparedRow>();
  const events: PreparedEvent[] = [];
  let bytes = 0;
  for (const { record, event } of unit.writes) {
    const row = { columns: JSON.stringify(columnsOf(record)), leaseId: leaseOf(record), record: JSON.stringify(record) };
    rows.set(record.id, row);
    const { data, ...head } = event;
    const told = { event, head: JSON.stringify(head), data: JSON.stringify(data) };
    events.push(told);
    bytes += row.record.length + told.head.length + told.data.length;
  }
  for (const { content } of unit.artifacts) bytes += content?.length ?? 0;
  return { unit, rows, events, bytes };
}
