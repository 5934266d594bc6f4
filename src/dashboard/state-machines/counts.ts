import type { Row } from '../row.ts';

/** How many actors are in each state. */
export type Counts = Readonly<Record<string, number>>;

/**
 * Of the tasks: what the page holds is newest, but archived tasks only the service knows, and the same goes for all when there are more
 * than the page holds.
 */
export function taskCounts(rows: Iterable<Pick<Row, 'status'>>, told: Counts, isWhole: boolean): Counts {
  if (!isWhole) return told;
  const counts: Record<string, number> = { archived: told['archived'] ?? 0 };
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
