import type { Sort, TaskSummary } from '../../protocol/task.ts';
import { summaryOf } from '../../machines/readings.ts';
import { decodeCursor, encodeCursor } from '../resident/cursor.ts';
import type { Key } from '../resident/order.ts';
import type { ListQuery, Page, TaskRecord } from '../store.ts';
import { folded, plain } from './columns.ts';
import type { Database } from './database.ts';

interface Row {
  readonly record: TaskRecord;
  readonly ready: boolean;
}

/** The columns of each order, first the one that changes slowest. All of a minus are turned round. */
const orders: Readonly<Record<Sort, { readonly columns: readonly string[]; readonly backwards: boolean }>> = {
  created: { columns: ['created_at', 'root_id', 'place', 'id'], backwards: false },
  '-created': { columns: ['created_at', 'root_id', 'place', 'id'], backwards: true },
  updated: { columns: ['updated_at', 'root_id', 'place', 'id'], backwards: false },
  '-updated': { columns: ['updated_at', 'root_id', 'place', 'id'], backwards: true },
  next: { columns: ['rank', 'created_at', 'root_id', 'place', 'id'], backwards: false },
};

const cast: Readonly<Record<string, string>> = { created_at: '::bigint', updated_at: '::bigint', rank: '::smallint', place: '::int' };

function valuesOf(columns: readonly string[], { at, priority, rootId, position, id }: Key): unknown[] {
  const values: Record<string, unknown> = { created_at: at, updated_at: at, rank: 10 - priority, root_id: rootId, place: position, id };
  return columns.map((column) => values[column]);
}

function keyOf(sort: Sort, { record }: Row): Key {
  const { spec, marks } = record.snapshot.context;
  const at = sort.endsWith('updated') ? marks.updatedAt : spec.createdAt;
  return { at, priority: spec.priority, rootId: record.rootId, position: spec.position, id: record.id };
}

/** In a pattern of `like`, each of these stands for itself. */
const literal = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);

/** Tasks of a session that is paused are never ready. */
export const readyOf = (s: string): string =>
  `(a.ready and (a.session_id is null or not exists (select from ${s}.actors p where p.id = a.session_id and p.status = 'paused')))`;

/** What a query selects, with the values in their order. */
function conditionsOf(
  schema: string,
  { filter, projects }: Pick<ListQuery, 'filter' | 'projects'>,
): { where: string[]; values: unknown[] } {
  const where = ["a.kind = 'task'"];
  const values: unknown[] = [];
  const add = (wanted: unknown, condition: (value: string) => string): void => {
    if (wanted === undefined) return;
    values.push(wanted);
    where.push(condition(`$${values.length}`));
  };
  const is = (column: string) => (value: string) => `a.${column} = ${value}`;
  const oneOf = (column: string) => (value: string) => `a.${column} = any(${value}::text[])`;
  add(filter.ids, oneOf('id'));
  add(filter.status, oneOf('status'));
  if (filter.status === undefined && filter.includeArchived !== true) where.push("a.status <> 'archived'");
  add(projects, oneOf('project'));
  add(filter.project, is('project'));
  add(filter.rootId, is('root_id'));
  add(filter.parentId, is('parent_id'));
  add(filter.sessionId, is('session_id'));
  add(filter.externalId === undefined ? undefined : plain(filter.externalId), is('external_id'));
  if (filter.ready === true) where.push(`a.ready and ${readyOf(schema)}`);
  if (filter.ready === false) where.push(`not ${readyOf(schema)}`);
  add(filter.type, oneOf('type'));
  add(filter.specialist, oneOf('specialist'));
  add(filter.complexity, oneOf('complexity'));
  add(filter.tags?.map(plain), (value) => `a.tags <> '{}' and a.tags @> ${value}::text[]`);
  add(filter.createdAfter, (value) => `a.created_at > ${value}::bigint`);
  add(filter.createdBefore, (value) => `a.created_at < ${value}::bigint`);
  add(filter.updatedAfter, (value) => `a.updated_at > ${value}::bigint`);
  add(filter.text === undefined ? undefined : `%${literal(folded(filter.text))}%`, (value) => `a.words like ${value}`);
  return { where, values };
}

/** A page of tasks, read in the order of an index or from the smallest part, as the database sees fit. */
export async function listTasks(database: Database, schema: string, query: ListQuery): Promise<Page<TaskSummary>> {
  const { sort, limit } = query;
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, sort);
  const { where, values } = conditionsOf(schema, query);
  const total = query.count === true ? await countOf(database, schema, where, values) : null;
  const counted = total === null ? {} : { total };
  if (limit === 0) return { items: [], next: null, ...counted };
  const { columns, backwards } = orders[sort];
  const page = [...where];
  const given = [...values];
  if (after !== null) {
    const places = valuesOf(columns, after).map((value, index) => `$${given.push(value)}${cast[columns[index] ?? ''] ?? ''}`);
    page.push(`(${columns.map((column) => `a.${column}`).join(', ')}) ${backwards ? '<' : '>'} (${places.join(', ')})`);
  }
  given.push(limit + 1);
  const direction = backwards ? ' desc' : '';
  const found = await database.query<Row>(
    {
      name: null,
      text: `select a.record, ${readyOf(schema)} as ready from ${schema}.actors a where ${page.join(' and ')}
        order by ${columns.map((column) => `a.${column}${direction}`).join(', ')} limit $${given.length}`,
    },
    given,
  );
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ record, ready }) => summaryOf(record.id, record.rev, record.snapshot, !ready)),
    next: last === undefined || found.length === shown.length ? null : encodeCursor(sort, keyOf(sort, last)),
    ...counted,
  };
}

async function countOf(database: Database, schema: string, where: readonly string[], values: readonly unknown[]): Promise<number> {
  const [row] = await database.query<{ total: number }>(
    { name: null, text: `select count(*)::int as total from ${schema}.actors a where ${where.join(' and ')}` },
    values,
  );
  return row?.total ?? 0;
}
