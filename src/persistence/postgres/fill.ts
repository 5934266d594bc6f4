import { TroupeError } from '../../errors.ts';
import type { ArtifactRef } from '../../protocol/task.ts';
import { weightOf } from '../resident/history.ts';
import { artifactsOf } from '../resident/row.ts';
import type { Entry } from '../resident/row.ts';
import { storeContent } from './artifacts.ts';
import { columnNames, columnsOf, columnTypes, leaseOf } from './columns.ts';
import { once } from './database.ts';
import type { Database } from './database.ts';
import { migrate, quoted } from './schema.ts';

/**
 * Puts everything of another store into a schema that holds nothing, in one transaction: whole or not at all. Ids and revisions stay,
 * the log begins anew. START_FAILED when there is something in it.
 */
export async function fillPostgres(
  database: Database,
  name: string,
  entries: AsyncIterable<readonly Entry[]>,
  content: (ref: ArtifactRef) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const { gen } = await migrate(database, name);
  const s = quoted(name);
  await database.transaction(async (query) => {
    await query(once(`lock table ${s}.actors in exclusive mode`));
    const [there] = await query(once(`select id from ${s}.actors limit 1`));
    if (there !== undefined)
      throw new TroupeError('START_FAILED', `the schema ${name} is not empty`, { fix: 'name an empty one with ?schema=NAME' });
    let n = 0;
    const known = new Set<string>();
    for await (const some of entries) {
      const rows = some.map(({ record }) => ({
        id: record.id,
        ...columnsOf(record),
        lease_id: leaseOf(record),
        record: JSON.stringify(record),
      }));
      await query(
        once(`insert into ${s}.actors (id, ${columnNames.join(', ')}, record)
          select r.id, ${columnNames.map((column) => `r.${column}`).join(', ')}, r.record::json
          from json_to_recordset($1::json) as r(id text, ${columnTypes}, record text)`),
        [JSON.stringify(rows)],
      );
      const events = some.flatMap(({ record, history }) =>
        history.map((event) => {
          const { data, ...head } = event;
          return {
            n: n++,
            actor: record.id,
            rev: event.rev,
            class: weightOf(event),
            head: JSON.stringify(head),
            data: JSON.stringify(data),
          };
        }),
      );
      await query(
        once(`insert into ${s}.events (gen, xid, n, actor, rev, class, head, data)
          select $2, pg_current_xact_id(), e.n, e.actor, e.rev, e.class, e.head::json, e.data::json
          from json_to_recordset($1::json) as e(n int, actor text, rev int, class int, head text, data text)`),
        [JSON.stringify(events), gen],
      );
      for (const ref of artifactsOf(some)) {
        if (!known.has(ref.sha256)) await storeContent(query, s, ref.sha256, content(ref));
        known.add(ref.sha256);
        await query(once(`insert into ${s}.artifacts (id, task, sha256, bytes, ref) values ($1, $2, $3, $4, $5::text::json)`), [
          ref.id,
          ref.taskId,
          ref.sha256,
          ref.bytes,
          JSON.stringify(ref),
        ]);
      }
    }
  });
}
