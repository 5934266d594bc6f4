import * as z from 'zod';
import * as v from '../values.ts';
import { artifactRef, childCounts, lease, sorts, task, taskSummary } from '../task.ts';
import { readyFilter, taskFilter } from './given.ts';
import { contextBytes, event, execution, paging, read, rows, target } from './row.ts';

/** Methods that read tasks. */
export const readings = rows({
  'task.get': {
    scope: 'read',
    summary: 'One task, whole.',
    input: z.strictObject({ ...read, ...target }),
    output: z.object({ task }),
  },
  'task.context': {
    scope: 'read',
    summary: 'Reads the context of a task again, without claiming it.',
    input: z.strictObject({ ...read, ...target, contextBytes }),
    output: execution.omit({ lease: true, repeated: true }).extend({ lease: lease.nullable() }),
  },
  'task.list': {
    scope: 'read',
    summary: 'Tasks by filter, in a stated order, page by page. With `fields`, members of the whole task instead of the summary.',
    input: z.strictObject({
      ...read,
      filter: taskFilter.default({}),
      sort: z.enum(sorts).default('created'),
      ...paging,
      fields: z.array(task.keyof()).min(1).max(50).optional(),
      /** Counts all matches; it looks at every task that the filter can mean. */
      count: z.boolean().default(false),
    }),
    /** Without `fields`, the members of a summary; `total` when it was asked for with `count`. */
    output: z.object({
      items: z.array(task.partial().extend({ id: v.taskId })),
      nextCursor: z.string().nullable(),
      total: z.int().optional(),
    }),
  },
  'task.ready': {
    scope: 'read',
    summary: 'The tasks that can be executed now, best first.',
    input: z.strictObject({
      ...read,
      filter: readyFilter.default({}),
      ...paging,
    }),
    output: z.object({ items: z.array(taskSummary), nextCursor: z.string().nullable() }),
  },
  'task.next': {
    scope: 'read',
    summary: 'The one task that should be executed next, or null.',
    input: z.strictObject({
      ...read,
      filter: readyFilter.default({}),
    }),
    output: z.object({ task: taskSummary.nullable(), reason: z.string() }),
  },
  'task.history': {
    scope: 'read',
    summary: 'The events of one task, oldest first.',
    input: z.strictObject({ ...read, ...target, ...paging }),
    output: z.object({ items: z.array(event), nextCursor: z.string().nullable() }),
  },
  'task.synthesize': {
    scope: 'read',
    summary: "The digest of a parent's children: outcomes, artifacts, figures, what failed.",
    input: z.strictObject({ ...read, ...target, ...paging }),
    output: z.object({
      task: taskSummary,
      finished: z.boolean(),
      /** Of the children of this page, in their order; with their artifacts, the newest of each. */
      outcomes: z.array(
        z.object({
          taskId: v.taskId,
          title: z.string(),
          status: z.string(),
          summary: z.string().nullable(),
          /** How many it has; `artifact.list` has those that are not here. */
          artifacts: z.int(),
        }),
      ),
      artifacts: z.array(artifactRef),
      /** Of all children, at most as many as the page is long. */
      failed: z.array(z.object({ taskId: v.taskId, title: z.string(), status: z.string(), error: z.string().nullable() })),
      metrics: z.object({
        total: z.int(),
        completed: z.int(),
        failed: z.int(),
        cancelled: z.int(),
        open: z.int(),
        successRate: z.number().nullable(),
        artifacts: z.int(),
        artifactBytes: z.int(),
        attempts: z.int(),
      }),
      timeline: z.object({ startedAt: z.string().nullable(), completedAt: z.string().nullable(), durationMs: z.int().nullable() }),
      children: childCounts,
      nextCursor: z.string().nullable(),
    }),
  },
});
