import { createFilter } from '../resident/filter.ts';
import { createRow } from '../resident/row.ts';
import type { ActorRecord, ListQuery } from '../store.ts';
import type { Archive } from './archive.ts';

/** The archived records that a query matches, read tree by tree. Undefined when it can match none. */
export async function listArchived(archive: Archive, query: ListQuery): Promise<readonly ActorRecord[] | undefined> {
  const { status, includeArchived } = query.filter;
  const wantsArchived = status === undefined ? includeArchived === true : status.includes('archived');
  if (!wantsArchived || archive.size === 0) return undefined;
  const matches = createFilter(query);
  const found: ActorRecord[] = [];
  for (const tree of archive.treesOf(query.filter)) {
    for (const { record } of (await archive.read(tree)).entries.values()) {
      if (matches(createRow({ record, history: [] }))) found.push(record);
    }
  }
  return found;
}
