import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CallToolResult, Server, ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { TroupeError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { Task } from '../../protocol/task.ts';
import { taskId as taskIds } from '../../protocol/values.ts';
import type { Backend } from './backend.ts';
import { abilitiesOf } from './client.ts';
import { answerIn, formFor } from './elicitation.ts';
import { nextSteps } from './next-steps.ts';
import { answering } from './protocol-fault.ts';
import { outcomeOf, storyOf, untold } from './task-outcome.ts';
import type { Story } from './task-outcome.ts';
import { mcpReading } from './task-state.ts';
import type { McpReading } from './task-state.ts';
import type { ToolAnswer } from './tool-answer.ts';

/** Our tasks as MCP tasks, under their own ids (extension io.modelcontextprotocol/tasks, 2026-07-28; SEP-2663). */

const pollIntervalMs = 2_000;
/** Of a message that is shown while a task goes on. */
const messageLength = 500;

interface Followed {
  readonly task: Task;
  readonly story: Story;
  readonly reading: McpReading;
}

async function follow(backend: Backend, taskId: Task['id']): Promise<Followed> {
  const { task } = await backend.call('task.get', { taskId });
  const { status, stage, blocked } = task;
  const isAsked = blocked?.question != null && blocked.answer === null;
  // Most polls find a task at work, which its events add nothing to.
  const hasMore = (status === 'blocked' && isAsked) || status === 'failed' || status === 'cancelled' || status === 'archived';
  const story = hasMore ? await storyOf(backend, taskId) : untold;
  return { task, story, reading: mcpReading({ status, stage, isAsked, archivedFrom: story.archivedFrom }) };
}

function messageOf({ task, story, reading }: Followed): string {
  const { progress, blocked, result } = task;
  if (reading.status === 'completed') return (reading.isError ? story.error : result?.summary) ?? `the task is ${task.status}`;
  if (reading.status === 'cancelled') return story.reason ?? 'the task is cancelled';
  if (task.status === 'blocked') return blocked?.question ?? blocked?.reason ?? 'the task is blocked';
  if (task.status === 'pending') return nextSteps(task)[0] ?? 'the task waits';
  return progress?.message ?? `attempt ${task.attempt} is at work`;
}

const clipped = (text: string): string => (text.length <= messageLength ? text : `${text.slice(0, messageLength - 1).toWellFormed()}…`);

const handleOf = (followed: Followed) => ({
  taskId: followed.task.id,
  status: followed.reading.status,
  statusMessage: clipped(messageOf(followed)),
  createdAt: followed.task.createdAt,
  lastUpdatedAt: followed.task.updatedAt,
  // Nothing is thrown away by age alone.
  ttlMs: null,
  pollIntervalMs,
});

/** A key is one question's for good: no other event of the task has its revision. */
const keyOf = ({ story }: Followed): string => `question-${story.blockedRev ?? 0}`;

function detailsOf(followed: Followed): Record<string, unknown> {
  const { task, story, reading } = followed;
  if (reading.status === 'input_required') return { inputRequests: { [keyOf(followed)]: formFor(task.blocked?.question ?? '') } };
  return reading.status === 'completed' ? { result: outcomeOf(task, reading.isError, story) } : {};
}

/** The answer of a call that was asked for as a task: a handle, with what the worker needs beside it. */
export async function createdTask(backend: Backend, taskId: Task['id'], answer: ToolAnswer): Promise<CallToolResult> {
  const handle = handleOf(await follow(backend, taskId));
  // The SDK knows no result of a tool without content.
  return { resultType: 'task', ...handle, content: [], _meta: { 'troupe/execution': answer.structuredContent } };
}

const addressed = z.looseObject({ taskId: z.string() });
const ended = (error: unknown): void => {
  if (!(error instanceof TroupeError && error.reason === 'INVALID_TRANSITION')) throw error;
};

function idIn(given: string): Task['id'] {
  const parsed = taskIds.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `taskId: ${given.slice(0, 100)} is no id of a task`);
}

type Method = (backend: Backend, taskId: Task['id'], context: ServerContext) => Promise<Record<string, unknown>>;

const methods: Readonly<Record<'tasks/get' | 'tasks/update' | 'tasks/cancel', Method>> = {
  async 'tasks/get'(backend, taskId) {
    const followed = await follow(backend, taskId);
    return { ...handleOf(followed), ...detailsOf(followed) };
  },

  async 'tasks/update'(backend, taskId, { mcpReq }) {
    const followed = await follow(backend, taskId);
    if (followed.reading.status !== 'input_required') return {};
    const key = keyOf(followed);
    const answer = answerIn(mcpReq.inputResponses, key);
    // A form that was declined, or that is of another question, leaves everything as it is. Whoever was first has answered.
    if (answer != null) await backend.call('task.answer', { taskId, answer }).catch(ended);
    return {};
  },

  async 'tasks/cancel'(backend, taskId) {
    const { reading } = await follow(backend, taskId);
    const isOpen = reading.status === 'working' || reading.status === 'input_required';
    if (isOpen) await backend.call('task.cancel', { taskId, subtree: true, reason: 'cancelled by an MCP client' }).catch(ended);
    return {};
  },
};

/** Serves the extension to clients that declare it; nobody else may ask (SEP-2663, protocol errors). */
export function serveTasks(server: Server, backend: Backend, logger: Logger): void {
  for (const [name, method] of Object.entries(methods))
    server.setRequestHandler(name, { params: addressed }, (params, context) =>
      answering(name, logger, () => {
        abilitiesOf(context, 'modern', undefined).requireTasks();
        return method(backend, idIn(params.taskId), context);
      }),
    );
}
