import type { Database, Statement } from './database.ts';

/**
 * Tells the other nodes that something was committed: after the commit and apart from it, since a notification inside of a transaction
 * takes a lock of the whole server at its commit. One at a time; what is committed meanwhile goes into the next.
 */
export class WakeUp {
  readonly #database: Database;
  readonly #channel: string;
  // Nobody waits until it is on the disk.
  readonly #statement: Statement = { name: 'notify', text: `select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)` };
  #newest: bigint | null = null;
  #sending: Promise<void> | null = null;

  constructor(database: Database, channel: string) {
    this.#database = database;
    this.#channel = channel;
  }

  send(xid: bigint): void {
    if (this.#newest === null || xid > this.#newest) this.#newest = xid;
    this.#sending ??= this.#send().finally(() => (this.#sending = null));
  }

  async idle(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    while (this.#newest !== null) {
      const xid = this.#newest;
      this.#newest = null;
      // One that is lost is made up for: everybody looks by themselves once a second.
      await this.#database.query(this.#statement, [this.#channel, String(xid)]).catch(() => {});
    }
  }
}
