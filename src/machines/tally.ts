import { statuses } from '../protocol/values.ts';
import type { Status } from '../protocol/values.ts';

export const isStatus = (value: unknown): value is Status => statuses.some((status) => status === value);

/** What an event of a task says of its status. */
export interface Change {
  readonly type: unknown;
  readonly from?: unknown;
  readonly status?: unknown;
}

/** Carries counts of tasks by status over so many events of a task; back over them, if less than none. */
export function tally(tasks: Record<Status, number>, { type, from, status }: Change, events: number): void {
  if (isStatus(from)) tasks[from] -= events;
  if (isStatus(status) && (isStatus(from) || type === 'task.created')) tasks[status] += events;
}
