import type { Conversation } from '../actors/conversation.ts';
import { openStatuses } from '../machines/readings.ts';
import { TroupeError } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import { tellDone } from './answer.ts';
import { converse } from './mutate.ts';
import type { Handler } from './services.ts';

/** Cancels the task and, with `subtree`, what is open or failed below it; answers those that it cancelled. */
export function cancelTree(
  talk: Conversation,
  taskId: TaskId,
  { reason, subtree, ifRev }: { readonly reason: string | null; readonly subtree: boolean; readonly ifRev?: number | undefined },
): TaskId[] {
  // From the top down, so that no parent is opened or rolled up by a child on the way.
  talk.send(taskId, { type: 'CANCEL', reason, subtree, at: talk.at, by: talk.by, ifRev, rev: talk.rev(taskId) });
  const cancelled = [taskId];
  for (const id of subtree ? talk.descendants(taskId) : []) {
    const { value } = talk.state(id);
    if (value !== 'failed' && !openStatuses.includes(value)) continue;
    talk.send(id, { type: 'CANCEL', reason, subtree, at: talk.at, by: talk.by });
    cancelled.push(id);
  }
  for (const id of cancelled)
    if (talk.state(id).context.children.open > 0)
      throw new TroupeError('CHILDREN_UNFINISHED', `cannot cancel: ${id} has an open child that was not cancelled`, { taskId: id });
  return cancelled;
}

export const cancel: Handler<'task.cancel'> = async (services, input, caller) => {
  const { taskId, subtree, ifRev, reason = null } = input;
  const done = await converse(services, 'task.cancel', input, caller, (talk) => cancelTree(talk, taskId, { reason, subtree, ifRev }));
  return { ...tellDone(services, taskId, done), cancelled: done.repeated ? [] : done.value };
};
