import type { TaskId } from '../ids.ts';
import { isTaskId } from '../ids.ts';
import type { TaskRecord, ListQuery, Page } from '../persistence/store.ts';
import type { Input, TaskFilter } from '../protocol/methods.ts';
import type { TaskSummary } from '../protocol/task.ts';
import { limits } from '../protocol/values.ts';
import { readTask, requireProject } from './access.ts';
import type { Caller } from './caller.ts';
import type { Services } from './services.ts';

/** Whose tasks a look at the whole list is about. */

type Given = Pick<Input<'maintenance.scan'>, 'project' | 'sessionId' | 'taskId'>;
type Query = Pick<ListQuery, 'filter' | 'sort' | 'limit' | 'cursor' | 'count'>;

export interface Within {
  /** In words. */
  readonly name: string;
  list(query: Query): Promise<Page<TaskSummary>>;
}

export interface Loaded {
  readonly id: TaskId;
  readonly record: TaskRecord;
}

/** Refuses a project or a task that the caller may not see. */
export async function within(services: Services, given: Given, caller: Caller): Promise<Within> {
  const { project, sessionId, taskId } = given;
  const { store } = services;
  if (project !== undefined) requireProject(caller, project);
  const own: TaskFilter = { project, sessionId };
  const projects = caller.projects ?? undefined;
  const name = [
    ...(project === undefined ? [] : [`project ${project}`]),
    ...(sessionId === undefined ? [] : [`session ${sessionId}`]),
    ...(taskId === undefined ? [] : [`task ${taskId} and everything below it`]),
  ];
  if (taskId === undefined)
    return {
      name: name.join(', ') || 'everything',
      list: (query) => store.list({ ...query, projects, filter: { ...query.filter, ...own } }),
    };
  const { rootId } = await readTask(services, taskId, caller);
  const below = await subtree(services, rootId, taskId);
  return {
    name: name.join(', '),
    // A tree has a bounded number of tasks, so its part below a task is one page.
    async list({ cursor: _, ...query }) {
      const page = await store.list({ ...query, projects, limit: limits.treeTasks, filter: { ...query.filter, ...own, rootId } });
      const items = page.items.filter(({ id }) => below.has(id));
      return { items, next: null, total: items.length };
    },
  };
}

/** The task and all below it that is not archived. */
async function subtree({ store }: Services, rootId: TaskId, top: TaskId): Promise<ReadonlySet<TaskId>> {
  const children = new Map<TaskId, TaskId[]>();
  const { items } = await store.list({ filter: { rootId }, sort: 'created', limit: limits.treeTasks });
  for (const { id, parentId } of items) if (parentId !== null) children.set(parentId, [...(children.get(parentId) ?? []), id]);
  const found = new Set([top]);
  for (const id of found) for (const child of children.get(id) ?? []) found.add(child);
  return found;
}

/** The records of a page, in its order; one that went away meanwhile is left out. */
export async function loadAll({ store }: Services, items: readonly TaskSummary[]): Promise<readonly Loaded[]> {
  const records = await store.load(items.map(({ id }) => id));
  return items.flatMap(({ id }) => {
    const record = records.get(id);
    return record === undefined || !isTaskId(id) ? [] : [{ id, record }];
  });
}
