import * as z from 'zod';
import type { Task } from '../../../protocol/task.ts';
import { complexities, dependencyKinds, limits, priority, specialistKey, statusInput, tag, text, title } from '../../../protocol/values.ts';
import type { Status } from '../../../protocol/values.ts';
import { context, effort, mutation, target, taskId, time, worker } from '../arguments.ts';
import { ArgumentError } from '../argument-error.ts';
import type { Backend } from '../backend.ts';
import { nextSteps } from '../next-steps.ts';
import { changed, tellChanged } from '../changed.ts';
import { tool } from '../tool.ts';
import { now, row, rowOfTask } from '../views.ts';

/** Tools that change what a task is or where it stands. */

interface Move {
  readonly id: `t_${string}`;
  readonly commandId: string | undefined;
  readonly signal: AbortSignal | undefined;
}

const refuseStatus = (status: Status, name: string): never => {
  throw ArgumentError.at('status', `a task is not set to ${status}; call ${name}`, `call ${name}`);
};

/** Back to the list, from wherever the task is. */
async function toPending(backend: Backend, { id, commandId, signal }: Move): Promise<Task> {
  const { task } = await backend.call('task.get', { taskId: id }, { signal });
  if (task.status === 'blocked') return (await backend.call('task.unblock', { taskId: id, commandId }, { signal })).task;
  if (task.status === 'failed') return (await backend.call('task.retry', { taskId: id, commandId }, { signal })).task;
  // A task that was moved by the same command before is pending by now: the command finds that out.
  if (task.status === 'pending' && commandId === undefined) return task;
  return (await backend.call('task.reopen', { taskId: id, commandId, reason: 'set to pending' }, { signal })).task;
}

/** A status as the event that leads to it. */
const moves: Readonly<Record<Status, (backend: Backend, move: Move) => Promise<Task>>> = {
  pending: toPending,
  in_progress: async (backend, { id, commandId, signal }) =>
    (await backend.call('task.execute', { taskId: id, commandId }, { signal })).task,
  blocked: async (backend, { id, commandId, signal }) =>
    (await backend.call('task.block', { taskId: id, commandId, reason: 'set to blocked' }, { signal })).task,
  cancelled: async (backend, { id, commandId, signal }) => (await backend.call('task.cancel', { taskId: id, commandId }, { signal })).task,
  archived: async (backend, { id, commandId, signal }) => (await backend.call('task.archive', { taskId: id, commandId }, { signal })).task,
  completed: async () => refuseStatus('completed', 'orchestrator_complete_task'),
  failed: async () => refuseStatus('failed', 'orchestrator_fail_task'),
};

const edits = {
  title: title.optional(),
  description: text(limits.descriptionBytes).optional(),
  specialist_type: specialistKey.optional(),
  complexity: z.enum(complexities).optional(),
  estimated_effort: effort.optional(),
  due_date: time.optional(),
  context: context.optional(),
  priority: priority.optional(),
  tags: z.array(tag).max(limits.tags).optional(),
  acceptance_criteria: z.array(text(2_000).min(1)).max(limits.acceptance).optional(),
};

export const updateTask = tool({
  name: 'orchestrator_update_task',
  title: 'Change a task',
  description:
    'Changes what an open task was given, or, alone, its status: pending brings blocked, failed and ended tasks back; completed and failed have tools of their own.',
  core: true,
  effect: 'adds',
  input: z.strictObject({ ...target, ...edits, status: statusInput.optional(), ...worker, ...mutation }),
  output: z.object({
    status: z.string(),
    message: z.string(),
    data: z.object({
      task_id: z.string(),
      updated_task: row.extend({ changes_applied: z.array(z.string()) }),
      next_steps: z.array(z.string()),
    }),
    timestamp: z.string(),
  }),
  async run({ backend, signal }, args) {
    const applied = Object.keys(edits).filter((name) => Object.entries(args).some(([key, value]) => key === name && value !== undefined));
    const task = await update();
    return {
      data: {
        status: 'success',
        message: args.status === undefined ? `${applied.length} members changed` : `the task is ${task.status} now`,
        data: {
          task_id: task.id,
          updated_task: { ...rowOfTask(task), changes_applied: args.status === undefined ? applied : ['status'] },
          next_steps: nextSteps(task),
        },
        timestamp: now(),
      },
    };

    async function update(): Promise<Task> {
      const { task_id: id, status, command_id: commandId } = args;
      if (status !== undefined && applied.length > 0)
        throw ArgumentError.at('status', 'is a command of its own: call once for it and once for the other members');
      if (status !== undefined) return moves[status](backend, { id, commandId, signal });
      const set = {
        title: args.title,
        description: args.description,
        specialist: args.specialist_type,
        complexity: args.complexity,
        estimatedEffort: args.estimated_effort,
        dueAt: args.due_date,
        context: args.context,
        priority: args.priority,
        tags: args.tags,
        acceptance: args.acceptance_criteria,
      };
      const given = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined));
      return (await backend.call('task.edit', { taskId: id, set: given, commandId }, { signal })).task;
    }
  },
});

