import { once } from './database.ts';
import type { Database } from './database.ts';

const everyMs = 30_000;

/** The database's clock, which every node of it goes by: its time when it was asked, and what has passed since. Never goes back. */
export class DatabaseClock {
  readonly #database: Database;
  #offsetMs = 0;
  #lastMs = 0;
  #timer: NodeJS.Timeout | null = null;

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(database: Database): Promise<DatabaseClock> {
    const clock = new DatabaseClock(database);
    await clock.#set();
    clock.#timer = setInterval(() => {
      // Until it can be asked again, what has passed is known all the same.
      clock.#set().catch(() => {});
    }, everyMs);
    clock.#timer.unref();
    return clock;
  }

  now(): number {
    this.#lastMs = Math.max(this.#lastMs, Math.floor(performance.now() + this.#offsetMs));
    return this.#lastMs;
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** The answer was made at some time between question and answer; the middle is wrong by at most half of that. */
  async #set(): Promise<void> {
    const asked = performance.now();
    const [row] = await this.#database.query<{ ms: number }>(once('select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms'));
    if (row !== undefined) this.#offsetMs = row.ms - (asked + performance.now()) / 2;
  }
}
