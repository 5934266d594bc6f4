import * as z from 'zod';
import { TroupeError } from '../../../errors.ts';
import type { Output } from '../../../protocol/methods.ts';
import { mutation, target, work, worker, workFilter } from '../arguments.ts';
import { linksTo, uris } from '../links.ts';
import { tool } from '../tool.ts';
import type { Found } from '../tool.ts';
import { inToolWords } from '../words.ts';

/** Tools that take work: by its id, or the best that is ready. */

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
      next_steps: [
        `do the work, report with orchestrator_report_progress, end it with orchestrator_complete_task, each with task_id ${task.id} and lease_id ${lease.id}`,
      ],
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
    ...work,
    wait_ms: z.int().min(0).max(300_000).default(0),
    lease_seconds: leaseSeconds,
    ...asTask,
    ...worker,
    ...mutation,
  }),
  output: execution,
  async run({ backend, signal, progress, client }, args) {
    if (args.as_task) client.requireTasks();
    const filter = workFilter(args);
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

const isNothingReady = (error: unknown): boolean => error instanceof TroupeError && error.reason === 'NOTHING_READY';
