import { awaitPosition, requireProject } from './access.ts';
import type { Handler } from './services.ts';
import { tellSummary } from './session-answer.ts';

export const listSessions: Handler<'session.list'> = async (services, input, caller) => {
  const { status, project, limit, cursor } = input;
  if (project !== undefined) requireProject(caller, project);
  await awaitPosition(services, input, caller);
  const page = await services.store.sessions({ filter: { status, project }, limit, cursor, projects: caller.projects ?? undefined });
  return { items: page.items.map(tellSummary), total: page.total ?? page.items.length, nextCursor: page.next };
};
