import { isTaskId } from '../ids.ts';
import type { TaskId } from '../ids.ts';
import { orderOf } from '../machines/plan.ts';
import type { Input, Output } from '../protocol/methods.ts';
import { instantiate, originOf } from '../templates/instantiate.ts';
import { rehearse } from '../templates/rehearse.ts';
import { tellDone } from './answer.ts';
import { make, madeBefore } from './making.ts';
import type { Made } from './making.ts';
import type { Handler, Services } from './services.ts';
import { requireStored, wholeStored } from './template-shelf.ts';

const method = 'template.instantiate';
type Answer = Output<typeof method>;

/** A preview, or all tasks in one unit by the way that `task.plan` goes. */
export const instantiateTemplate: Handler<typeof method> = async (services, input, caller) => {
  const { commandId, id, category, parameters, createTasks, parentId, project } = input;
  // What the caller sent is what the same command must be sent with, whatever becomes of the template meanwhile.
  const sent = { id, category, parameters, parentId, project };
  const before = createTasks ? await madeBefore(services, method, commandId, sent, caller) : null;
  if (before !== null) return tellBefore(services, before, input);
  const stored = await requireStored(services, id, category);
  const template = await wholeStored(services, stored);
  const instance = instantiate(template, parameters, { id, category: stored.category });
  const told = {
    template: { id, category: stored.category, version: template.metadata.version },
    parameters: { ...instance.parameters },
    plan: { ...instance.input },
  };
  const preview = { ...told, order: rehearse(instance.plan), created: 0, task: null, tasks: {}, position: services.log.head };
  if (!createTasks) return preview;
  const made = await make(services, method, { ...instance.plan, commandId, parentId, project }, caller, sent);
  if (made.done.repeated) return tellBefore(services, made, input);
  const { names } = made.done.value;
  return {
    ...told,
    order: preview.order,
    created: Object.keys(names).length + 1,
    tasks: { ...names },
    ...tellDone(services, made.topId, made.done),
  };
};

/** The tasks as they are now, by the keys that the top task was made with. */
async function tellBefore(services: Services, made: Made, { id, category = 'builtin', parameters }: Input<typeof method>): Promise<Answer> {
  const { topId, idFor, reviewIdFor } = made;
  const told = tellDone(services, topId, made.done);
  const origin = originOf(told.task.context);
  const keys = new Map<TaskId, string>();
  for (const key of origin?.tasks ?? []) keys.set(idFor(key), key).set(reviewIdFor(idFor(key)), `${key}:review`);
  const records = await services.store.load([...keys.keys()]);
  const tasks = [...keys].flatMap(([task]) => {
    const record = records.get(task);
    return record === undefined ? [] : [{ id: task, context: record.snapshot.context }];
  });
  const keyOf = (task: string): string => (isTaskId(task) ? keys.get(task) : undefined) ?? task;
  return {
    template: { id: origin?.id ?? id, category: origin?.category ?? category, version: origin?.version ?? '' },
    parameters: { ...(origin?.parameters ?? parameters) },
    plan: null,
    order: orderOf(tasks, topId).map((level) => level.map(keyOf)),
    created: tasks.length + 1,
    tasks: Object.fromEntries(tasks.map((task) => [keyOf(task.id), task.id])),
    ...told,
  };
}
