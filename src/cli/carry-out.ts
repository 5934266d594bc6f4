import type { Link } from '../client/link.ts';
import { TroupeError } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import { cutBytes } from '../exchange/fit.ts';
import { comparedFields, plannedOf } from '../exchange/reconcile.ts';
import type { Existing, Steps } from '../exchange/reconcile.ts';
import { everySource } from '../exchange/arrange.ts';
import type { Report } from '../exchange/report.ts';
import type { SourceTask } from '../exchange/source.ts';
import type { Telling } from './progress.ts';
import type { Output } from '../protocol/methods.ts';
import { limits } from '../protocol/values.ts';

/** Asks the service and sends it commands: the only part of an import that does. */

export type Asking = Pick<Link, 'call'>;

const atOnce = 16;

type Item = Output<'task.list'>['items'][number];

/** All fields were asked for. */
const isWhole = (item: Item): item is Item & Existing => comparedFields.every((field) => item[field] !== undefined);

/** The tasks that are there already, by their keys in the source. Those that were archived are there, too. */
export async function findExisting(
  link: Asking,
  trees: readonly SourceTask[],
  project: string,
  tell: Telling = () => {},
): Promise<ReadonlyMap<string, Existing>> {
  const existing = new Map<string, Existing>();
  const tasks = [...everySource(trees)];
  const look = async (task: SourceTask): Promise<void> => {
    const common = { project, includeArchived: true };
    const ask = async (filter: { externalId: string } | { ids: TaskId[] }) =>
      (await link.call('task.list', { filter: { ...common, ...filter }, fields: [...comparedFields], limit: 2 })).items.find(isWhole);
    const found = (task.id === undefined ? undefined : await ask({ ids: [task.id] })) ?? (await ask({ externalId: task.externalId }));
    if (found !== undefined) existing.set(task.key, found);
  };
  for (let at = 0; at < tasks.length; at += atOnce) {
    tell('looking up tasks', at, tasks.length);
    await Promise.all(tasks.slice(at, at + atOnce).map(look));
  }
  return existing;
}

export interface CarriedOut {
  readonly made: readonly { readonly id: TaskId; readonly task: SourceTask }[];
  readonly edited: number;
  readonly connected: number;
  readonly completed: number;
}

export async function carryOut(
  link: Asking,
  { makes, edits, edges, completions }: Steps,
  existing: ReadonlyMap<string, Existing>,
  project: string,
  report: Report,
  tell: Telling = () => {},
): Promise<CarriedOut> {
  const ids = new Map<string, TaskId>([...existing].map(([key, { id }]) => [key, id]));
  const made: { id: TaskId; task: SourceTask }[] = [];
  const total = makes.reduce((sum, make) => sum + [...everySource([make.task])].length, 0);
  for (const make of makes) {
    tell('making tasks', made.length, total);
    const { input, refs } = plannedOf(make, ids);
    const parentId = make.above === null ? undefined : ids.get(make.above);
    const place = { ...(parentId !== undefined && { parentId }), project };
    const { task, tasks } = await link.call('task.plan', { ...input, ...place }).catch((error: unknown) => {
      throw made.length === 0 ? error : half(error, made.length);
    });
    ids.set(make.task.key, task.id);
    for (const [ref, key] of refs) {
      const id = tasks[ref];
      if (id !== undefined) ids.set(key, id);
    }
    for (const one of everySource([make.task])) {
      const id = ids.get(one.key);
      if (id !== undefined) made.push({ id, task: one });
    }
  }
  /** What is refused leaves one task as it was, and is told. */
  const each = async <T extends { readonly task: SourceTask }>(items: readonly T[], what: string, act: (item: T) => Promise<unknown>) => {
    let count = 0;
    for (const [at, item] of items.entries()) {
      tell(`tasks ${what}`, at, items.length);
      try {
        await act(item);
        count += 1;
      } catch (error) {
        if (!(error instanceof TroupeError) || error.reason === 'UNREACHABLE') throw error;
        report.remark(item.task.place, `${ids.get(item.task.key) ?? item.task.key} could not be ${what}: ${error.message}`);
      }
    }
    return count;
  };
  const edited = await each(edits, 'changed', ({ existing: { id, rev }, set }) => link.call('task.edit', { taskId: id, ifRev: rev, set }));
  const connected = await each(edges, 'made to wait', ({ task, edge: { on, ...how } }) => {
    const [taskId, target] = [ids.get(task.key), ids.get(on)];
    if (taskId === undefined || target === undefined) throw new TroupeError('TASK_NOT_FOUND', `${on} was not made`);
    return link.call('dependency.add', { taskId, dependsOn: { task: target, ...how } });
  });
  const ended = completions.map((task) => ({ task }));
  const completed = await each(ended, 'completed', ({ task }) => complete(link, task, ids.get(task.key)));
  return { made, edited, connected, completed };
}

async function complete(link: Asking, task: SourceTask, taskId: TaskId | undefined): Promise<void> {
  if (taskId === undefined) throw new TroupeError('TASK_NOT_FOUND', `${task.key} was not made`);
  const { lease } = await link.call('task.execute', { taskId });
  const summary = cutBytes(task.summary ?? 'Imported as done.', limits.summaryBytes);
  const acceptance = (task.given.acceptance ?? []).map(() => ({ met: true, note: 'done before it was imported' }));
  await link.call('task.complete', { taskId, lease: lease.id, summary, acceptance });
}

function half(error: unknown, count: number): unknown {
  if (!(error instanceof TroupeError)) return error;
  const fix = `${error.fix}; ${count} tasks were made before that: import again to go on, nothing is made twice`;
  return new TroupeError(error.reason, error.message, { ...error.details, fix });
}
