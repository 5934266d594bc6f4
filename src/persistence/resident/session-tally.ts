import type { Status } from '../../protocol/values.ts';
import type { SessionTasks } from '../store.ts';
import type { Row } from './row.ts';

/** How the resident tasks of one session stand, kept as rows come and go. */
export interface SessionTally {
  move(before: Row | undefined, after: Row | undefined): void;
  read(): SessionTasks;
}

export const noTasks: SessionTasks = Object.freeze({
  byStatus: Object.freeze({ pending: 0, in_progress: 0, blocked: 0, completed: 0, failed: 0, cancelled: 0, archived: 0 }),
  ready: 0,
  plans: 0,
  lastActivity: null,
});

function isPlan({ record: { snapshot } }: Row): boolean {
  const { parentId, reviewOf } = snapshot.context.spec;
  return parentId === null && reviewOf === null && snapshot.value !== 'archived';
}

export function createSessionTally(): SessionTally {
  const byStatus: Record<Status, number> = { ...noTasks.byStatus };
  let ready = 0;
  let plans = 0;
  let lastActivity: number | null = null;

  function count(row: Row, step: 1 | -1): void {
    byStatus[row.record.snapshot.value] += step;
    if (row.ready) ready += step;
    if (isPlan(row)) plans += step;
  }

  return {
    move(before, after) {
      if (before !== undefined) count(before, -1);
      if (after === undefined) return;
      count(after, 1);
      lastActivity = Math.max(lastActivity ?? 0, after.updated.at);
    },
    read: () => ({ byStatus: { ...byStatus }, ready, plans, lastActivity }),
  };
}

/** Both together: what is resident, and what is archived. */
export function sumOf(one: SessionTasks, other: SessionTasks): SessionTasks {
  const byStatus: Record<Status, number> = { ...one.byStatus };
  for (const status of ['pending', 'in_progress', 'blocked', 'completed', 'failed', 'cancelled', 'archived'] as const)
    byStatus[status] += other.byStatus[status];
  const latest = Math.max(one.lastActivity ?? -1, other.lastActivity ?? -1);
  return { byStatus, ready: one.ready + other.ready, plans: one.plans + other.plans, lastActivity: latest < 0 ? null : latest };
}
