import { classOf } from '../machines/readings.ts';
import { tellDone } from './answer.ts';
import { closedSubtree } from './archive.ts';
import { converse } from './mutate.ts';
import type { Handler } from './services.ts';

export const deleteTask: Handler<'task.delete'> = async (services, input, caller) => {
  const done = await converse(services, 'task.delete', input, caller, (talk) => {
    const stamp = { at: talk.at, by: talk.by };
    if (input.force)
      for (const id of [input.taskId, ...talk.descendants(input.taskId)])
        if (classOf(talk.state(id).value) === 'open') talk.send(id, { type: 'CANCEL', reason: 'deleted', subtree: true, ...stamp });
    const deleted = closedSubtree(talk, input.taskId);
    for (const id of deleted) talk.send(id, { type: 'DELETE', ...stamp });
    return deleted;
  });
  return { ...tellDone(services, input.taskId, done), deleted: done.repeated ? [] : [...done.value] };
};
