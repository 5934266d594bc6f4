import type { ActorId } from '../../ids.ts';
import type { ActorEvent } from '../../protocol/event.ts';
import { appendHistory, historyLength, pageHistory } from '../resident/history.ts';
import type { Page } from '../store.ts';
import type { Database, Statement } from './database.ts';

/** Of a statement: an event's columns as the event that was committed, its members in their order. */
export const eventOf = `(left(head::text, -1) || ',"data":' || data::text || '}')::json`;

/** An actor's history: the table keeps every event, of which the newest of each weight can be in it. */
export class Histories {
  readonly #database: Database;
  readonly #statement: Statement;

  constructor(database: Database, schema: string) {
    this.#database = database;
    this.#statement = {
      name: 'history',
      text: `select ${eventOf} as event from (
        select rev, head, data, row_number() over (partition by class order by rev desc) as place from ${schema}.events where actor = $1
      ) newest where place <= $2 order by rev`,
    };
  }

  async page(id: ActorId, page: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<ActorEvent>> {
    const rows = await this.#database.query<{ event: ActorEvent }>(this.#statement, [id, historyLength]);
    return pageHistory(rows.map(({ event }) => event).reduce<readonly ActorEvent[]>(appendHistory, []), page);
  }
}
