import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createClock } from '../clock.ts';
import { TroupeError } from '../errors.ts';
import { contentOf } from '../persistence/content.ts';
import { fillDirectory } from '../persistence/lowdb/fill.ts';
import { openLowdbStore } from '../persistence/lowdb/store.ts';
import { addressOf } from '../persistence/postgres/address.ts';
import { fillPostgres } from '../persistence/postgres/fill.ts';
import { holdsPostgres, openPostgres } from '../persistence/postgres/open.ts';
import { openPool } from '../persistence/postgres/pool.ts';
import { artifactsOf } from '../persistence/resident/row.ts';
import type { Entry } from '../persistence/resident/row.ts';
import type { Store } from '../persistence/store.ts';
import { entriesOf } from '../persistence/whole-store.ts';
import { CommandFailure } from './command-failure.ts';
import { exits } from './exit-codes.ts';
import { printJson, say } from './output.ts';
import { withProgress } from './progress.ts';
import type { Telling } from './progress.ts';
import { staged } from './staging.ts';

export interface MoveOptions {
  readonly from: string;
  readonly to: string;
  readonly json?: true;
}

interface Moved {
  readonly records: number;
  readonly artifacts: number;
}

/** Whether a place is a database, and not a directory. */
const isDatabase = (place: string): boolean => /^postgres(?:ql)?:\/\//.test(place);

/** Copies a stopped store to another place, and compares. The store that it came from stays as it is. */
export async function move(options: MoveOptions): Promise<void> {
  const { from, to } = options;
  if (isDatabase(from) === isDatabase(to))
    throw new TroupeError('INVALID_PARAMS', 'one place is a data directory and the other a database', {
      fix: 'for two directories use troupe backup and restore, for two databases pg_dump',
    });
  const moved = await withProgress(options, (tell) => (isDatabase(to) ? up(from, to, tell) : down(from, to, tell)));
  if (options.json === true) printJson({ ...moved });
  else say(`${moved.records} records and ${moved.artifacts} artifacts are in their new place, compared; the old one is as it was`);
}

async function up(directory: string, to: string, tell: Telling): Promise<Moved> {
  if (!existsSync(join(directory, 'lock')))
    throw new CommandFailure(exits.notFound, `there is no store in ${directory}: name the data directory of one`);
  const source = await openLowdbStore({ directory, clock: createClock() });
  return using(source, async () => {
    const { url, schema } = addressOf(to);
    // Says what to do when it can't be had.
    await (await openPostgres({ url: to })).close();
    const database = openPool({ url });
    await fillPostgres(database, schema, counted(source, tell), (ref) => contentOf(source, ref)).finally(() => database.close());
    const target = await openPostgres({ url: to });
    return using(target, () => compare(source, target, tell));
  });
}

async function down(url: string, directory: string, tell: Telling): Promise<Moved> {
  if (!(await holdsPostgres(url))) throw new CommandFailure(exits.notFound, 'there is no store in that schema: name it with ?schema=NAME');
  const source = await openPostgres({ url });
  return using(source, () =>
    staged(directory, async (into) => {
      await fillDirectory(into, counted(source, tell), (ref) => contentOf(source, ref));
      const target = await openLowdbStore({ directory: into, clock: createClock() });
      return using(target, () => compare(source, target, tell));
    }),
  );
}

async function using<T>(store: Store, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await store.close();
  }
}

async function* counted(store: Store, tell: Telling): AsyncIterable<readonly Entry[]> {
  let done = 0;
  for await (const entries of entriesOf(store)) {
    yield entries;
    tell('copying records', (done += entries.length), 0);
  }
}

/** Every record, history and content of one is in the other, and no more. */
async function compare(source: Store, target: Store, tell: Telling): Promise<Moved> {
  const moved = { records: 0, artifacts: 0 };
  const theirs = entriesOf(target)[Symbol.asyncIterator]();
  for await (const entries of entriesOf(source)) {
    const { value: copies }: IteratorResult<unknown> = await theirs.next();
    if (!isDeepStrictEqual(copies, entries))
      throw differs(`what was copied of ${entries[0]?.record.id ?? 'nothing'} and the records after it`);
    for (const ref of artifactsOf(entries)) {
      if ((await hashOfContent(target, ref)) !== ref.sha256) throw differs(`the content of artifact ${ref.id}`);
      moved.artifacts += 1;
    }
    tell('comparing records', (moved.records += entries.length), 0);
  }
  if ((await theirs.next()).done !== true) throw differs('the number of records');
  return moved;
}

const differs = (what: string): CommandFailure =>
  new CommandFailure(
    exits.failed,
    `${what} differs from the original, which is as it was: remove the copy, and run troupe doctor on the original`,
  );

async function hashOfContent(store: Store, ref: Parameters<typeof contentOf>[1]): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of contentOf(store, ref)) hash.update(piece);
  return hash.digest('hex');
}
