import { TroupeError } from '../errors.ts';
import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const progress: Handler<'task.progress'> = async (services, input, caller) => {
  const { lease, value, total, message } = input;
  const told = await mutate(services, 'task.progress', input, caller, ({ at, by }) => ({
    type: 'PROGRESS',
    lease,
    value,
    total,
    message,
    at,
    by,
  }));
  // Only a command that is sent again, after the attempt has ended, finds no lease.
  if (told.task.lease === null)
    throw new TroupeError('STALE_LEASE', 'the lease that this command renewed is over', { taskId: input.taskId });
  return { ...told, lease: told.task.lease };
};
