import { isReady } from '../../src/machines/readings.ts';
import type { TaskRecord, ListQuery } from '../../src/persistence/store.ts';
import type { Sort } from '../../src/protocol/task.ts';

const fold = (text: string) => text.toLowerCase().toUpperCase();

function passes({ snapshot: { value, context }, rootId, project }: TaskRecord, ready: boolean, wanted: ListQuery['filter']): boolean {
  const { spec, marks } = context;
  if (wanted.status === undefined ? value === 'archived' && wanted.includeArchived !== true : !wanted.status.includes(value)) return false;
  if (wanted.ready !== undefined && wanted.ready !== ready) return false;
  if (wanted.tags !== undefined && !wanted.tags.every((tag) => spec.tags.includes(tag))) return false;
  if (wanted.type !== undefined && !wanted.type.includes(spec.type)) return false;
  if (wanted.project !== undefined && wanted.project !== project) return false;
  if (wanted.rootId !== undefined && wanted.rootId !== rootId) return false;
  if (wanted.parentId !== undefined && wanted.parentId !== spec.parentId) return false;
  if (wanted.externalId !== undefined && wanted.externalId !== spec.externalId) return false;
  if (wanted.createdAfter !== undefined && spec.createdAt <= wanted.createdAfter) return false;
  if (wanted.createdBefore !== undefined && spec.createdAt >= wanted.createdBefore) return false;
  if (wanted.updatedAfter !== undefined && marks.updatedAt <= wanted.updatedAfter) return false;
  const { text } = wanted;
  return text === undefined || [spec.title, ...spec.tags].some((each) => fold(each).includes(fold(text)));
}

function sortValue(record: TaskRecord, sort: Sort): (number | string)[] {
  const { spec, marks } = record.snapshot.context;
  const at = sort.endsWith('updated') ? marks.updatedAt : spec.createdAt;
  const place = [at, record.rootId, spec.position, record.id];
  return sort === 'next' ? [-spec.priority, ...place] : place;
}

/** What a list answers, from an array of all records: filtered, then sorted whole. */
export function naiveList(records: readonly TaskRecord[], { filter: wanted, sort }: ListQuery): TaskRecord[] {
  const found = records.filter((record) => passes(record, isReady(record.snapshot), wanted));
  const sorted = found
    .map((record) => ({ record, by: sortValue(record, sort) }))
    .toSorted(({ by: left }, { by: right }) => {
      const place = left.findIndex((value, index) => value !== right[index]);
      const [one, other] = [left[place] ?? 0, right[place] ?? 0];
      return one < other ? -1 : one > other ? 1 : 0;
    })
    .map(({ record }) => record);
  return sort.startsWith('-') ? sorted.toReversed() : sorted;
}
