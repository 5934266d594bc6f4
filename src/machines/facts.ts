import type { TaskId } from '../ids.ts';
import type { TaskContext } from './context.ts';
import type { Message } from './events.ts';
import type { StatusClass } from './readings.ts';

/** What a task tells others while it moves. Only a change of class is anybody else's business. */

/** To the parent and to everyone who waits, once each. */
export function classFacts(
  id: TaskId,
  context: TaskContext,
  from: StatusClass,
  to: StatusClass,
  at: number,
  by: string,
): readonly Message[] {
  const { parentId, type } = context.spec;
  const { direct, inherited } = context.dependents;
  const messages: Message[] = [];
  if (parentId !== null) messages.push({ to: parentId, event: { type: 'CHILD_CHANGED', id, from, to, at, by } });
  if (direct.length + inherited.length > 0) {
    const artifactTypes = [...new Set(context.artifacts.map((artifact) => artifact.type))];
    for (const dependent of new Set([...direct, ...inherited]))
      messages.push({ to: dependent, event: { type: 'DEPENDENCY_CHANGED', id, state: to, taskType: type, artifactTypes, at, by } });
  }
  return messages;
}

/** To those that the task waited for: it does no longer. */
export function leaveFacts(id: TaskId, context: TaskContext, at: number, by: string): readonly Message[] {
  const messages: Message[] = [];
  const leave = (to: TaskId, direct: boolean) =>
    messages.push({ to, event: { type: 'DEPENDENT_CHANGED', ids: [id], on: false, direct, at, by } });
  for (const target of new Set(context.dependsOn.filter((entry) => entry.direct).map((entry) => entry.id))) leave(target, true);
  for (const target of new Set(context.dependsOn.filter((entry) => entry.via.length > 0).map((entry) => entry.id))) leave(target, false);
  return messages;
}
