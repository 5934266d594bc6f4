import { awaitPosition, readTask } from './access.ts';
import type { Handler } from './services.ts';

export const history: Handler<'task.history'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  await readTask(services, input.taskId, caller);
  const page = await services.store.history(input.taskId, { limit: input.limit, cursor: input.cursor });
  return { items: page.items.map((event) => ({ ...event })), nextCursor: page.next };
};
