import type { Store } from '../store.ts';
import { addressOf } from './address.ts';
import { openPool } from './pool.ts';
import type { PoolOptions } from './pool.ts';
import { startFault } from './start-fault.ts';
import { holdsStore } from './schema.ts';
import { openPostgresStore } from './store.ts';

export interface OpenPostgresOptions extends PoolOptions {
  /** `postgres://user:password@host:port/database?schema=troupe&sslmode=…`; the schema is made when it is not there. */
  readonly url: string;
  /** Events kept in memory for those that reconnect. Default 10,000. */
  readonly windowEvents?: number;
}

/**
 * Opens the store in a PostgreSQL (15 or newer), which any number of services may use at the same time. Rejects with INVALID_PARAMS for
 * what is no address, and with START_FAILED, which says what to do, when the server can't be reached or used.
 */
export async function openPostgres({ url: given, windowEvents, ...options }: OpenPostgresOptions): Promise<Store> {
  const { url, schema } = addressOf(given);
  const database = openPool({ ...options, url });
  try {
    return await openPostgresStore({ database, schema, ...(windowEvents === undefined ? {} : { windowEvents }) });
  } catch (error) {
    await database.close();
    throw startFault(error, url);
  }
}

/** Whether there is a store at the address; nothing is made. Rejects as `openPostgres` does. */
export async function holdsPostgres(given: string): Promise<boolean> {
  const { url, schema } = addressOf(given);
  const database = openPool({ url, connections: 1 });
  try {
    return await holdsStore(database.query, schema);
  } catch (error) {
    throw startFault(error, url);
  } finally {
    await database.close();
  }
}
