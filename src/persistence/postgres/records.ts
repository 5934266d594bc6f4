import type { ActorId } from '../../ids.ts';
import type { ActorRecord } from '../store.ts';
import type { Database, Statement } from './database.ts';

type Found = ReadonlyMap<ActorId, ActorRecord>;

/** Records by their ids. Whoever asks in the same turn of the event loop asks with one statement. */
export class Records {
  readonly #database: Database;
  readonly #statement: Statement;
  #wanted = new Set<ActorId>();
  #next: Promise<Found> | null = null;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#statement = { name: 'load', text: `select record from ${schema}.actors where id = any($1::text[])` };
  }

  async load(ids: readonly ActorId[]): Promise<Map<ActorId, ActorRecord>> {
    if (ids.length === 0) return new Map();
    for (const id of ids) this.#wanted.add(id);
    const found = await (this.#next ??= this.#ask());
    return new Map(
      ids.flatMap((id) => {
        const record = found.get(id);
        return record === undefined ? [] : [[id, record]];
      }),
    );
  }

  async #ask(): Promise<Found> {
    await new Promise((resolve) => setImmediate(resolve));
    const ids = [...this.#wanted];
    this.#wanted = new Set();
    this.#next = null;
    const rows = await this.#database.query<{ record: ActorRecord }>(this.#statement, [ids]);
    return new Map(rows.map(({ record }) => [record.id, record]));
  }
}
