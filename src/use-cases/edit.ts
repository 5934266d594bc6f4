import { requireRole } from './execution.ts';
import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const edit: Handler<'task.edit'> = (services, input, caller) =>
  mutate(services, 'task.edit', input, caller, (stamp) => {
    if (input.set.specialist !== undefined) requireRole(services.roles, input.set.specialist, 'set.specialist');
    return { type: 'EDIT', set: input.set, ...stamp };
  });
