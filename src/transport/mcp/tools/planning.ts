import * as z from 'zod';
import {
  complexities,
  externalId,
  limits,
  priority,
  project,
  specialistKey,
  tag,
  taskTypes,
  text,
  title,
} from '../../../protocol/values.ts';
import type { Output } from '../../../protocol/methods.ts';
import { context, effort, mutation, sessionId, taskId, time } from '../arguments.ts';
import type { Backend, Given } from '../backend.ts';
import { parseLegacy, readBreakdown, subtask } from '../breakdown.ts';
import { minutesOf } from '../effort.ts';
import { nextSteps } from '../next-steps.ts';
import { tool } from '../tool.ts';
import { now } from '../views.ts';

type Planned = NonNullable<Given<'task.plan'>['tasks']>[number];

const shown = 20;

/** Level by level, the longest estimate of each; null when nothing was estimated. */
function durationOf(order: readonly (readonly string[])[], minutes: ReadonlyMap<string, number>): number | null {
  if (minutes.size === 0) return null;
  return order.reduce((sum, level) => sum + Math.max(0, ...level.map((id) => minutes.get(id) ?? 0)), 0);
}

function* flat(tasks: readonly Planned[]): Iterable<Planned> {
  for (const task of tasks) {
    yield task;
    yield* flat(task.tasks ?? []);
  }
}

export const planTask = tool({
  name: 'orchestrator_plan_task',
  title: 'Plan a task',
  description: 'Makes a task and, with subtasks, a whole breakdown with dependencies: all of it or nothing.',
  core: true,
  effect: 'adds',
  input: z.strictObject({
    title,
    description: text(limits.descriptionBytes),
    task_type: z.enum(taskTypes).default('standard'),
    parent_task_id: taskId.optional(),
    complexity: z.enum(complexities).default('moderate'),
    specialist_type: specialistKey
      .optional()
      .describe(
        'architect, implementer, coder, debugger, tester, reviewer, documenter, researcher, analyst, coordinator, optimizer, devops, generic, or a role of the project',
      ),
    estimated_effort: effort.optional(),
    due_date: time.optional().describe('RFC 3339'),
    context: context.optional(),
    dependencies: z.array(taskId).max(limits.dependencies).optional().describe('ids of tasks that must be completed before'),
    priority: priority.optional().describe('10 is first'),
    tags: z.array(tag).max(limits.tags).optional(),
    acceptance_criteria: z.array(text(2_000).min(1)).max(limits.acceptance).optional(),
    review: specialistKey.optional().describe('the specialist who has to approve it'),
    project: project.optional(),
    session_id: sessionId.optional(),
    external_id: externalId.optional(),
    subtasks: z.array(subtask).max(limits.treeTasks).optional(),
    subtasks_json: z.string().max(200_000).optional().describe('older form of subtasks'),
    ...mutation,
  }),
  output: z.object({
    success: z.boolean(),
    operation: z.string(),
    task_id: z.string(),
    title: z.string(),
    description: z.string(),
    status: z.string(),
    task_type: z.string(),
    complexity: z.string(),
    specialist_type: z.string(),
    created_at: z.string(),
    message: z.string(),
    timestamp: z.string(),
    parent_task_id: z.string().nullable(),
    subtasks: z.array(z.object({ task_id: z.string(), title: z.string(), description: z.string(), specialist: z.string() })).optional(),
    execution_order: z.array(z.array(z.string())).optional(),
    estimated_duration_minutes: z.number().nullable().optional(),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, args) {
    const given = {
      title: args.title,
      description: args.description,
      type: args.task_type,
      parentId: args.parent_task_id,
      complexity: args.complexity,
      specialist: args.specialist_type,
      estimatedEffort: args.estimated_effort,
      dueAt: args.due_date,
      context: args.context,
      dependsOn: args.dependencies,
      priority: args.priority,
      tags: args.tags,
      acceptance: args.acceptance_criteria,
      review: args.review,
      project: args.project,
      externalId: args.external_id,
      sessionId: args.session_id,
      commandId: args.command_id,
    };
    const legacy = args.subtasks_json === undefined ? [] : readBreakdown(parseLegacy(args.subtasks_json), 'subtasks_json');
    const tasks = [...readBreakdown(args.subtasks ?? [], 'subtasks'), ...legacy];
    const { task, tasks: ids, order } = await plan(backend, { ...given, tasks }, signal);
    const parts = [...flat(tasks)];
    const idOf = ({ ref }: Planned): string => ids[ref ?? ''] ?? '';
    const minutes = new Map(
      parts.flatMap((part) => (minutesOf(part.estimatedEffort) === null ? [] : [[idOf(part), minutesOf(part.estimatedEffort) ?? 0]])),
    );
    return {
      data: {
        success: true,
        operation: 'create_task',
        task_id: task.id,
        title: task.title,
        description: task.description.slice(0, 300).toWellFormed(),
        status: task.status,
        task_type: task.type,
        complexity: task.complexity,
        specialist_type: task.specialist,
        created_at: task.createdAt,
        message: parts.length === 0 ? 'the task is planned' : `the task is planned with ${parts.length} subtasks`,
        timestamp: now(),
        parent_task_id: parts.length === 0 ? task.parentId : task.id,
        ...(parts.length > 0 && {
          subtasks: parts.slice(0, shown).map((part) => ({
            task_id: idOf(part),
            title: part.title,
            description: (part.description ?? '').slice(0, 80).toWellFormed(),
            specialist: part.specialist ?? 'generic',
          })),
          execution_order: order.map((level) => level.slice(0, shown)),
          estimated_duration_minutes: durationOf(order, minutes),
        }),
        next_steps: parts.length === 0 ? nextSteps(task) : ['claim the first ready one with orchestrator_claim_task'],
      },
    };
  },
});

/** A plan of one task costs the service less as what it is. */
async function plan(
  backend: Backend,
  { tasks = [], ...alone }: Given<'task.plan'>,
  signal: AbortSignal | undefined,
): Promise<Pick<Output<'task.plan'>, 'task' | 'tasks' | 'order'>> {
  if (tasks.length > 0) return backend.call('task.plan', { ...alone, tasks }, { signal });
  const { task } = await backend.call('task.create', alone, { signal });
  return { task, tasks: {}, order: [] };
}
