import { formatTime } from '../clock.ts';
import { awaitPosition, readTask } from './access.ts';
import { renderTask } from './execution.ts';
import type { Handler } from './services.ts';

export const context: Handler<'task.context'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  const position = services.log.head;
  const { rev, snapshot } = await readTask(services, input.taskId, caller);
  const { lease } = snapshot.context;
  const { task, specialist, ...rest } = await renderTask(services, input.taskId, rev, snapshot, input.contextBytes);
  return {
    task,
    lease: lease === null || lease.expired ? null : { id: lease.id, holder: lease.holder, expiresAt: formatTime(lease.expiresAt) },
    specialist,
    ...rest,
    position,
  };
};
