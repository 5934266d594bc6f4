import { listColumns } from '../route.ts';
import type { ListColumn, ListSort } from '../route.ts';
import type { Row } from '../row.ts';
import { stateOf } from './state.ts';

/** What the rows of the list are sorted by. Keys are made once per change of a row and compared with `<` alone. */
export type SortKey = string | number;

/** Case does not count, and `Task 9` stands before `Task 10`. */
const readingKey = (text: string): string => text.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(10, '0'));

const keys: Readonly<Record<ListColumn, (row: Row) => SortKey>> = {
  updated: ({ updatedAt }) => updatedAt,
  // A plan is made at one time: its tasks stay together, in their order.
  created: ({ createdAt, rootId, position }) => `${createdAt}${rootId}${String(position).padStart(6, '0')}`,
  priority: ({ priority }) => priority,
  title: ({ title }) => readingKey(title),
  status: (row) => stateOf(row).rank,
  specialist: ({ specialist }) => specialist,
  attempt: ({ attempt }) => attempt,
};

export const columnOf = (sort: ListSort): ListColumn => listColumns.find((column) => sort.endsWith(column)) ?? 'updated';
export const isDescending = (sort: ListSort): boolean => sort.startsWith('-');
export const keyFor = (sort: ListSort): ((row: Row) => SortKey) => keys[columnOf(sort)];

/** Columns whose greatest values are what people look for. */
const greatestFirst: ReadonlySet<ListColumn> = new Set(['updated', 'created', 'priority', 'attempt']);

/** What a press on the head of a column leads to: first the more useful direction, then the other one. */
export function nextSort(sort: ListSort, column: ListColumn): ListSort {
  const descending = columnOf(sort) === column ? !isDescending(sort) : greatestFirst.has(column);
  return descending ? `-${column}` : column;
}
