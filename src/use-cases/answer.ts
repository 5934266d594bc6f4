import type { Done } from '../actors/system.ts';
import type { TaskId } from '../ids.ts';
import { wireOf } from '../machines/readings.ts';
import { allowedEvents } from '../machines/refusal.ts';
import type { TaskState } from '../machines/context.ts';
import type { TaskRecord } from '../persistence/store.ts';
import type { Task } from '../protocol/task.ts';
import type { Services } from './services.ts';

/** How a task, and the result of a command, are told to the caller. */

export function tellTask({ store, paused }: Services, id: TaskId, rev: number, state: TaskState): Task {
  return wireOf(id, rev, state, allowedEvents(state, store.now()), paused.holds(state));
}

export function tellRecord(services: Services, id: TaskId, record: TaskRecord): Task {
  return tellTask(services, id, record.rev, record.snapshot);
}

/** The task as the command left it, or, when the command was sent twice, as it is now. */
export function tellDone(services: Services, id: TaskId, done: Done<unknown>): { task: Task; position: string; repeated?: true } {
  if (done.repeated) return { task: tellRecord(services, id, done.record), position: services.log.head, repeated: true };
  const part = done.parts.get(id);
  if (part === undefined || done.position === null) throw new Error(`${id} was addressed by a command that left it alone`);
  return { task: tellTask(services, id, part.rev, part.state), position: done.position };
}
