import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const fail: Handler<'task.fail'> = (services, input, caller) =>
  mutate(services, 'task.fail', input, caller, ({ at, by }) => ({ type: 'FAIL', lease: input.lease, ...input.error, at, by }));
