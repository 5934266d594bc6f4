import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const retry: Handler<'task.retry'> = (services, input, caller) =>
  mutate(services, 'task.retry', input, caller, ({ at, by }) => ({ type: 'RETRY', at, by }));
