import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { once } from '../../src/persistence/postgres/database.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';

export const databaseUrl = inject('databaseUrl');

/** A schema of a test's own on the shared server. */
export interface Schema {
  readonly schema: string;
  /** Of the server. */
  readonly url: string;
  /** Of the schema. */
  readonly place: string;
  readonly drop: () => Promise<void>;
}

export function newSchema(): Schema {
  if (databaseUrl === null) throw new Error('there is no server');
  const schema = `test_${randomBytes(8).toString('hex')}`;
  return {
    schema,
    url: databaseUrl,
    place: `${databaseUrl}?schema=${schema}`,
    async drop() {
      const database = openPool({ url: databaseUrl });
      await database.query(once(`drop schema if exists ${schema} cascade`));
      await database.close();
    },
  };
}
