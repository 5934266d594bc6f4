import { laneOf } from '../lanes.ts';
import { lengthText, timeText } from './times.ts';
import type { Task } from '../../protocol/task.ts';

/** How a task stands, in the words of its page. Times are milliseconds since 1970. */

/** Why a task that is to be worked on can't be started now. */
export interface Hold {
  readonly what: string;
  /** The task that it waits for. */
  readonly taskId: string | null;
}

export const statusText = (status: string): string => status.replaceAll('_', ' ');

export function holdsOf(task: Pick<Task, 'status' | 'ready' | 'dependsOn' | 'children' | 'notBefore' | 'sessionId'>, now: number): Hold[] {
  if (task.status !== 'pending' || task.ready) return [];
  const holds: Hold[] = task.dependsOn
    .filter(
      ({ mandatory, waived, status, kind }) => mandatory && !waived && status !== 'satisfied' && kind !== 'related' && kind !== 'blocks',
    )
    .map(({ taskId, status }) => ({ what: status === 'failed' ? 'what it waits for failed:' : 'waits for', taskId }));
  const { open } = task.children;
  if (open > 0) holds.push({ what: open === 1 ? 'one of its children is open' : `${open} of its children are open`, taskId: null });
  if (task.notBefore !== null && Date.parse(task.notBefore) > now)
    holds.push({ what: `pauses after a failed attempt and goes on in ${lengthText(Date.parse(task.notBefore) - now)}`, taskId: null });
  if (holds.length === 0 && task.sessionId !== null) holds.push({ what: 'its session is paused', taskId: null });
  return holds;
}

/** @param isOwn whether the lease is of who looks */
export function leaseText({ lease }: Pick<Task, 'lease'>, isOwn: boolean, now: number): string | null {
  if (lease === null) return null;
  const until = Date.parse(lease.expiresAt);
  const left = until > now ? `in ${lengthText(until - now)}` : 'now';
  const who = isOwn ? 'You hold it' : `${lease.holder} holds it`;
  return `${who} until ${timeText(until, now)} (${left})${isOwn ? '' : '; only the holder can report, complete or fail it'}.`;
}

/** What stands below the title. */
export function factsOf(task: Task): string[] {
  return [
    task.specialist,
    `${task.type}, ${statusText(task.complexity)}`,
    `priority ${task.priority}`,
    ...(task.attempt === 0
      ? []
      : [`attempt ${task.attempt}${task.failures === 0 ? '' : `, ${task.failures} of ${task.maxAttempts} failed`}`]),
    ...(task.revision > 1 ? [`revision ${task.revision}`] : []),
  ];
}

export const isLate = (task: Task, now: number): boolean => task.dueAt !== null && Date.parse(task.dueAt) < now && laneOf(task) !== 'done';

/** What else is known of a task, by its name. */
export function detailsOfTask(task: Task, now: number): (readonly [string, string])[] {
  const all: readonly (readonly [string, string | null])[] = [
    ['Due', task.dueAt === null ? null : timeText(Date.parse(task.dueAt), now)],
    ['Effort', task.estimatedEffort],
    ['Reviewed by', task.review],
    ['Its children', task.rollUp === 'auto' ? 'complete it by themselves' : null],
    ['Project', task.project],
    ['Session', task.sessionId],
    ['Elsewhere', task.externalId],
    ['Made', `${timeText(Date.parse(task.createdAt), now)} by ${task.createdBy}`],
  ];
  return all.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
