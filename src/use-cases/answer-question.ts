import { mutate } from './mutate.ts';
import type { Handler } from './services.ts';

export const answerQuestion: Handler<'task.answer'> = (services, input, caller) =>
  mutate(services, 'task.answer', input, caller, ({ at, by }) => ({ type: 'ANSWER', answer: input.answer, at, by }));
