import { laneOf } from '../lanes.ts';
import type { Lane } from '../lanes.ts';
import type { Row } from '../row.ts';

/** A plan as one line of a choice. */
export interface Plan {
  readonly id: string;
  readonly title: string;
  /** Of its root; empty when the page does not hold it. */
  readonly createdAt: string;
  readonly total: number;
  readonly counts: Readonly<Record<Lane, number>>;
}

/** Plans of several tasks, newest first. */
export function plansOf(rows: Iterable<Pick<Row, 'id' | 'rootId' | 'title' | 'createdAt' | 'status' | 'ready'>>): Plan[] {
  const plans = new Map<string, { title: string; createdAt: string; total: number; counts: Record<Lane, number> }>();
  for (const row of rows) {
    const plan = plans.get(row.rootId) ?? {
      title: row.rootId,
      createdAt: '',
      total: 0,
      counts: { ready: 0, waiting: 0, running: 0, done: 0, failed: 0 },
    };
    if (row.id === row.rootId) {
      plan.title = row.title;
      plan.createdAt = row.createdAt;
    }
    plan.total += 1;
    plan.counts[laneOf(row)] += 1;
    plans.set(row.rootId, plan);
  }
  return [...plans]
    .filter(([, { total }]) => total > 1)
    .map(([id, plan]) => ({ id, ...plan }))
    .sort((one, other) => (one.createdAt === other.createdAt ? (one.id < other.id ? -1 : 1) : one.createdAt < other.createdAt ? 1 : -1));
}
