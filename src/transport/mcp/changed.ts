import * as z from 'zod';
import type { Task } from '../../protocol/task.ts';
import { nextSteps } from './next-steps.ts';

/** How a changed task is told. */

export const changed = z.object({
  status: z.string(),
  message: z.string(),
  task_id: z.string(),
  task_status: z.string(),
  next_steps: z.array(z.string()),
});

export const tellChanged = (task: Task, message: string) => ({
  data: { status: 'success', message, task_id: task.id, task_status: task.status, next_steps: nextSteps(task) },
});
