import type { SessionId, TaskId } from '../ids.ts';
import type { Task } from '../protocol/task.ts';

export interface ViewFilter {
  readonly project?: string | undefined;
  readonly rootId?: TaskId | undefined;
  readonly sessionId?: SessionId | undefined;
}

export interface ViewOptions<F extends keyof Task> {
  readonly filter?: ViewFilter | undefined;
  /** Members of the task that the rows have. */
  readonly fields: readonly F[];
  /** How long the service may hold events back to send them together: 0 to 50 ms. Default 50. */
  readonly batchMs?: number | undefined;
  /** Rows that are held at most: the tasks that were changed last. Default 20,000. */
  readonly limit?: number | undefined;
}

export interface ViewChange {
  readonly changed: ReadonlySet<TaskId>;
  readonly gone: ReadonlySet<TaskId>;
}
