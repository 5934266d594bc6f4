import pg from 'pg';
import type { Pool, PoolClient } from 'pg';
import { TroupeError } from '../../errors.ts';
import type { Database, Query, Statement } from './database.ts';

export interface PoolOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** Connections at most, beside the one that listens. Default 10. */
  readonly connections?: number;
  /** A statement that takes longer is ended by the server. Default 30 s. */
  readonly statementMs?: number;
  /** How long a connection may take, and a statement wait for one. Default 5 s. */
  readonly connectMs?: number;
  readonly onProblem?: (line: string) => void;
}

const againMs = 500;

/** A server, by connections that are made when they are needed and made again when they were lost. */
export function openPool(options: PoolOptions): Database {
  const { url, connections = 10, statementMs = 30_000, connectMs = 5_000, onProblem = () => {} } = options;
  const settings = {
    connectionString: url,
    application_name: 'troupe',
    connectionTimeoutMillis: connectMs,
    // A server that vanished without a word: found out when nothing is asked, and when an answer does not come.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    query_timeout: statementMs + connectMs,
  };
  const pool: Pool = new pg.Pool({
    ...settings,
    max: connections,
    statement_timeout: statementMs,
    // A node that was stopped in the middle of a transaction must not hold back the others.
    idle_in_transaction_session_timeout: statementMs,
    idleTimeoutMillis: 30_000,
  });
  // A connection that waited in the pool was lost; the next statement makes another.
  pool.on('error', (error) => onProblem(`a connection to the database was lost: ${error.message}`));
  const ask =
    (client: Pool | PoolClient): Query =>
    async <R>({ name, text }: Statement, values: readonly unknown[] = []) => {
      const { rows } = await client.query<R & object>({ ...(name === null ? {} : { name }), text, values: [...values] });
      return rows;
    };
  let listener: Listener | null = null;

  return {
    query: ask(pool),
    async transaction(work) {
      const client = await pool.connect();
      let fault: Error | undefined;
      // One that is lost between two statements says so to nobody else.
      const onLost = (error: Error): void => void (fault = error);
      client.on('error', onLost);
      try {
        // Whatever the role's own is: who waited for a lock must see what was done meanwhile.
        await client.query('begin isolation level read committed');
        const result = await work(ask(client));
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch((lost: unknown) => (fault = lost instanceof Error ? lost : new Error(String(lost))));
        throw error;
      } finally {
        client.off('error', onLost);
        client.release(fault);
      }
    },
    async listen(channel, onWake) {
      listener = new Listener(settings, channel, onWake, onProblem);
      await listener.open();
    },
    async close() {
      await listener?.close();
      await pool.end();
    },
  };
}

/** A connection of its own that hears notifications; made again when it was lost. */
class Listener {
  readonly #settings: pg.ClientConfig;
  readonly #channel: string;
  readonly #onWake: (payload: string | null) => void;
  readonly #onProblem: (line: string) => void;
  #client: pg.Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(settings: pg.ClientConfig, channel: string, onWake: (payload: string | null) => void, onProblem: (line: string) => void) {
    this.#settings = settings;
    this.#channel = channel;
    this.#onWake = onWake;
    this.#onProblem = onProblem;
  }

  async open(): Promise<void> {
    const client = new pg.Client(this.#settings);
    this.#client = client;
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('the connection ended')));
    client.on('notification', ({ payload = '' }) => this.#onWake(payload));
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(this.#channel)}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  #lost(client: pg.Client, error: Error): void {
    if (this.#closed || this.#client !== client) return;
    this.#client = null;
    // It may be connected, and only not be allowed to listen: a standby lets nobody.
    void client.end().catch(() => {});
    this.#onProblem(`the connection that hears of other nodes was lost: ${error.message}`);
    this.#timer = setTimeout(() => void this.#again(), againMs);
    this.#timer.unref();
  }

  async #again(): Promise<void> {
    try {
      await this.open();
      // Something may have been said meanwhile.
      this.#onWake(null);
    } catch (error) {
      const client = this.#client;
      if (client !== null) this.#lost(client, error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** What stands before the store: one line that says what to do, for errors of a first connection. */
export function startFault(error: unknown, url: string): TroupeError {
  if (error instanceof TroupeError) return error;
  const place = placeOf(url);
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new TroupeError('START_FAILED', `the database ${place} can't be used: ${message}`, {
    fix: fixes[code] ?? 'see whether it runs and takes connections from here',
  });
}

const fixes: Readonly<Record<string, string>> = {
  '08P01':
    'let the pooler pass over what it does not know: ignore_startup_parameters = statement_timeout, idle_in_transaction_session_timeout',
  '28P01': 'give the right password in the address',
  '28000': 'let pg_hba.conf take this user from here, with TLS if it wants it (?sslmode=require)',
  '3D000': 'make the database first: createdb NAME',
  '42501':
    'let the user make a schema in it: grant create on database NAME to USER; or use the one that is there: grant usage on schema NAME to USER',
  '25006': 'give the address of the primary',
  '53300': 'raise max_connections, or give each node fewer connections',
  ENOTFOUND: 'see whether the name of the host is right',
  ECONNREFUSED: 'see whether the server runs and listens there',
};

/** The address without its password. */
function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'of that address';
  }
}
