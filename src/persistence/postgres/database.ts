/** As much of PostgreSQL as the store needs: statements, each a transaction of its own unless said otherwise, and wake-ups. */
export interface Database {
  /** Runs one statement. Rejects with an error whose `code` is the SQLSTATE when the server refused it, and then nothing of it was applied. */
  query<R>(statement: Statement, values?: readonly unknown[]): Promise<readonly R[]>;
  /** Runs statements one after the other in one transaction. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Calls with the payload of every notification of the channel, and with null when some may have been missed. */
  listen(channel: string, onWake: (payload: string | null) => void): Promise<void>;
  close(): Promise<void>;
}

export type Query = <R>(statement: Statement, values?: readonly unknown[]) => Promise<readonly R[]>;

/** A statement with the name under which connections keep it prepared; null for one that is not asked again. */
export interface Statement {
  readonly name: string | null;
  readonly text: string;
}

export const once = (text: string): Statement => ({ name: null, text });

/** The five characters by which a server names its error; null for an error that is no answer of the server. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}
