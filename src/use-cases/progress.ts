import { TroupeError } from '../errors.ts';
import { nameOf } from './access.ts';
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
  const { lease: held } = told.task;
  // Only a command that is sent again, after the attempt has ended, finds no lease, or another worker's.
  if (held === null || (lease === undefined ? held.holder !== nameOf(caller) : held.id !== lease))
    throw new TroupeError('STALE_LEASE', 'the lease that this command renewed is over', { taskId: input.taskId });
  return { ...told, lease: held };
};
