import { createFilter } from '../resident/filter.ts';
import { createRow } from '../resident/row.ts';
import type { ListQuery, TaskRecord } from '../store.ts';
import type { Archive, ArchivedEntries, ArchivedTree } from './archive.ts';

/**
 * Answers a query with the archived records that it matches, read tree by tree; undefined when it can match none. A tree can leave
 * memory while others are read, so it looks again until all are read that are in the archive at the moment of the answer.
 */
export async function withArchived<T>(
  archive: Archive,
  query: ListQuery,
  read: (tree: ArchivedTree) => Promise<ArchivedEntries>,
  answer: (more: readonly TaskRecord[] | undefined) => T,
): Promise<T> {
  const { status, includeArchived } = query.filter;
  const wantsArchived = status === undefined ? includeArchived === true : status.includes('archived');
  if (!wantsArchived) return answer(undefined);
  const matches = createFilter(query);
  const found = new Map<ArchivedTree, readonly TaskRecord[]>();
  for (;;) {
    const trees = archive.treesOf(query.filter);
    const unread = trees.filter((tree) => !found.has(tree));
    if (unread.length === 0) return answer(trees.flatMap((tree) => found.get(tree) ?? []));
    for (const tree of unread) {
      const records = [...(await read(tree)).entries.values()].map(({ record }) => record);
      found.set(
        tree,
        records.filter((record) => matches(createRow({ record, history: [] }))),
      );
    }
  }
}
