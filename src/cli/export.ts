import { TroupeError } from '../errors.ts';
import { isTaskId } from '../ids.ts';
import { writers } from '../exchange/formats.ts';
import { exportedFields, forestOf } from '../exchange/forest.ts';
import type { Exported } from '../exchange/forest.ts';
import type { Asked, Link } from '../client/link.ts';
import type { Output } from '../protocol/methods.ts';
import { version } from '../version.ts';
import { startProgress } from './progress.ts';
import { openLink } from './open-link.ts';

export interface ExportOptions {
  readonly format: string;
  readonly project?: string;
  readonly archived?: true;
  readonly data?: string;
}

/** A task may have 32 KiB and more of texts. */
const pageItems = 100;

type Item = Output<'task.list'>['items'][number];

/** All fields were asked for. */
const isWhole = (item: Item): item is Item & Exported => exportedFields.every((field) => item[field] !== undefined);

/** Every task that the filter means, page by page. */
export async function listed(
  link: Pick<Link, 'call'>,
  filter: NonNullable<Asked<'task.list'>['filter']>,
  tell: (count: number) => void = () => {},
): Promise<Exported[]> {
  const tasks: Exported[] = [];
  let cursor: string | null = null;
  do {
    const page: Output<'task.list'> = await link.call('task.list', {
      filter,
      limit: pageItems,
      fields: [...exportedFields],
      ...(cursor !== null && { cursor }),
    });
    tasks.push(...page.items.filter(isWhole));
    tell(tasks.length);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return tasks;
}

export async function exportTasks(task: string | undefined, { format, project, archived, data }: ExportOptions): Promise<void> {
  if (task !== undefined && !isTaskId(task))
    throw new TroupeError('INVALID_PARAMS', `"${task}" is no task id`, { fix: 'an id is t_ and 26 characters' });
  const { link } = openLink({ data, client: { name: 'export', version } });
  const progress = startProgress({});
  try {
    const root = task === undefined ? null : (await link.call('task.get', { taskId: task })).task;
    const tasks = await listed(
      link,
      {
        ...(project !== undefined && { project }),
        ...(root !== null && { rootId: root.rootId }),
        ...((archived === true || root?.status === 'archived') && { includeArchived: true }),
      },
      (count) => progress.at('reading tasks', count),
    );
    progress.end();
    process.stdout.write(writers[format]?.write(forestOf(tasks, task)) ?? '');
  } finally {
    progress.end();
    await link.close();
  }
}
