import * as z from 'zod';
import { methods } from '../../../protocol/methods.ts';
import { artifactTypes } from '../../../protocol/values.ts';
import { mutation, proof, target } from '../arguments.ts';
import { linksTo, referenceOf } from '../links.ts';
import { nextSteps } from '../next-steps.ts';
import { requireLease, tool } from '../tool.ts';
import { now } from '../views.ts';

/** Tools of the one who does the work: report, complete, give up. */

const { shape: completion } = methods['task.complete'].input;
const { shape: reported } = methods['task.progress'].input;

export const reportProgress = tool({
  name: 'orchestrator_report_progress',
  title: 'Report progress',
  description: 'Says how far the work is, and renews the lease. The next worker reads the last report if this one dies.',
  core: true,
  effect: 'adds',
  input: z.strictObject({
    ...target,
    message: reported.message,
    progress: reported.value,
    total: reported.total,
    ...proof,
    ...mutation,
  }),
  output: z.object({
    status: z.string(),
    task_id: z.string(),
    lease_id: z.string(),
    lease_expires_at: z.string(),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, { task_id: id, message, progress, total, lease_id: lease, command_id: commandId }) {
    requireLease(backend, lease);
    const done = await backend.call('task.progress', { taskId: id, message, value: progress, total, lease, commandId }, { signal });
    return {
      data: {
        status: 'success',
        task_id: id,
        lease_id: done.lease.id,
        lease_expires_at: done.lease.expiresAt,
        next_steps: nextSteps(done.task),
      },
    };
  },
});

export const completeTask = tool({
  name: 'orchestrator_complete_task',
  title: 'Complete a task',
  description:
    'Stores the work and ends it. next_action: complete = done; continue = save and go on; needs_revision = back to the list with feedback; blocked = stop with a reason in feedback.',
  core: true,
  effect: 'adds',
  input: z.strictObject({
    ...target,
    summary: completion.summary,
    detailed_work: z.string().max(8 * 1024 * 1024),
    next_action: completion.nextAction.unwrap(),
    file_paths: completion.filePaths.unwrap().optional(),
    artifact_type: z.enum(artifactTypes).default('general'),
    artifact_name: completion.artifactName,
    acceptance: completion.acceptance.unwrap().optional().describe('one answer for each acceptance criterion, in order'),
    feedback: completion.feedback,
    legacy_artifacts: z.array(z.string().min(1).max(1_024)).max(100).optional().describe('further file paths'),
    ...proof,
    ...mutation,
  }),
  output: z.object({
    status: z.string(),
    task_id: z.string(),
    message: z.string(),
    summary: z.string(),
    artifact_count: z.int(),
    artifact_references: z.array(z.object({ id: z.string(), type: z.string(), path: z.string(), size: z.int() })),
    next_action: z.string(),
    task_status: z.string(),
    ready: z.array(z.string()),
    completion_time: z.string(),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, args) {
    requireLease(backend, args.lease_id);
    const done = await backend.call(
      'task.complete',
      {
        taskId: args.task_id,
        summary: args.summary,
        detailedWork: args.detailed_work,
        nextAction: args.next_action,
        filePaths: [...(args.file_paths ?? []), ...(args.legacy_artifacts ?? [])],
        artifactType: args.artifact_type,
        artifactName: args.artifact_name,
        acceptance: args.acceptance,
        feedback: args.feedback,
        lease: args.lease_id,
        commandId: args.command_id,
      },
      { signal },
    );
    const { task, artifacts, ready, parent } = done;
    return {
      data: {
        status: 'success',
        task_id: task.id,
        message: `the task is ${task.status} now`,
        summary: args.summary,
        artifact_count: artifacts.length,
        artifact_references: artifacts.map(referenceOf),
        next_action: args.next_action,
        task_status: task.status,
        ready: [...ready],
        completion_time: task.completedAt ?? now(),
        next_steps: [
          ...(ready.length === 0 ? [] : [`${ready.length} tasks became ready: claim one with orchestrator_claim_task`]),
          ...(parent === null ? [] : [`${parent.open} of ${parent.total} tasks of ${parent.taskId} are open`]),
          ...nextSteps(task),
        ],
      },
      links: linksTo(artifacts),
    };
  },
});

export const failTask = tool({
  name: 'orchestrator_fail_task',
  title: 'Give up an attempt',
  description:
    'Ends the attempt with an error: the task is tried again after a pause, or failed when no attempt is left or it is not retryable.',
  core: true,
  effect: 'adds',
  input: z.strictObject({
    ...target,
    error: methods['task.fail'].input.shape.error.shape.message,
    retryable: z.boolean().default(true),
    ...proof,
    ...mutation,
  }),
  output: z.object({
    status: z.string(),
    task_id: z.string(),
    task_status: z.string(),
    attempts_left: z.int(),
    not_before: z.string().nullable(),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, { task_id: id, error, retryable, lease_id: lease, command_id: commandId }) {
    requireLease(backend, lease);
    const { task } = await backend.call('task.fail', { taskId: id, error: { message: error, retryable }, lease, commandId }, { signal });
    return {
      data: {
        status: 'success',
        task_id: id,
        task_status: task.status,
        attempts_left: task.status === 'failed' ? 0 : Math.max(0, task.maxAttempts - task.failures),
        not_before: task.notBefore,
        next_steps: nextSteps(task),
      },
    };
  },
});
