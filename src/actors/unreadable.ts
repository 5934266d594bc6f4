import { TroupeError } from '../errors.ts';
import { isTaskId } from '../ids.ts';
import type { ActorId } from '../ids.ts';

/** The refusal of whoever asks for an actor of which no record can be read. */
export function unreadableActor(id: ActorId, problem?: string): TroupeError {
  const why = problem === undefined ? '' : ` (${problem})`;
  return isTaskId(id)
    ? new TroupeError('UNREADABLE', `the record of task ${id} can't be read${why}`, { taskId: id })
    : new TroupeError('UNREADABLE', `the record of session ${id} can't be read${why}`, { sessionId: id });
}
