import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const reopen: Handler<'task.reopen'> = (services, input, caller) =>
  mutate(services, 'task.reopen', input, caller, (stamp) => ({ type: 'REOPEN', reason: input.reason, ...stamp }));
