import { TroupeError } from '../errors.ts';
import { readSession, readTask, requireProject } from './access.ts';
import type { Handler } from './services.ts';

/** For how long a node waits to see what another one has shown. */
const aheadMs = 2_000;

export const subscribe: Handler<'events.subscribe'> = async (services, { since, filter, batchMs }, caller) => {
  if (caller.stream === undefined) throw new TroupeError('METHOD_NOT_FOUND', 'events flow over the WebSocket only');
  if (filter.project !== undefined) requireProject(caller, filter.project);
  for (const id of [filter.taskId, filter.rootId]) if (id !== undefined) await readTask(services, id, caller);
  if (filter.sessionId !== undefined) await readSession(services, filter.sessionId, caller);
  const { store, log } = services;
  // Whoever comes from another node may have seen more there; else it would have to list for the sake of a moment.
  if (since !== undefined && !store.ordered && store.precedes(log.head, since)) await log.waitFor(since, aheadMs).catch(() => undefined);
  return caller.stream.subscribe({ since, filter, batchMs });
};
