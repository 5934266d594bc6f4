import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Pool, PoolClient } from 'pg';
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
/** Longer than the server lets a statement run: then it is the server, or the way to it, that does not answer. */
const answerMs = 5_000;

/** A server, by connections that are made when they are needed and made again when they were lost. */
export function openPool(options: PoolOptions): Database {
  const { url, connections = 10, statementMs = 30_000, connectMs = 5_000, onProblem = () => {} } = options;
  // The driver leaves some open: after a handshake that it gave up, and of a server that does not say goodbye.
  const sockets = new Set<Socket>();
  const settings = {
    connectionString: url,
    application_name: 'troupe',
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs + answerMs,
    // A server that vanished without a word is found out when nothing is asked, too.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    stream() {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
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
      // A connection that gives no sign is not waited for.
      const late = pause(connectMs, undefined, { ref: false });
      await Promise.race([Promise.all([listener?.close(), pool.end()]), late]);
      for (const socket of sockets) socket.destroy();
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
  #told = false;
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
    if (!this.#told) this.#onProblem(`the connection that hears of other nodes was lost, and is made again: ${error.message}`);
    this.#told = true;
    this.#timer = setTimeout(() => void this.#again(), againMs);
    this.#timer.unref();
  }

  async #again(): Promise<void> {
    try {
      await this.open();
      this.#told = false;
      // Something may have been said meanwhile.
      this.#onWake(null);
    } catch (error) {
      const client = this.#client;
      if (client !== null) this.#lost(client, error instanceof Error ? error : new Error(String(error)));
    }
  }
}
