import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const block: Handler<'task.block'> = (services, input, caller) =>
  mutate(services, 'task.block', input, caller, ({ at, by }) => ({
    type: 'BLOCK',
    reason: input.reason ?? null,
    question: input.question ?? null,
    at,
    by,
  }));
