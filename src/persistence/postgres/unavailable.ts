import { TroupeError } from '../../errors.ts';
import { sqlStateOf } from './database.ts';
import type { Database, Query } from './database.ts';

/** What was asked is wrong, and would be the next time: a statement that can't be read, a value out of range or of the wrong length, a row that is there. */
const ours = /^(?:0A|22|23|42|54)/;

const canceled = '57014';

/** The error as a caller can use it: a database that is away, busy or short of something is one to ask again. */
export function unavailable(error: unknown): unknown {
  const state = sqlStateOf(error);
  if (error instanceof TroupeError || (state !== null && ours.test(state))) return error;
  return new TroupeError('STORE_UNAVAILABLE', `the database does not answer: ${error instanceof Error ? error.message : String(error)}`);
}

/** The database for those who read: it fails with STORE_UNAVAILABLE, and says so to `onFailed`. */
export function forReading(database: Database, onFailed: (error: unknown) => void): Database {
  const query: Query = async (statement, values) => {
    try {
      return await database.query(statement, values);
    } catch (error) {
      const told = unavailable(error);
      // What one reader asked took too long; others may be answered.
      if (told !== error && sqlStateOf(error) !== canceled) onFailed(error);
      throw told;
    }
  };
  return { ...database, query };
}
