import type { StoreHealth } from '../store.ts';
import { once } from './database.ts';
import type { Database } from './database.ts';

interface Holder {
  readonly pid: number;
  readonly usename: string | null;
  readonly application_name: string;
  readonly since: string | null;
}

const everyMs = 1_000;
/** So long may an answer take until the database counts as away. */
const silentMs = 5_000;

/** Whether the database takes commands, and what is wrong with it; asked in the background, so that it can be told at once. */
export class Health {
  readonly #database: Database;
  readonly #schema: string;
  #fault: string | null = null;
  #stall: string | null = null;
  #quarantined = 0;
  #lastSetAside: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #probing: Promise<void> | null = null;

  private constructor(database: Database, schema: string) {
    this.#database = database;
    this.#schema = schema;
  }

  static async open(database: Database, schema: string): Promise<Health> {
    const health = new Health(database, schema);
    const [row] = await database.query<{ count: number; reason: string | null }>(
      once(
        `select count(*)::int as count, (select reason from ${schema}.quarantine order by at desc limit 1) as reason from ${schema}.quarantine`,
      ),
    );
    health.#quarantined = row?.count ?? 0;
    health.#lastSetAside = row?.reason ?? null;
    return health;
  }

  /** Looks again and again until it is closed. `stalledMs`: for how long committed events could not be shown; null when it is not long. */
  watch(stalledMs: () => number | null): void {
    let asked = 0;
    this.#timer = setInterval(() => {
      if (this.#probing === null) asked = performance.now();
      else if (performance.now() - asked > silentMs) this.failed(`no answer for ${Math.round((performance.now() - asked) / 1_000)} s`);
      this.#probing ??= this.#probe(stalledMs()).finally(() => (this.#probing = null));
    }, everyMs);
    this.#timer.unref();
  }

  /** A statement could not be carried out. */
  failed(error: unknown): void {
    this.#fault = error instanceof Error ? error.message : String(error);
  }

  works(): void {
    this.#fault = null;
  }

  async setAside(record: unknown, reason: string): Promise<void> {
    this.#quarantined++;
    this.#lastSetAside = reason;
    await this.#database.query(once(`insert into ${this.#schema}.quarantine (reason, record) values ($1, $2::text::json)`), [
      reason,
      JSON.stringify(record),
    ]);
  }

  read(): StoreHealth {
    const set =
      this.#lastSetAside === null ? null : `records that could not be restored were set aside, the last one: ${this.#lastSetAside}`;
    const away = this.#fault === null ? null : `the database does not take commands: ${this.#fault}`;
    const problems = [away, this.#stall, set].filter((problem) => problem !== null);
    return { writable: this.#fault === null, problems, quarantined: this.#quarantined };
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#probing;
  }

  async #probe(stalledMs: number | null): Promise<void> {
    try {
      const [server] = await this.#database.query<{ readonly: string }>(
        once(`select current_setting('transaction_read_only') as readonly`),
      );
      if (server?.readonly === 'on') throw new Error('it is a standby or set to read only');
      this.works();
      this.#stall = stalledMs === null ? null : await this.#holder(stalledMs);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Who keeps a transaction open that began to write before ours. */
  async #holder(stalledMs: number): Promise<string> {
    const [holder] = await this.#database.query<Holder>(
      once(`select pid, usename, application_name, to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
        from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid() order by age(backend_xid) desc limit 1`),
    );
    const told = `events have waited for ${Math.round(stalledMs / 1_000)} s for an older transaction to end`;
    if (holder === undefined) return `${told}: it may be a prepared one (pg_prepared_xacts), or one that this user may not see`;
    const { pid, usename, application_name: application } = holder;
    // Who may not see everything of others is not told when they began.
    const since = holder.since === null ? '' : `, open since ${holder.since}`;
    return `${told}: process ${pid} of user ${usename ?? '?'} (${application === '' ? 'unnamed' : application})${since}; end it with pg_terminate_backend(${pid})`;
  }
}
