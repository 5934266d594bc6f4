import type { ActorId } from '../../ids.ts';
import { columnNames, columnTypes } from './columns.ts';
import type { Statement } from './database.ts';
import { bytesAt, jsonAt } from './payload.ts';
import type { Place } from './payload.ts';

/**
 * One statement commits a batch: it locks the rows that the batch stands on, compares their revisions, and writes the groups of which
 * none was lost. So a batch is one round trip and one transaction, and no lock outlives it.
 */

/** A row that a group of units writes or only checks, as it was before the group. One that is written has its columns as well. */
export interface RowInput {
  readonly grp: number;
  readonly id: ActorId;
  readonly expected: number;
  readonly writes: boolean;
  readonly lease_id?: string | null;
  readonly record?: Place;
}

export interface EventInput {
  readonly grp: number;
  /** Its place in the batch. */
  readonly n: number;
  readonly actor: ActorId;
  readonly rev: number;
  readonly class: number;
  readonly head: Place;
  readonly data: Place;
  readonly erases: boolean;
}

export interface ArtifactInput {
  readonly grp: number;
  readonly id: string;
  readonly task: string | null;
  readonly sha256: string;
  readonly bytes: number;
  /** Whether it was uploaded before. */
  readonly claims: boolean;
  readonly ref: Place;
}

export interface ChunkInput {
  readonly grp: number;
  readonly sha256: string;
  readonly n: number;
  readonly body: Place;
}

/** What a group lost: the row and its revision (0: there is none), or an upload that is not there. */
export interface Loss {
  readonly grp: number;
  readonly id: string;
  readonly rev: number | null;
}

export interface Committed {
  /** The transaction's number, by which the log is in order. */
  readonly xid: string;
  readonly lost: readonly Loss[] | null;
}

// The lease that a task held last stays until the next one.
const assigned = columnNames.map((name) => `${name} = ${name === 'lease_id' ? 'coalesce(r.lease_id, a.lease_id)' : `r.${name}`}`);

const jsonOf = (place: string): string => jsonAt('$6::bytea', place);

const kept = (alias: string): string => `not exists (select from lost where lost.grp = ${alias}.grp)`;

/** $1 rows, $2 events, $3 the log's generation, $4 artifacts, $5 their chunks, $6 the payload that they name places of. */
export const commitStatement = (s: string): Statement => ({
  name: 'commit',
  text: `with
rows as materialized (select * from json_to_recordset($1::json) as r(grp int, id text, expected int, writes boolean, ${columnTypes}, record int[])),
logged as materialized (select * from json_to_recordset($2::json) as e(grp int, n int, actor text, rev int, class int, head int[], data int[], erases boolean)),
brought as materialized (select * from json_to_recordset($4::json) as b(grp int, id text, task text, sha256 text, bytes bigint, claims boolean, ref int[])),
pieces as materialized (select * from json_to_recordset($5::json) as p(grp int, sha256 text, n int, body int[])),
-- Row by row in the order of ids, by the index: so nobody waits for each other. A session is read by everyone who starts a task of it.
shared as materialized (
  select h.* from (select r.id from rows r where not r.writes and r.id like 's%' order by r.id) r
  cross join lateral (select a.id, a.rev from ${s}.actors a where a.id = r.id for share) h
),
held as materialized (
  select h.* from (select r.id from rows r where r.writes or r.id not like 's%' order by r.id) r
  cross join lateral (select a.id, a.rev from ${s}.actors a where a.id = r.id for no key update) h
),
waiting as materialized (
  select h.* from (select b.id from brought b where b.claims order by b.id) b
  cross join lateral (
    select u.id from ${s}.artifacts u
    where u.id = b.id and u.task is null and u.uploaded_at > clock_timestamp() - interval '1 hour' for update
  ) h
),
lost as materialized (
  select r.grp, r.id, coalesce(h.rev, 0) as rev
  from rows r left join (select * from held union select * from shared) h on h.id = r.id
  where coalesce(h.rev, 0) <> r.expected
  union all
  select b.grp, b.id, null from brought b where b.claims and not exists (select from waiting w where w.id = b.id)
),
changed as (
  update ${s}.actors a set ${assigned.join(', ')}, record = ${jsonOf('r.record')}, timer_node = null, timer_until = null
  from rows r where a.id = r.id and r.writes and r.expected > 0 and ${kept('r')}
),
made as (
  insert into ${s}.actors (id, ${columnNames.join(', ')}, record)
  select r.id, ${columnNames.map((name) => `r.${name}`).join(', ')}, ${jsonOf('r.record')} from rows r where r.writes and r.expected = 0 and ${kept('r')} order by r.id
),
erased as (
  update ${s}.events e set data = '{}' from logged l where l.erases and e.actor = l.actor and e.rev < l.rev and ${kept('l')}
),
told as (
  insert into ${s}.events (gen, xid, n, actor, rev, class, head, data)
  select $3, pg_current_xact_id(), e.n, e.actor, e.rev, e.class, ${jsonOf('e.head')}, ${jsonOf('e.data')} from logged e where ${kept('e')}
),
dropped as (
  delete from ${s}.artifacts a using logged l where l.erases and a.task = l.actor and ${kept('l')}
),
claimed as (
  update ${s}.artifacts a set task = b.task, ref = ${jsonOf('b.ref')}, uploaded_at = null from brought b where a.id = b.id and b.claims and ${kept('b')}
),
referenced as (
  insert into ${s}.artifacts (id, task, sha256, bytes, ref)
  select b.id, b.task, b.sha256, b.bytes, ${jsonOf('b.ref')} from brought b where not b.claims and ${kept('b')}
),
seen as (
  insert into ${s}.contents (sha256) select distinct b.sha256 from brought b where not b.claims and ${kept('b')} order by 1
  on conflict (sha256) do update set seen = clock_timestamp() returning sha256
),
-- After that, or what is swept at this moment would count as there.
written as (
  insert into ${s}.chunks (sha256, n, body)
  select distinct on (p.sha256, p.n) p.sha256, p.n, ${bytesAt('$6::bytea', 'p.body')} from pieces p
  where ${kept('p')} and (select count(*) from seen) > 0 order by p.sha256, p.n
  on conflict do nothing
)
select pg_current_xact_id()::text as xid, (select json_agg(l) from lost l) as lost`,
});
