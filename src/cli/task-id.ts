import type { Link } from '../client/link.ts';
import { TroupeError } from '../errors.ts';
import { isTaskId } from '../ids.ts';
import type { TaskId } from '../ids.ts';
import type { Output } from '../protocol/methods.ts';

const shortest = 6;
const mostPages = 100;
const mostNamed = 5;

/** A task by its id, or by the beginning of it that no other task has. */
export async function resolveTask(link: Link, given: string): Promise<TaskId> {
  if (isTaskId(given)) return given;
  if (!/^t_[0-9a-z]*$/.test(given) || given.length < shortest || given.length > 28)
    throw new TroupeError('INVALID_PARAMS', `${given} is no id of a task`, {
      fix: `give one, or at least ${shortest} characters of its beginning`,
    });
  const found: { id: TaskId; title: string }[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const filter = { includeArchived: true };
    const { items, nextCursor }: Output<'task.list'> = await link.call('task.list', {
      filter,
      fields: ['id', 'title'],
      limit: 1_000,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { id, title = '' } of items) if (id.startsWith(given)) found.push({ id, title });
    cursor = nextCursor;
    if (cursor === null) break;
  }
  if (cursor !== null)
    throw new TroupeError('INVALID_PARAMS', `there are too many tasks to look for ${given}`, { fix: 'give the whole id' });
  const [first, ...others] = found;
  if (first === undefined) throw new TroupeError('TASK_NOT_FOUND', `there is no task whose id begins with ${given}`);
  if (others.length === 0) return first.id;
  const named = found.slice(0, mostNamed).map(({ id, title }) => `${id} (${title})`);
  const rest = found.length > mostNamed ? ` and ${found.length - mostNamed} more` : '';
  throw new TroupeError('INVALID_PARAMS', `${given} may be ${named.join(', ')}${rest}`, { fix: 'give more of the id' });
}
