import { PGlite } from '@electric-sql/pglite';
import type { Transaction } from '@electric-sql/pglite';
import type { Database, Query } from '../../src/persistence/postgres/database.ts';

/** PostgreSQL in this process, with one connection: for what needs no second one. */

const ask =
  (client: PGlite | Transaction): Query =>
  async <R>({ text }: { readonly text: string }, values: readonly unknown[] = []) =>
    (await client.query<R>(text, [...values])).rows;

/** A database over it; closing that leaves it open, as a server goes on when a client leaves. */
export function databaseOf(lite: PGlite): Database {
  let unlisten = async (): Promise<void> => {};
  return {
    query: ask(lite),
    transaction: (work) => lite.transaction((transaction) => work(ask(transaction))),
    async listen(channel, onWake) {
      unlisten = await lite.listen(channel, onWake);
    },
    close: () => unlisten(),
  };
}

export const openLite = (): Promise<PGlite> => PGlite.create();
