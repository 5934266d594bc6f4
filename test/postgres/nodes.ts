import { onTestFinished } from 'vitest';
import { TroupeError } from '../../src/errors.ts';
import { once } from '../../src/persistence/postgres/database.ts';
import type { Database, Query, Statement } from '../../src/persistence/postgres/database.ts';
import { openPool } from '../../src/persistence/postgres/pool.ts';
import type { PoolOptions } from '../../src/persistence/postgres/pool.ts';
import { openPostgresStore } from '../../src/persistence/postgres/store.ts';
import type { Store } from '../../src/persistence/store.ts';
import { startService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { newSchema } from './schemas.ts';

/** Holds back statements by their names, until they are let go. */
interface Gate {
  hold(...names: readonly string[]): void;
  open(): void;
  /** Resolves when a statement waits. */
  readonly reached: () => Promise<void>;
}

interface Gated {
  readonly database: Database;
  readonly gate: Gate;
}

function gated(database: Database): Gated {
  let names: readonly string[] = [];
  let waiting: (() => void)[] = [];
  let heard: (() => void)[] = [];
  const pass = async ({ name }: Statement): Promise<void> => {
    if (name === null || !names.includes(name)) return;
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      for (const tell of heard.splice(0)) tell();
    });
  };
  return {
    database: {
      ...database,
      async query(statement, values) {
        await pass(statement);
        return database.query(statement, values);
      },
    },
    gate: {
      hold: (...held) => (names = held),
      open() {
        names = [];
        for (const go of waiting) go();
        waiting = [];
      },
      reached: () => (waiting.length > 0 ? Promise.resolve() : new Promise((resolve) => heard.push(resolve))),
    },
  };
}

/** What was answered, or the refusal. */
export const outcome = <T>(asked: Promise<T>): Promise<T | TroupeError> =>
  asked.catch((error: unknown) => {
    if (error instanceof TroupeError) return error;
    throw error;
  });

export interface Node {
  readonly store: Store;
  readonly gate: Gate;
}

/** Stores of several nodes over one schema, which is dropped when the test ends. */
export async function stores(
  count: number,
  options: { readonly connections?: number } = {},
): Promise<{ nodes: Node[]; schema: string; url: string }> {
  const { schema, url, drop } = newSchema();
  const nodes: Node[] = [];
  onTestFinished(async () => {
    for (const { gate } of nodes) gate.open();
    await Promise.all(nodes.map(({ store }) => store.close()));
    await drop();
  });
  for (let n = 0; n < count; n++) {
    const { database, gate } = gated(openPool({ url, ...options }));
    nodes.push({ store: await openPostgresStore({ database, schema }), gate });
  }
  return { nodes, schema, url };
}

interface Listened {
  readonly store: Store;
  readonly database: Database;
  /** Where it listens. */
  readonly channel: () => string;
  /** As if that had been said there. */
  readonly wake: (payload: string | null) => void;
  /** The values of each look at the log. */
  readonly looks: readonly (readonly unknown[])[];
}

/** A store of which is known how it listens and looks. */
export async function listened(options: { readonly schema?: string; readonly windowEvents?: number } = {}): Promise<Listened> {
  const { schema, url, drop } = newSchema();
  const database = openPool({ url });
  const looks: (readonly unknown[])[] = [];
  let [channel, wake] = ['', (_: string | null): void => {}];
  const store = await openPostgresStore({
    schema,
    ...options,
    database: {
      ...database,
      query(statement, values = []) {
        if (statement.name === 'tail') looks.push(values);
        return database.query(statement, values);
      },
      listen(where, onWake) {
        [channel, wake] = [where, onWake];
        return database.listen(where, onWake);
      },
    },
  });
  onTestFinished(async () => {
    await store.close();
    await drop();
  });
  return { store, database, channel: () => channel, wake: (payload) => wake(payload), looks };
}

/** The whole application on several nodes. */
export async function services(count: number): Promise<{ nodes: (TestService & Node)[]; schema: string; url: string }> {
  const { nodes, ...place } = await stores(count);
  const started: (TestService & Node)[] = [];
  for (const { store, gate } of nodes) {
    const service = await startService({ store });
    onTestFinished(() => service.close());
    started.push({ ...service, gate });
  }
  return { nodes: started, ...place };
}

/** Connections of the test's own. */
export function poolOf(url: string, options: Omit<PoolOptions, 'url'> = {}): Database {
  const database = openPool({ url, ...options });
  onTestFinished(() => database.close());
  return database;
}

/** Somebody else's transaction, open since it ran `text`; ended at the latest with the test. */
export async function transactionOf(url: string, text: string): Promise<{ readonly query: Query; readonly end: () => Promise<void> }> {
  const pool = openPool({ url });
  let commit = (): void => {};
  const ended = new Promise<void>((resolve) => (commit = resolve));
  let running = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    running = pool.transaction(async (query) => {
      await query(once(text));
      resolve();
      await ended;
    });
    running.catch(reject);
  });
  const end = async (): Promise<void> => {
    commit();
    await running;
  };
  onTestFinished(async () => {
    await end();
    await pool.close();
  });
  return { query: pool.query, end };
}
