import type { SessionId } from '../../ids.ts';
import type { Status } from '../../protocol/values.ts';
import { decodeSessionCursor, encodeSessionCursor } from '../resident/cursor.ts';
import { noTasks } from '../resident/session-tally.ts';
import type { Page, SessionQuery, SessionRecord, SessionTasks, SessionView } from '../store.ts';
import type { Database } from './database.ts';

interface TallyRow {
  readonly id: SessionId;
  readonly status: Status;
  readonly count: number;
  readonly ready: number;
  readonly plans: number;
  readonly latest: number;
}

/** How the tasks of each of these sessions stand. */
async function tasksOf(database: Database, schema: string, ids: readonly SessionId[]): Promise<Map<SessionId, SessionTasks>> {
  const rows = await database.query<TallyRow>(
    {
      name: 'session tasks',
      text: `select a.session_id as id, a.status, count(*)::int as count,
        count(*) filter (where a.ready and s.status <> 'paused')::int as ready,
        count(*) filter (where a.plan and a.status <> 'archived')::int as plans, max(a.updated_at)::float8 as latest
        from ${schema}.actors a join ${schema}.actors s on s.id = a.session_id where a.session_id = any($1::text[]) group by 1, 2`,
    },
    [ids],
  );
  const tallies = new Map<SessionId, SessionTasks>();
  for (const { id, status, count, ready, plans, latest } of rows) {
    const { byStatus, ...sums } = tallies.get(id) ?? noTasks;
    tallies.set(id, {
      byStatus: { ...byStatus, [status]: count },
      ready: sums.ready + ready,
      plans: sums.plans + plans,
      lastActivity: Math.max(sums.lastActivity ?? 0, latest),
    });
  }
  return tallies;
}

export async function sessionView(database: Database, schema: string, id: SessionId): Promise<SessionView | null> {
  const [row] = await database.query<{ record: SessionRecord }>(
    { name: 'session', text: `select record from ${schema}.actors where id = $1 and kind = 'session'` },
    [id],
  );
  if (row === undefined) return null;
  const tallies = await tasksOf(database, schema, [id]);
  return { record: row.record, tasks: tallies.get(id) ?? noTasks };
}

/** A page of sessions, newest first, and how many there are. */
export async function listSessions(database: Database, schema: string, query: SessionQuery): Promise<Page<SessionView>> {
  const { filter, projects, limit } = query;
  const after = query.cursor === undefined ? null : decodeSessionCursor(query.cursor);
  const where = ["kind = 'session'"];
  const values: unknown[] = [];
  const add = (wanted: unknown, condition: (value: string) => string): void => {
    if (wanted !== undefined) where.push(condition(`$${values.push(wanted)}`));
  };
  add(filter.status, (value) => `status = any(${value}::text[])`);
  if (filter.status === undefined) where.push("status <> 'archived'");
  add(filter.project, (value) => `project = ${value}`);
  add(projects, (value) => `project = any(${value}::text[])`);
  const [counted] = await database.query<{ total: number }>(
    { name: null, text: `select count(*)::int as total from ${schema}.actors where ${where.join(' and ')}` },
    values,
  );
  if (after !== null) where.push(`(created_at, id) < ($${values.push(after.at)}::bigint, $${values.push(after.id)})`);
  const found = await database.query<{ record: SessionRecord }>(
    {
      name: null,
      text: `select record from ${schema}.actors where ${where.join(' and ')} order by created_at desc, id desc limit $${values.push(limit + 1)}`,
    },
    values,
  );
  const shown = found.slice(0, limit).map(({ record }) => record);
  const tallies = await tasksOf(
    database,
    schema,
    shown.map(({ id }) => id),
  );
  const last = shown.at(-1);
  return {
    items: shown.map((record) => ({ record, tasks: tallies.get(record.id) ?? noTasks })),
    next:
      last === undefined || found.length === shown.length
        ? null
        : encodeSessionCursor({ at: last.snapshot.context.spec.createdAt, id: last.id }),
    total: counted?.total ?? 0,
  };
}
