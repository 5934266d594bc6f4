import { describe } from 'vitest';
import { openPostgresStore } from '../../src/persistence/postgres/store.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import { describeStore } from '../contract/store.ts';
import { databaseUrl, newSchema } from './schemas.ts';

describe.skipIf(databaseUrl === null)('on a server', () => {
  describeStore('PostgreSQL store', async () => {
    const { schema, url, drop } = newSchema();
    const open = () => openPostgresStore({ database: openPool({ url }), schema, windowEvents: 16 });
    let store = await open();
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await open();
        return store;
      },
      dispose: drop,
    };
  });
});
