import { randomUUID } from 'node:crypto';
import type { DueTimer } from '../store.ts';
import type { Database, Statement } from './database.ts';

/** Whose time has come. For some seconds a timer is the node's that asked first, so that not all of them run for it. */
export class Timers {
  readonly #database: Database;
  readonly #node = randomUUID();
  readonly #claim: Statement;
  readonly #release: Statement;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#claim = {
      name: 'due',
      text: `update ${schema}.actors a set timer_node = $3, timer_until = clock_timestamp() + interval '5 seconds'
        where a.id in (
          select d.id from ${schema}.actors d
          where d.due_at <= $1 and (d.timer_node is null or d.timer_node = $3 or d.timer_until < clock_timestamp())
          order by d.due_at, d.root_id, d.place, d.id limit $2 for no key update skip locked
        ) returning a.id, a.rev, a.due_at::float8 as "dueAt", a.leased`,
    };
    this.#release = {
      name: null,
      text: `update ${schema}.actors set timer_node = null, timer_until = null where due_at is not null and timer_node = $1`,
    };
  }

  async claim(now: number, limit: number): Promise<readonly DueTimer[]> {
    const due = await this.#database.query<DueTimer>(this.#claim, [now, limit, this.#node]);
    return due.toSorted((a, b) => a.dueAt - b.dueAt);
  }

  /** Leaves them to the other nodes. */
  async release(): Promise<void> {
    await this.#database.query(this.#release, [this.#node]).catch(() => {});
  }
}
