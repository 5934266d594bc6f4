import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const unblock: Handler<'task.unblock'> = (services, input, caller) =>
  mutate(services, 'task.unblock', input, caller, ({ at, by }) => ({ type: 'UNBLOCK', note: input.note ?? null, at, by }));
