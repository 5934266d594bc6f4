import type { CallToolResult } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Task } from '../../protocol/task.ts';
import { limits, statuses } from '../../protocol/values.ts';
import type { Status } from '../../protocol/values.ts';
import type { Backend } from './backend.ts';
import { linksTo, referenceOf } from './links.ts';
import { nextSteps } from './next-steps.ts';
import { toolAnswer } from './tool-answer.ts';

/** What became of a task, for those who were not there. */

/** What a task's events say that the task itself does not. */
export interface Story {
  /** The revision with which it was blocked last. */
  readonly blockedRev: number | null;
  /** Why it failed. */
  readonly error: string | null;
  /** Why it was cancelled. */
  readonly reason: string | null;
  readonly archivedFrom: Status | null;
}

/** Of a task that goes on. */
export const untold: Story = { blockedRev: null, error: null, reason: null, archivedFrom: null };

/** More events than a task has in practice; the story of a longer one misses its end. */
const maxPages = 50;

const told = z.looseObject({
  type: z.string(),
  rev: z.int(),
  data: z.looseObject({ from: z.enum(statuses), error: z.string(), reason: z.string().nullable() }).partial(),
});

/** Reads the events from the first to the newest; the newest of each kind counts. */
export async function storyOf(backend: Backend, taskId: Task['id']): Promise<Story> {
  const story: { -readonly [member in keyof Story]: Story[member] } = { ...untold };
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { items, nextCursor } = await backend.call('task.history', { taskId, limit: limits.pageItems, cursor });
    for (const item of items) {
      const { type, rev, data } = told.parse(item);
      if (type === 'task.blocked') story.blockedRev = rev;
      // A lease that ran out for the last time has no words of its own.
      if (type === 'task.failed') story.error = data.error ?? 'the last lease ran out';
      if (type === 'task.cancelled') story.reason = data.reason ?? null;
      if ((type === 'task.archived' || type === 'task.deleted') && data.from !== undefined) story.archivedFrom = data.from;
    }
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return story;
}

/** The result of a task that ended, as the tool that executed it would have answered had it waited. */
export function outcomeOf(task: Task, isError: boolean, { error }: Story): CallToolResult {
  const outcome = {
    status: isError ? 'failed' : 'completed',
    task_id: task.id,
    task_title: task.title,
    attempt: task.attempt,
    summary: task.result?.summary ?? null,
    ...(isError && { error }),
    artifact_count: task.artifacts.length,
    artifact_references: task.artifacts.slice(-10).map(referenceOf),
    file_paths: [...(task.result?.filePaths ?? [])],
    next_steps: nextSteps(task),
  };
  return { ...toolAnswer(outcome, linksTo(task.artifacts)), isError };
}
