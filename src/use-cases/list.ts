import { isTaskId } from '../ids.ts';
import { recordProblem } from '../machines/envelope.ts';
import { awaitPosition, requireProject } from './access.ts';
import { tellRecord } from './answer.ts';
import type { Handler } from './services.ts';

export const list: Handler<'task.list'> = async (services, input, caller) => {
  const { filter, sort, limit, cursor, fields, count } = input;
  if (filter.project !== undefined) requireProject(caller, filter.project);
  await awaitPosition(services, input, caller);
  const page = await services.store.list({ filter, sort, limit, cursor, count, projects: caller.projects ?? undefined });
  const rest = { nextCursor: page.next, ...(page.total !== undefined && { total: page.total }) };
  if (fields === undefined) return { items: [...page.items], ...rest };
  const records = await services.store.load(page.items.map(({ id }) => id));
  const items = page.items.flatMap(({ id }) => {
    const record = records.get(id);
    // What can't be read is told by the health of the service; it must not take the rest of the list with it.
    if (record === undefined || !isTaskId(id) || recordProblem(record) !== null) return [];
    const task = tellRecord(services, id, record);
    return [{ id, ...Object.fromEntries(fields.map((field) => [field, task[field]])) }];
  });
  return { items, ...rest };
};
