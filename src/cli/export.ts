import { writers } from '../exchange/formats.ts';
import { exportedFields, forestOf } from '../exchange/forest.ts';
import type { Exported } from '../exchange/forest.ts';
import type { Asked, Link } from '../client/link.ts';
import type { Output } from '../protocol/methods.ts';
import type { CommonOptions } from './call.ts';
import { connect } from './connect.ts';
import { startProgress } from './progress.ts';
import { resolveTask } from './task-id.ts';

export interface ExportOptions extends CommonOptions {
  readonly format: string;
  readonly project?: string;
  readonly archived?: true;
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

export async function exportTasks(given: string | undefined, options: ExportOptions): Promise<void> {
  const { format, project, archived } = options;
  const link = connect(options, { makes: false });
  const progress = startProgress({});
  try {
    const task = given === undefined ? undefined : await resolveTask(link, given);
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
