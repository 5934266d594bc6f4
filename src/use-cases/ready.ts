import { awaitPosition, requireProject } from './access.ts';
import type { Handler } from './services.ts';

export const ready: Handler<'task.ready'> = async (services, input, caller) => {
  const { filter, limit, cursor } = input;
  if (filter.project !== undefined) requireProject(caller, filter.project);
  await awaitPosition(services, input, caller);
  const page = await services.store.list({
    filter: { ...filter, ready: true },
    sort: 'next',
    limit,
    cursor,
    projects: caller.projects ?? undefined,
  });
  return { items: [...page.items], nextCursor: page.next };
};
