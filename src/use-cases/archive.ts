import type { Conversation } from '../actors/conversation.ts';
import { TroupeError } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import { classOf } from '../machines/readings.ts';
import { tellDone } from './answer.ts';
import { converse } from './mutate.ts';
import type { Handler } from './services.ts';

/** The task and everything below it that is not archived yet; CHILDREN_UNFINISHED names what is still open below. */
export function closedSubtree(talk: Conversation, taskId: TaskId): readonly TaskId[] {
  const below = talk.descendants(taskId);
  const open = below.find((id) => classOf(talk.state(id).value) === 'open');
  if (open !== undefined)
    throw new TroupeError('CHILDREN_UNFINISHED', `cannot archive: ${open}, below it, is open`, {
      taskId: open,
      from: talk.state(open).value,
    });
  return [taskId, ...below];
}

/** Archives a finished task with its whole subtree; answers what was not archived before. */
export function archiveSubtree(talk: Conversation, taskId: TaskId): readonly TaskId[] {
  const archived = closedSubtree(talk, taskId).filter((id) => id === taskId || talk.state(id).value !== 'archived');
  for (const id of archived) talk.send(id, { type: 'ARCHIVE', at: talk.at, by: talk.by });
  return archived;
}

export const archive: Handler<'task.archive'> = async (services, input, caller) => {
  const done = await converse(services, 'task.archive', input, caller, (talk) => archiveSubtree(talk, input.taskId));
  return { ...tellDone(services, input.taskId, done), archived: done.repeated ? [] : [...done.value] };
};
