import * as z from 'zod';
import type { Task, TaskSummary } from '../../protocol/task.ts';

/** How tasks look in answers: few members, in the names of the tools. */

export const row = z.object({
  task_id: z.string(),
  title: z.string(),
  status: z.string(),
  ready: z.boolean(),
  task_type: z.string(),
  specialist_type: z.string(),
  priority: z.int(),
  parent_task_id: z.string().nullable(),
  updated_at: z.string(),
});

type Row = z.input<typeof row>;

export const rowOf = ({ id, title, status, ready, type, specialist, priority, parentId, updatedAt }: TaskSummary): Row => ({
  task_id: id,
  title,
  status,
  ready,
  task_type: type,
  specialist_type: specialist,
  priority,
  parent_task_id: parentId,
  updated_at: updatedAt,
});

/** The row of a whole task. */
export const rowOfTask = (task: Task): Row => rowOf(task);

export const now = (): string => new Date().toISOString();
