import type { Status } from '../../protocol/values.ts';
import type { Counts } from '../store.ts';
import type { Row } from './row.ts';

/** The figures of `Store.counts`, kept as rows come and go. */
export interface Tallies {
  move(before: Row | undefined, after: Row | undefined): void;
  counts(): Counts;
}

export function createTallies(): Tallies {
  const byStatus: Record<Status, number> = {
    pending: 0,
    in_progress: 0,
    blocked: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    archived: 0,
  };
  // A project may be called like a member that every object has.
  const byProject = new Map<string, number>();
  let ready = 0;

  function tally({ record, ready: isReady }: Row, step: 1 | -1): void {
    const { value } = record.snapshot;
    byStatus[value] += step;
    if (isReady) ready += step;
    if (value === 'archived') return;
    const count = (byProject.get(record.project) ?? 0) + step;
    if (count === 0) byProject.delete(record.project);
    else byProject.set(record.project, count);
  }

  return {
    move(before, after) {
      const same =
        before?.record.snapshot.value === after?.record.snapshot.value &&
        before?.ready === after?.ready &&
        before?.record.project === after?.record.project;
      if (same) return;
      if (before !== undefined) tally(before, -1);
      if (after !== undefined) tally(after, 1);
    },
    counts: () => ({ byStatus: { ...byStatus }, ready, byProject: Object.fromEntries(byProject) }),
  };
}
