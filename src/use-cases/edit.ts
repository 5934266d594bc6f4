import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const edit: Handler<'task.edit'> = (services, input, caller) =>
  mutate(services, 'task.edit', input, caller, (stamp) => ({ type: 'EDIT', set: input.set, ...stamp }));
