import type { Store } from '../store.ts';
import { openPool, startFault } from './pool.ts';
import type { PoolOptions } from './pool.ts';
import { openPostgresStore } from './store.ts';

export interface OpenPostgresOptions extends PoolOptions {
  /** Where the tables are; made when it is not there. Default `troupe`. */
  readonly schema?: string;
  /** Events kept in memory for those that reconnect. Default 10,000. */
  readonly windowEvents?: number;
}

/**
 * Opens the store in a PostgreSQL (15 or newer), which any number of services may use at the same time. Rejects with START_FAILED, which
 * says what to do, when the server can't be reached or used.
 */
export async function openPostgres({ schema, windowEvents, ...options }: OpenPostgresOptions): Promise<Store> {
  const database = openPool(options);
  try {
    return await openPostgresStore({
      database,
      ...(schema === undefined ? {} : { schema }),
      ...(windowEvents === undefined ? {} : { windowEvents }),
    });
  } catch (error) {
    await database.close();
    throw startFault(error, options.url);
  }
}
