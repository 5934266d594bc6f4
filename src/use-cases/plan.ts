import { flatten } from '../machines/breakdown.ts';
import { namesOf, orderOf } from '../machines/plan.ts';
import { tellDone } from './answer.ts';
import { make } from './making.ts';
import type { Handler } from './services.ts';
import { isTaskId } from '../ids.ts';

const mutable = (order: readonly (readonly `t_${string}`[])[]) => order.map((level) => [...level]);

export const plan: Handler<'task.plan'> = async (services, input, caller) => {
  const { topId, idFor, reviewIdFor, done } = await make(services, 'task.plan', input, caller);
  const told = tellDone(services, topId, done);
  if (!done.repeated) return { ...told, tasks: { ...done.value.names }, order: mutable(done.value.order) };
  // Sent again: the names follow from the request, the order from what the tasks are now.
  const names = namesOf(flatten({ top: input, topId, parent: null, idFor, reviewIdFor }));
  const records = await services.store.load(Object.values(names));
  const tasks = [...records].flatMap(([id, { snapshot }]) => (isTaskId(id) ? [{ id, context: snapshot.context }] : []));
  return { ...told, tasks: { ...names }, order: mutable(orderOf(tasks, topId)) };
};