export const cancelTask = tool({
  name: 'orchestrator_cancel_task',
  title: 'Cancel a task',
  description: 'Cancels a task; its work is kept. With subtree everything open below it, too.',
  effect: 'ends',
  input: z.strictObject({
    ...target,
    reason: text(2_000).optional(),
    preserve_work: z.boolean().default(true).describe('work is always kept; false is refused'),
    subtree: z.boolean().default(false),
    ...mutation,
  }),
  output: z.object({
    status: z.string(),
    message: z.string(),
    task_id: z.string(),
    cancellation_result: z.object({
      success: z.boolean(),
      previous_status: z.string(),
      reason: z.string().nullable(),
      work_preserved: z.boolean(),
      artifact_count: z.int(),
      dependent_tasks_updated: z.array(z.string()),
      cancelled_at: z.string(),
    }),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, { task_id: id, reason, preserve_work: keep, subtree, command_id: commandId }) {
    if (!keep) {
      throw ArgumentError.at(
        'preserve_work',
        'work is never thrown away by a cancellation',
        'cancel it, then erase it with orchestrator_delete_task and archive_instead false',
      );
    }
    const before = await backend.call('task.get', { taskId: id }, { signal });
    const { task, cancelled } = await backend.call('task.cancel', { taskId: id, reason, subtree, commandId }, { signal });
    return {
      data: {
        status: 'cancelled',
        message: `${Math.max(1, cancelled.length)} tasks are cancelled`,
        task_id: id,
        cancellation_result: {
          success: true,
          previous_status: before.task.status,
          reason: reason ?? null,
          work_preserved: true,
          artifact_count: task.artifacts.length,
          dependent_tasks_updated: cancelled.filter((other) => other !== id),
          cancelled_at: task.completedAt ?? now(),
        },
        next_steps: [
          ...(task.dependents > 0 ? [`${task.dependents} tasks depend on it: orchestrator_update_dependencies waives that`] : []),
          ...nextSteps(task),
        ],
      },
    };
  },
});

export const deleteTask = tool({
  name: 'orchestrator_delete_task',
  title: 'Archive or delete a task',
  description:
    'Archives a finished task with all below it; with archive_instead false it erases the content, which cannot be undone. force cancels what is open first.',
  effect: 'ends',
  input: z.strictObject({ ...target, force: z.boolean().default(false), archive_instead: z.boolean().default(true), ...mutation }),
  output: z.object({
    status: z.string(),
    data: z.object({
      task_id: z.string(),
      action_taken: z.string(),
      deletion_result: z.object({
        success: z.boolean(),
        action: z.string(),
        force_applied: z.boolean(),
        archive_mode: z.boolean(),
        dependent_tasks: z.array(z.string()),
      }),
      next_steps: z.array(z.string()),
    }),
  }),
  async run({ backend, signal }, { task_id: id, force, archive_instead: archive, command_id: commandId }) {
    const gone = archive ? await archived() : (await backend.call('task.delete', { taskId: id, force, commandId }, { signal })).deleted;
    const action = archive ? 'archived' : 'deleted';
    return {
      data: {
        status: 'success',
        data: {
          task_id: id,
          action_taken: action,
          deletion_result: {
            success: true,
            action,
            force_applied: force,
            archive_mode: archive,
            dependent_tasks: gone.filter((other) => other !== id),
          },
          next_steps: ['find other work with orchestrator_next_task'],
        },
      },
    };

    async function archived(): Promise<readonly string[]> {
      const { task } = await backend.call('task.get', { taskId: id }, { signal });
      const isOpen = task.status === 'pending' || task.status === 'in_progress' || task.status === 'blocked';
      // Two commands, so each has an id of its own; sent again, the first finds itself.
      if (force && isOpen)
        await backend.call('task.cancel', { taskId: id, subtree: true, commandId: commandId && `${commandId}:cancel` }, { signal });
      return (await backend.call('task.archive', { taskId: id, commandId }, { signal })).archived;
    }
  },
});

export const addNote = tool({
  name: 'orchestrator_add_note',
  title: 'Leave a note',
  description: 'Leaves a note for whoever works on the task next.',
  core: true,
  effect: 'adds',
  input: z.strictObject({ ...target, text: text(limits.textBytes).min(1), ...mutation }),
  output: changed,
  async run({ backend, signal }, { task_id: id, text: note, command_id: commandId }) {
    const { task } = await backend.call('task.note', { taskId: id, text: note, commandId }, { signal });
    return tellChanged(task, 'noted');
  },
});

export const updateDependencies = tool({
  name: 'orchestrator_update_dependencies',
  title: 'Change what a task waits for',
  description: 'Adds, removes or waives one dependency. A circle is refused with its path.',
  effect: 'adds',
  input: z.strictObject({
    ...target,
    action: z.enum(['add', 'remove', 'waive']),
    depends_on: taskId,
    kind: z.enum(dependencyKinds).optional(),
    mandatory: z.boolean().optional(),
    reason: text(2_000).optional(),
    ...mutation,
  }),
  output: changed.extend({ depends_on: z.array(z.object({ task_id: z.string(), status: z.string(), waived: z.boolean() })) }),
  async run({ backend, signal }, { task_id: id, action, depends_on: other, kind, mandatory, reason, command_id: commandId }) {
    const { task } =
      action === 'add'
        ? await backend.call('dependency.add', { taskId: id, dependsOn: { task: other, kind, mandatory }, commandId }, { signal })
        : await backend.call(`dependency.${action}`, { taskId: id, dependsOn: other, reason, commandId }, { signal });
    const told = tellChanged(task, 'changed');
    return {
      data: { ...told.data, depends_on: task.dependsOn.map(({ taskId: on, status, waived }) => ({ task_id: on, status, waived })) },
    };
  },
});
