import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const note: Handler<'task.note'> = (services, input, caller) =>
  mutate(services, 'task.note', input, caller, (stamp) => ({ type: 'NOTE', text: input.text, ...stamp }));
