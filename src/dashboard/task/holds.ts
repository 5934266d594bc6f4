import type { Task } from '../../protocol/task.ts';

/** Why a task that is to be worked on can't be started now. */
export interface Hold {
  readonly what: string;
  /** The task that it waits for. */
  readonly taskId: string | null;
}

/** @param now in milliseconds since 1970 */
export function holdsOf(task: Pick<Task, 'status' | 'ready' | 'dependsOn' | 'children' | 'notBefore' | 'sessionId'>, now: number): Hold[] {
  if (task.status !== 'pending' || task.ready) return [];
  const holds: Hold[] = task.dependsOn
    .filter(({ mandatory, waived, status, kind }) => mandatory && !waived && status !== 'satisfied' && kind !== 'related' && kind !== 'blocks')
    .map(({ taskId, status }) => ({ what: status === 'failed' ? 'what it waits for failed' : 'waits for', taskId }));
  if (task.children.open > 0) holds.push({ what: `${task.children.open} of its children are open`, taskId: null });
  if (task.notBefore !== null && Date.parse(task.notBefore) > now) holds.push({ what: 'pauses after a failed attempt', taskId: null });
  if (holds.length === 0 && task.sessionId !== null) holds.push({ what: 'its session is paused', taskId: null });
  return holds;
}
