import { createRequire } from 'node:module';
import type { Unit } from '../src/persistence/store.ts';

/** The yardstick: SQLite in WAL mode with synchronous=FULL, and one transaction for all units of a turn of the event loop. */

interface Statement {
  run(...values: readonly unknown[]): { readonly changes: number | bigint };
}
interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}
type DatabaseClass = new (file: string) => Database;

const require = createRequire(import.meta.url);

/** Node's own from 22.5 on, else the package, which is installed for this benchmark only. Null when there is neither. */
export function findSqlite(): DatabaseClass | null {
  try {
    return (require('node:sqlite') as { DatabaseSync: DatabaseClass }).DatabaseSync;
  } catch {
    try {
      return require('better-sqlite3') as DatabaseClass;
    } catch {
      return null;
    }
  }
}

const tables = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE records (id TEXT PRIMARY KEY, rev INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE events (seq INTEGER PRIMARY KEY, task TEXT NOT NULL, rev INTEGER NOT NULL, json TEXT NOT NULL);
  CREATE TABLE artifacts (sha256 TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;`;

export class SqliteStore {
  readonly #db: Database;
  readonly #statements: Readonly<Record<'insert' | 'update' | 'event' | 'artifact', Statement>>;
  #queue: { readonly unit: Unit; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];

  constructor(Sqlite: DatabaseClass, file: string) {
    this.#db = new Sqlite(file);
    this.#db.exec(tables);
    this.#statements = {
      insert: this.#db.prepare('INSERT INTO records (id, rev, json) VALUES (?, ?, ?)'),
      update: this.#db.prepare('UPDATE records SET rev = ?, json = ? WHERE id = ? AND rev = ?'),
      event: this.#db.prepare('INSERT INTO events (task, rev, json) VALUES (?, ?, ?)'),
      artifact: this.#db.prepare('INSERT OR IGNORE INTO artifacts (sha256, content) VALUES (?, ?)'),
    };
  }

  commit(unit: Unit): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push({ unit, resolve, reject });
    });
  }

  close(): void {
    this.#db.close();
  }

  #flush(): void {
    const batch = this.#queue;
    this.#queue = [];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const { unit } of batch) this.#write(unit);
      this.#db.exec('COMMIT');
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  #write({ writes, artifacts }: Unit): void {
    const { insert, update, event: addEvent, artifact } = this.#statements;
    for (const { expectedRev, record, event } of writes) {
      const json = JSON.stringify(record);
      if (expectedRev === 0) insert.run(record.id, record.rev, json);
      else if (Number(update.run(record.rev, json, record.id, expectedRev).changes) !== 1) throw new Error(`conflict on ${record.id}`);
      addEvent.run(event.taskId, event.rev, JSON.stringify(event));
    }
    for (const { ref, content } of artifacts) if (content !== null) artifact.run(ref.sha256, content);
  }
}
