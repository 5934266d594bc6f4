import type { DueTimer, TaskRecord } from '../store.ts';
import type { Indexes } from './indexes.ts';
import { withExactTimer } from './row.ts';
import type { Row } from './row.ts';

function timerOf({ id, rev, snapshot }: TaskRecord, dueAt: number): DueTimer {
  const { lease } = snapshot.context;
  return { id, rev, dueAt, leased: snapshot.value === 'in_progress' && lease !== null && !lease.expired };
}

/** The timers whose time has come, earliest first; those that were filed too early are filed anew on the way. */
export function dueTimers(indexes: Indexes, now: number, limit: number): readonly DueTimer[] {
  for (;;) {
    const due: DueTimer[] = [];
    const early: Row[] = [];
    for (const { at, id } of indexes.timers.forwards(null)) {
      if (at > now || due.length >= limit) break;
      const row = indexes.rows.get(id);
      if (row === undefined) continue;
      if (row.record.dueAt === at) due.push(timerOf(row.record, at));
      else early.push(row);
    }
    if (early.length === 0) return due;
    // What is filed anew may be due as well, before what was found.
    for (const row of early) indexes.replace(row.record.id, row, withExactTimer(row));
  }
}
