import * as z from 'zod';
import type { TroupeError } from '../../../errors.ts';
import { methods } from '../../../protocol/methods.ts';
import type { Output } from '../../../protocol/methods.ts';
import { artifactTypes, project, specialistKey, tag } from '../../../protocol/values.ts';
import { mutation, proof, sessionId, target, taskId, worker } from '../arguments.ts';
import { linksTo, referenceOf, uris } from '../links.ts';
import { nextSteps } from '../next-steps.ts';
import { requireLease, tool } from '../tool.ts';
import type { Found } from '../tool.ts';
import { now } from '../views.ts';
import { inToolWords } from '../words.ts';

/** Tools of the one who does the work: claim, report, end. */

const { shape: completion } = methods['task.complete'].input;
const { shape: reported } = methods['task.progress'].input;
const leaseSeconds = z
  .int()
  .min(1)
  .max(365 * 86_400)
  .optional()
  .describe('how long the lease lasts without a report; by default as long as the specialist usually needs');

/** Leaves room in an answer for what is around the context. */
const contextBytes = 4_608;

const execution = z.object({
  status: z.string(),
  task_id: z.string(),
  task_title: z.string(),
  task_description: z.string(),
  lease_id: z.string(),
  lease_expires_at: z.string(),
  attempt: z.int(),
  acceptance_criteria: z.array(z.string()),
  specialist_type: z.string(),
  specialist_context: z.object({ role: z.string(), text: z.string(), resource: z.string() }),
  specialist_prompts: z.array(z.string()),
  execution_instructions: z.array(z.string()),
  dependencies_completed: z.boolean(),
  dependencies: z.array(z.object({ task_id: z.string(), title: z.string(), status: z.string(), summary: z.string().nullable() })),
  estimated_effort: z.string().nullable(),
  next_steps: z.array(z.string()),
});

/** The answer is a handle by which the client follows the task until it has ended. */
const asTask = { as_task: z.boolean().default(false).describe('answers an MCP task that ends with the work') };

/** What a worker gets. The context holds the description already, so that is given in short. */
function tellExecution(
  { task, lease, specialist, instructions, dependencies }: Output<'task.execute'>,
  isFollowed: boolean,
): Found<z.input<typeof execution>> {
  return {
    data: {
      status: 'ready_for_execution',
      task_id: task.id,
      task_title: task.title,
      task_description:
        task.description.length > 300 ? `${task.description.slice(0, 300).toWellFormed()}… (whole in the context)` : task.description,
      lease_id: lease.id,
      lease_expires_at: lease.expiresAt,
      attempt: task.attempt,
      acceptance_criteria: [...task.acceptance],
      specialist_type: specialist.type,
      specialist_context: { role: specialist.name, text: inToolWords(specialist.context), resource: uris.context(task.id) },
      specialist_prompts: [...specialist.prompts],
      execution_instructions: instructions.map(inToolWords),
      dependencies_completed: task.dependsOn.every(({ status, mandatory, waived }) => status === 'satisfied' || waived || !mandatory),
      dependencies: dependencies.map(({ taskId: id, title, status, summary }) => ({ task_id: id, title, status, summary })),
      estimated_effort: task.estimatedEffort,
      next_steps: nextSteps(task),
    },
    links: linksTo(dependencies.flatMap(({ artifacts }) => [...artifacts])),
    ...(isFollowed && { follow: task.id }),
  };
}

export const executeTask = tool({
  name: 'orchestrator_execute_task',
  title: 'Execute a task',
  description: "Claims a task and answers with its lease, the specialist's context and instructions. Then do the work and complete it.",
  core: true,
  effect: 'adds',
  input: z.strictObject({ ...target, lease_seconds: leaseSeconds, ...asTask, ...worker, ...mutation }),
  output: execution,
  async run({ backend, signal, client }, { task_id: id, lease_seconds: seconds, as_task: isFollowed, command_id: commandId }) {
    if (isFollowed) client.requireTasks();
    const input = { taskId: id, commandId, contextBytes, leaseMs: seconds === undefined ? undefined : seconds * 1_000 };
    return tellExecution(await backend.call('task.execute', input, { signal }), isFollowed);
  },
});

/** Longer than a claim of the protocol waits at once. */
const waitAtOnceMs = 20_000;

export const claimTask = tool({
  name: 'orchestrator_claim_task',
  title: 'Claim the next task',
  description:
    'Finds the best ready task and executes it in one step, so that two workers never take the same one. With wait_ms it waits for one.',
  core: true,
  effect: 'adds',
  input: z.strictObject({
    specialist_type: z.array(specialistKey).min(1).optional(),
    parent_task_id: taskId.optional(),
    project: project.optional(),
    session_id: sessionId.optional(),
    tags: z.array(tag).min(1).optional(),
    wait_ms: z.int().min(0).max(300_000).default(0),
    lease_seconds: leaseSeconds,
    ...asTask,
    ...worker,
    ...mutation,
  }),
  output: execution,
  async run({ backend, signal, progress, client }, args) {
    if (args.as_task) client.requireTasks();
    const filter = {
      specialist: args.specialist_type,
      parentId: args.parent_task_id,
      project: args.project,
      sessionId: args.session_id,
      tags: args.tags,
    };
    const leaseMs = args.lease_seconds === undefined ? undefined : args.lease_seconds * 1_000;
    let left = args.wait_ms;
    // The first look does not wait, so that a client hears at once that the call will.
    for (let waitMs = 0; ; waitMs = Math.min(left, waitAtOnceMs)) {
      const input = { filter, leaseMs, contextBytes, commandId: args.command_id, waitMs };
      try {
        return tellExecution(await backend.call('task.claim', input, { signal }), args.as_task);
      } catch (error) {
        left -= waitMs;
        if (left <= 0 || !isNothingReady(error)) throw error;
        progress('no task that fits is ready yet');
      }
    }
  },
});

const isNothingReady = (error: unknown): error is TroupeError =>
  error instanceof Error && 'reason' in error && error.reason === 'NOTHING_READY';

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
        attempts_left: Math.max(0, task.maxAttempts - task.failures),
        not_before: task.notBefore,
        next_steps: nextSteps(task),
      },
    };
  },
});
