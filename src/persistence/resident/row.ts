import { isReady } from '../../machines/readings.ts';
import type { ActorEvent } from '../../protocol/event.ts';
import type { ArtifactRef } from '../../protocol/task.ts';
import type { SessionRecord, TaskRecord } from '../store.ts';
import type { Key } from './order.ts';

export interface TaskEntry {
  readonly record: TaskRecord;
  readonly history: readonly ActorEvent[];
}

export interface SessionEntry {
  readonly record: SessionRecord;
  readonly history: readonly ActorEvent[];
}

/** An actor's record with its history. Immutable; replaced with each revision. */
export type Entry = TaskEntry | SessionEntry;

export const artifactsOf = (entries: readonly Entry[]): ArtifactRef[] =>
  entries.flatMap(({ record }) => (record.kind === 'task' ? record.snapshot.context.artifacts : []));

/** An entry with what the indexes file it under. A key that did not change is the same object as before. */
export interface Row extends TaskEntry {
  readonly created: Key;
  readonly updated: Key;
  /** Filed no later than the record's `dueAt`. A deadline that moves back or vanishes leaves it where it is, for `dueTimers` to find. */
  readonly timer: Key | null;
  /** Never while the task's session is paused. */
  readonly ready: boolean;
}

function keyAt(at: number, record: TaskRecord, before: Key | null | undefined): Key {
  const { priority, position } = record.snapshot.context.spec;
  const { id, rootId } = record;
  const same = before?.at === at && before.priority === priority && before.position === position && before.rootId === rootId;
  return same ? before : { at, priority, rootId, position, id };
}

/** Leases are renewed and given back far more often than they run out: only an earlier deadline is filed at once. */
function timerOf(record: TaskRecord, before: Key | null): Key | null {
  const { dueAt } = record;
  if (dueAt === null || (before !== null && before.at <= dueAt)) return before;
  return keyAt(dueAt, record, before);
}

/** @param held whether the task's session is paused */
export function createRow({ record, history }: TaskEntry, before?: Row, held = false): Row {
  const { spec, marks } = record.snapshot.context;
  return {
    record,
    history,
    created: keyAt(spec.createdAt, record, before?.created),
    updated: keyAt(marks.updatedAt, record, before?.updated),
    timer: timerOf(record, before?.timer ?? null),
    ready: !held && isReady(record.snapshot),
  };
}

/** The row as its session lets it be; the same one when that changes nothing. */
export function withHeld(row: Row, held: boolean): Row {
  const ready = !held && isReady(row.record.snapshot);
  return ready === row.ready ? row : { ...row, ready };
}

/** The row with its timer where the record's deadline is. */
export function withExactTimer(row: Row): Row {
  return { ...row, timer: timerOf(row.record, null) };
}
