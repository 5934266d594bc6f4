import { ready } from './ready.ts';
import type { Handler } from './services.ts';

export const next: Handler<'task.next'> = async (services, input, caller) => {
  const { items } = await ready(services, { ...input, limit: 1 }, caller);
  const [task] = items;
  if (task === undefined) return { task: null, reason: 'nothing is ready: everything is done, under way, or waits' };
  return { task, reason: `ready, and first by priority (${task.priority}), then by age and place in its plan` };
};
