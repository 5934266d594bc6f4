import { afterAll, beforeAll } from 'vitest';
import type { PGlite } from '@electric-sql/pglite';
import { openPostgresStore } from '../../src/persistence/postgres/store.ts';
import { databaseOf, openLite } from '../support/pglite.ts';
import { describeStore } from './store.ts';

let lite: PGlite;
let schemas = 0;
beforeAll(async () => {
  lite = await openLite();
});
afterAll(() => lite.close());

describeStore('PostgreSQL store, in process', async () => {
  const schema = `contract_${++schemas}`;
  const open = () => openPostgresStore({ database: databaseOf(lite), schema, windowEvents: 16 });
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    dispose: async () => void (await lite.exec(`drop schema ${schema} cascade`)),
  };
});
