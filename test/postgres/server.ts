import type { TestProject } from 'vitest/node';
import { findPostgres, startPostgres } from '../support/postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of a server that tests share, each in a schema of its own; null when there is none here. */
    databaseUrl: string | null;
  }
}

/** The server of DATABASE_URL, or one of Debian's package `postgresql` or on the path. */
export async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['DATABASE_URL'];
  const bin = findPostgres();
  if (given !== undefined || bin === null) {
    if (given === undefined) console.log('no PostgreSQL here: the tests that need one are skipped (apt-get install postgresql)');
    provide('databaseUrl', given ?? null);
    return undefined;
  }
  const server = await startPostgres(bin);
  provide('databaseUrl', server.url);
  return () => server.dispose();
}
