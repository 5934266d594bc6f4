import { tellDone } from './answer.ts';
import { make } from './making.ts';
import type { Handler } from './services.ts';

export const create: Handler<'task.create'> = async (services, input, caller) => {
  const { topId, done } = await make(services, 'task.create', input, caller);
  return tellDone(services, topId, done);
};
