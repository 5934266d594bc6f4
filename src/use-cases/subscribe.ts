import { TroupeError } from '../errors.ts';
import { readSession, readTask, requireProject } from './access.ts';
import type { Handler } from './services.ts';

export const subscribe: Handler<'events.subscribe'> = async (services, { since, filter, batchMs }, caller) => {
  if (caller.stream === undefined) throw new TroupeError('METHOD_NOT_FOUND', 'events flow over the WebSocket only');
  if (filter.project !== undefined) requireProject(caller, filter.project);
  for (const id of [filter.taskId, filter.rootId]) if (id !== undefined) await readTask(services, id, caller);
  if (filter.sessionId !== undefined) await readSession(services, filter.sessionId, caller);
  return caller.stream.subscribe({ since, filter, batchMs });
};
