import * as z from 'zod';
import * as v from '../values.ts';
import { artifactRef, lease, task } from '../task.ts';
import { editable, giveable, plannedTask, readyFilter } from './given.ts';
import { contextBytes, execution, ifRev, leaseMs, leaseProof, line, mutated, mutation, position, rows, target } from './row.ts';

/** Methods that change tasks. */
export const commands = rows({
  'task.plan': {
    scope: 'write',
    summary: 'Makes a task and, with `tasks`, a whole breakdown with dependencies: all of it or nothing.',
    input: z.strictObject({
      ...mutation,
      ...giveable,
      parentId: v.taskId.optional(),
      project: v.project.optional(),
      /** Of a tree of its own; what is below a parent is in its root's session. */
      sessionId: v.sessionId.optional(),
      tasks: z.array(plannedTask).default([]),
    }),
    output: z.object({
      task,
      /** The id of every task of the breakdown by its `ref`, or by its place ("0", "0.2") without one. */
      tasks: z.record(z.string(), v.taskId),
      /** Levels of execution: everything in one level can run at the same time. */
      order: z.array(z.array(v.taskId)),
      position,
      repeated: z.boolean().optional(),
    }),
  },
  'task.create': {
    scope: 'write',
    summary: 'Makes one task, at the root or below a parent.',
    input: z.strictObject({
      ...mutation,
      ...giveable,
      parentId: v.taskId.optional(),
      project: v.project.optional(),
      /** Of a tree of its own; what is below a parent is in its root's session. */
      sessionId: v.sessionId.optional(),
    }),
    output: mutated,
  },
  'task.claim': {
    scope: 'write',
    summary: 'Finds the next ready task and executes it in one step; waits up to `waitMs` for one.',
    input: z.strictObject({
      ...mutation,
      filter: readyFilter.default({}),
      leaseMs,
      contextBytes,
      waitMs: z.int().min(0).max(30_000).default(0),
    }),
    output: execution,
  },
  'task.execute': {
    scope: 'write',
    summary: "Claims a task: a new lease, the specialist's context and instructions.",
    input: z.strictObject({ ...mutation, ...target, leaseMs, contextBytes }),
    output: execution,
  },
  'task.progress': {
    scope: 'write',
    summary: 'Reports progress and renews the lease. The value never decreases.',
    input: z.strictObject({
      ...mutation,
      ...target,
      ...leaseProof,
      value: z.number().min(0).max(1e15).optional(),
      total: z.number().min(0).max(1e15).optional(),
      message: v.text(2_000).optional(),
    }),
    output: mutated.extend({ lease }),
  },
  'task.complete': {
    scope: 'write',
    summary: 'Stores the work as artifacts and moves the task, its parent and its dependents, in one unit.',
    input: z.strictObject({
      ...mutation,
      ...target,
      ...leaseProof,
      summary: v.text(v.limits.summaryBytes),
      detailedWork: v.text(8 * 1024 * 1024).optional(),
      artifactType: z.enum(v.artifactTypes).default('general'),
      artifactName: line(255).min(1).optional(),
      artifacts: z
        .array(z.strictObject({ artifactId: v.artifactId }))
        .max(100)
        .default([]),
      filePaths: z.array(line(1_024).min(1)).max(v.limits.filePaths).default([]),
      acceptance: z
        .array(z.strictObject({ met: z.boolean(), note: v.text(2_000).optional() }))
        .max(v.limits.acceptance)
        .default([]),
      nextAction: z.enum(['complete', 'continue', 'needs_revision', 'blocked']).default('complete'),
      /** What the next worker must know (needs_revision), or why it is blocked. */
      feedback: v.text(v.limits.textBytes).optional(),
    }),
    output: mutated.extend({
      artifacts: z.array(artifactRef),
      ready: z.array(v.taskId),
      parent: z.object({ taskId: v.taskId, open: z.int(), total: z.int() }).nullable(),
    }),
  },
  'task.fail': {
    scope: 'write',
    summary: 'Ends the attempt: back to pending after a pause, or failed when no attempt is left or the error is not retryable.',
    input: z.strictObject({
      ...mutation,
      ...target,
      ...leaseProof,
      error: z.strictObject({ message: v.text(v.limits.textBytes).min(1), retryable: z.boolean().default(true) }),
    }),
    output: mutated,
  },
  'task.block': {
    scope: 'write',
    summary: 'Stops a task with a reason, or with a question for a person.',
    input: z
      .strictObject({
        ...mutation,
        ...target,
        reason: v.text(v.limits.textBytes).min(1).optional(),
        question: v.text(v.limits.textBytes).min(1).optional(),
      })
      .refine((input) => input.reason !== undefined || input.question !== undefined, { error: 'give a reason or a question' }),
    output: mutated,
  },
  'task.answer': {
    scope: 'write',
    summary: 'Answers the question of a blocked task; the answer is in the next context.',
    input: z.strictObject({ ...mutation, ...target, answer: v.text(v.limits.textBytes).min(1) }),
    output: mutated,
  },
  'task.unblock': {
    scope: 'write',
    summary: 'Lets a blocked task go on.',
    input: z.strictObject({ ...mutation, ...target, note: v.text(v.limits.textBytes).optional() }),
    output: mutated,
  },
  'task.cancel': {
    scope: 'write',
    summary: 'Cancels a task, with `subtree` everything open below it too. Its work is kept.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, reason: v.text(2_000).optional(), subtree: z.boolean().default(false) }),
    output: mutated.extend({ cancelled: z.array(v.taskId) }),
  },
  'task.retry': {
    scope: 'write',
    summary: 'Gives a failed task its attempts back.',
    input: z.strictObject({ ...mutation, ...target }),
    output: mutated,
  },
  'task.reopen': {
    scope: 'write',
    summary: 'Opens a completed or cancelled task again.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, reason: v.text(v.limits.textBytes).min(1) }),
    output: mutated,
  },
  'task.edit': {
    scope: 'write',
    summary: 'Changes what an open task was given.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, set: editable }),
    output: mutated,
  },
  'task.note': {
    scope: 'write',
    summary: 'Leaves a note for the next worker.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, text: v.text(v.limits.textBytes).min(1) }),
    output: mutated,
  },
  'task.archive': {
    scope: 'write',
    summary: 'Archives a finished task with its whole subtree.',
    input: z.strictObject({ ...mutation, ...target }),
    output: mutated.extend({ archived: z.array(v.taskId) }),
  },
  'task.delete': {
    scope: 'admin',
    summary: 'Archives a subtree and erases its content; `force` cancels what is open first.',
    input: z.strictObject({ ...mutation, ...target, force: z.boolean().default(false) }),
    output: mutated.extend({ deleted: z.array(v.taskId) }),
  },
});
