import * as z from 'zod';
import { TroupeError } from '../../../errors.ts';
import { ArgumentError } from '../argument-error.ts';
import { artifactId, taskId } from '../arguments.ts';
import { linksTo, referenceOf, uris } from '../links.ts';
import { tool } from '../tool.ts';

/** Tools that read what was worked out. */

/** A page of text that fits into an answer with what is around it, escapes included. */
const pageBytes = 6_000;

export const getArtifact = tool({
  name: 'orchestrator_get_artifact',
  title: 'Read an artifact',
  description:
    'A page of the detailed work that a task stored; go on with next_offset. With task_id alone, the newest artifact of the task.',
  core: true,
  effect: 'reads',
  input: z.strictObject({
    artifact_id: artifactId.optional(),
    task_id: taskId.optional(),
    offset: z.int().min(0).default(0),
    limit: z.int().min(4).max(pageBytes).default(pageBytes),
  }),
  output: z.object({
    status: z.string(),
    artifact: z.object({ id: z.string(), type: z.string(), name: z.string(), path: z.string(), size: z.int() }),
    content: z.string(),
    offset: z.int(),
    next_offset: z.int().nullable(),
    others: z.array(z.string()),
  }),
  async run({ backend, signal }, { artifact_id: given, task_id: task, offset, limit }) {
    const ofTask = task === undefined ? [] : (await backend.call('artifact.list', { taskId: task }, { signal })).items;
    const id = given ?? ofTask.at(-1)?.id;
    if (id === undefined) {
      if (task !== undefined)
        throw new TroupeError('ARTIFACT_NOT_FOUND', `task ${task} has no artifact`, { fix: 'complete the task with detailed_work first' });
      throw ArgumentError.at('artifact_id', 'is missing', 'give artifact_id or task_id');
    }
    const page = await backend.call('artifact.get', { artifactId: id, offset, limit }, { signal });
    return {
      data: {
        status: 'success',
        artifact: referenceOf(page.artifact),
        content: page.content,
        offset: page.offset,
        next_offset: page.nextOffset,
        others: ofTask.filter((ref) => ref.id !== id).map((ref) => ref.id),
      },
      links: linksTo([page.artifact]),
    };
  },
});

export const synthesizeResults = tool({
  name: 'orchestrator_synthesize_results',
  title: 'Combine results',
  description: "What a parent's subtasks came to: outcomes, artifacts, figures, what failed.",
  effect: 'reads',
  input: z.strictObject({ parent_task_id: taskId }),
  output: z.object({
    status: z.string(),
    message: z.string(),
    parent_task_id: z.string(),
    parent_task_title: z.string(),
    synthesis_results: z.object({
      artifacts_collected: z.array(z.object({ id: z.string(), type: z.string(), name: z.string(), path: z.string(), size: z.int() })),
      key_outcomes: z.array(z.object({ subtask_id: z.string(), title: z.string(), outcome: z.string() })),
      metrics: z.object({ total_subtasks: z.int(), completed_count: z.int(), failed_count: z.int(), success_rate: z.number().nullable() }),
      timeline: z.object({ started: z.string().nullable(), completed: z.string().nullable(), duration_minutes: z.number().nullable() }),
    }),
    failed_subtasks_summary: z.array(z.object({ subtask_id: z.string(), title: z.string(), error: z.string() })),
    recommendations: z.array(z.string()),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, { parent_task_id: id }) {
    const { task, finished, outcomes, artifacts, failed, metrics, timeline } = await backend.call(
      'task.synthesize',
      { taskId: id },
      { signal },
    );
    return {
      data: {
        status: 'results_synthesized',
        message: finished ? `all ${metrics.total} subtasks have ended` : `${metrics.open} of ${metrics.total} subtasks are open`,
        parent_task_id: id,
        parent_task_title: task.title,
        synthesis_results: {
          artifacts_collected: artifacts.map(referenceOf),
          key_outcomes: outcomes.map(({ taskId: subtask, title, status, summary }) => ({
            subtask_id: subtask,
            title,
            outcome: summary ?? status,
          })),
          metrics: {
            total_subtasks: metrics.total,
            completed_count: metrics.completed,
            failed_count: metrics.failed,
            success_rate: metrics.successRate,
          },
          timeline: {
            started: timeline.startedAt,
            completed: timeline.completedAt,
            duration_minutes: timeline.durationMs === null ? null : timeline.durationMs / 60_000,
          },
        },
        failed_subtasks_summary: failed.map(({ taskId: subtask, title, status, error }) => ({
          subtask_id: subtask,
          title,
          error: error ?? status,
        })),
        recommendations: [
          ...failed.map(({ taskId: subtask, status }) => `${subtask} is ${status}: try again, or go on without it and say so`),
          ...(finished && task.status === 'pending' ? ['combine the results: the parent is ready'] : []),
        ],
        next_steps: finished
          ? [`read the whole work at ${uris.plan(id)} and with orchestrator_get_artifact`]
          : ['orchestrator_next_task finds what to do first'],
      },
      links: linksTo(artifacts),
    };
  },
});
