import type { Link } from '../client/link.ts';
import { TroupeError } from '../errors.ts';
import { idPatterns, isTaskId } from '../ids.ts';
import type { SessionId, TaskId } from '../ids.ts';
import { clip, inLine } from './columns.ts';

const shortest = 6;
const longest = 28;
const mostPages = 100;
const mostNamed = 5;
const mostShown = 40;

type Asking = Pick<Link, 'call'>;

interface Page<Id> {
  readonly items: readonly { readonly id: Id; readonly title?: string | undefined }[];
  readonly nextCursor: string | null;
}

/** What ids are looked for among, page by page: no method finds by the beginning of one. */
interface Kind<Id extends string> {
  readonly name: string;
  readonly prefix: string;
  readonly isId: (text: string) => text is Id;
  readonly list: (link: Asking, cursor: { readonly cursor?: string }) => Promise<Page<Id>>;
  readonly missing: 'TASK_NOT_FOUND' | 'SESSION_NOT_FOUND';
}

const tasks: Kind<TaskId> = {
  name: 'task',
  prefix: 't_',
  isId: isTaskId,
  list: (link, cursor) => link.call('task.list', { filter: { includeArchived: true }, fields: ['id', 'title'], limit: 1_000, ...cursor }),
  missing: 'TASK_NOT_FOUND',
};

const sessions: Kind<SessionId> = {
  name: 'session',
  prefix: 's_',
  isId: (text): text is SessionId => idPatterns.s.test(text),
  list: (link, cursor) => link.call('session.list', { limit: 1_000, ...cursor }),
  missing: 'SESSION_NOT_FOUND',
};

/** A task by its id, or by the beginning of it that no other task has. */
export const resolveTask = (link: Asking, given: string): Promise<TaskId> => resolve(tasks, link, given);

/** The same for sessions. */
export const resolveSession = (link: Asking, given: string): Promise<SessionId> => resolve(sessions, link, given);

/** What may be left out. */
export const resolved = async <Id>(find: (given: string) => Promise<Id>, given: string | undefined): Promise<Id | undefined> =>
  given === undefined ? undefined : find(given);

/** What was given, as it can be shown: nothing is shown as nothing in quotes, and what is too long in part. */
export const shown = (given: string): string => (given.trim() === '' ? JSON.stringify(given) : clip(inLine(given), mostShown));

async function resolve<Id extends string>({ name, prefix, isId, list, missing }: Kind<Id>, link: Asking, given: string): Promise<Id> {
  if (isId(given)) return given;
  const isBeginning = given.startsWith(prefix) && /^[0-9a-z]*$/.test(given.slice(prefix.length));
  if (!isBeginning || given.length < shortest || given.length > longest)
    throw new TroupeError('INVALID_PARAMS', `${shown(given)} is no id of a ${name}`, {
      fix: `give one, or at least ${shortest} characters of its beginning`,
    });
  const found: { id: Id; title: string }[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const { items, nextCursor }: Page<Id> = await list(link, cursor === null ? {} : { cursor });
    for (const { id, title = '' } of items) if (id.startsWith(given)) found.push({ id, title });
    cursor = nextCursor;
    if (cursor === null) break;
  }
  if (cursor !== null)
    throw new TroupeError('INVALID_PARAMS', `there are too many ${name}s to look for ${given}`, { fix: 'give the whole id' });
  const [first, ...others] = found;
  if (first === undefined) throw new TroupeError(missing, `there is no ${name} whose id begins with ${given}`);
  if (others.length === 0) return first.id;
  const named = found.slice(0, mostNamed).map(({ id, title }) => `${id} (${title})`);
  const rest = found.length > mostNamed ? ` and ${found.length - mostNamed} more` : '';
  throw new TroupeError('INVALID_PARAMS', `${given} may be ${named.join(', ')}${rest}`, { fix: 'give more of the id' });
}
