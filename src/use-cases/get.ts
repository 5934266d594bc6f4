import { awaitPosition, readTask } from './access.ts';
import { tellRecord } from './answer.ts';
import type { Handler } from './services.ts';

export const get: Handler<'task.get'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  return { task: tellRecord(services, input.taskId, await readTask(services, input.taskId, caller)) };
};
