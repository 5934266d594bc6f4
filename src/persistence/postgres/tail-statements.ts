import type { ActorEvent } from '../../protocol/event.ts';
import type { Statement } from './database.ts';
import { eventOf } from './histories.ts';

export interface LoggedRow {
  readonly xid: string;
  readonly n: number;
  readonly actor: string;
  readonly rev: number;
  /** Null for one of a transaction that whoever asks has at hand. */
  readonly event: ActorEvent | null;
}

/** One row at least, which tells whether the event that was shown last is there. */
export interface Looked extends Omit<LoggedRow, 'xid'> {
  readonly xid: string | null;
  readonly goes_on: boolean;
}

export const page = 2_000;

// They order by the table's columns: a bare name would be the text that is selected, of which 1000 comes before 999.
const shown = 'e.xid < pg_snapshot_xmin(pg_current_snapshot())';

/** What follows the event of $1 log, $2 transaction, $3 number, $5 actor, $6 revision; $4 are transactions whose events are at hand. */
export const nextEvents = (s: string): Statement => ({
  name: 'tail',
  text: `select here.goes_on, next.xid::text as xid, next.n, next.actor, next.rev, next.event from (
      select $2::xid8 = '0' or exists (
        select from ${s}.events e where e.gen = $1 and e.xid = $2::xid8 and e.n = $3 and e.actor = $5 and e.rev = $6
      ) as goes_on
    ) here left join lateral (
      select e.xid, e.n, e.actor, e.rev, case when e.xid = any($4::text[]::xid8[]) then null else ${eventOf} end as event
      from ${s}.events e where e.gen = $1 and (e.xid, e.n) > ($2::xid8, $3) and ${shown}
      order by e.xid, e.n limit ${page}
    ) next on true order by next.xid, next.n`,
});

/** The newest $2 events of the log $1. */
export const newestEvents = (s: string): Statement => ({
  name: null,
  text: `select newest.xid::text as xid, newest.n, newest.actor, newest.rev, newest.event from (
      select e.xid, e.n, e.actor, e.rev, ${eventOf} as event from ${s}.events e
      where e.gen = $1 and ${shown} order by e.gen desc, e.xid desc, e.n desc limit $2
    ) newest order by newest.xid, newest.n`,
});
