import { tally } from '../../machines/tally.ts';
import type { Status } from '../../protocol/values.ts';
import { noTasks } from '../resident/session-tally.ts';
import type { Counts } from '../store.ts';
import type { Database } from './database.ts';
import { readyOf } from './lists.ts';
import type { Shown } from './tail.ts';

interface Row {
  readonly status: Status;
  readonly project: string;
  readonly count: number;
  readonly ready: number;
}

/** Members of an event as texts of JSON: taken out as such, they need not be of characters that PostgreSQL can keep. */
interface Ahead {
  readonly type: string;
  readonly from: string | null;
  readonly status: string | null;
  readonly count: number;
}

/** How many tasks there are; by status, taken back to what the log has shown, in the same look at the database. */
export async function countsOf(database: Database, s: string, shown: Shown | null): Promise<Counts> {
  const [answer] = await database.query<{ rows: readonly Row[] | null; ahead: readonly Ahead[] | null }>(
    {
      name: 'counts',
      text: `select
        (select json_agg(r) from (
          select a.status, a.project, count(*)::int as count, count(*) filter (where ${readyOf(s)})::int as ready
          from ${s}.actors a where a.kind = 'task' group by 1, 2 order by 2
        ) r) as rows,
        (select json_agg(e) from (
          select (head->'type')::text as type, (data->'from')::text as from, (data->'status')::text as status, count(*)::int as count
          from ${s}.events where gen = $1 and (xid, n) > ($2::xid8, $3) and actor like 't%' group by 1, 2, 3
        ) e) as ahead`,
    },
    [shown?.gen ?? null, shown?.xid ?? null, shown?.n ?? null],
  );
  const rows = answer?.rows ?? [];
  const byStatus: Record<Status, number> = { ...noTasks.byStatus };
  const byProject = new Map<string, number>();
  for (const { status, project, count } of rows) {
    byStatus[status] += count;
    if (status !== 'archived') byProject.set(project, (byProject.get(project) ?? 0) + count);
  }
  for (const { type, from, status, count } of answer?.ahead ?? [])
    tally(byStatus, { type: valueOf(type), from: valueOf(from), status: valueOf(status) }, -count);
  return { byStatus, ready: rows.reduce((sum, { ready }) => sum + ready, 0), byProject: Object.fromEntries(byProject) };
}

const valueOf = (json: string | null): unknown => (json === null ? null : JSON.parse(json));
