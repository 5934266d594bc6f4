import type { CallToolResult } from '@modelcontextprotocol/server';
import type { TroupeError } from '../../errors.ts';
import type { Backend } from './backend.ts';
import { snake } from './arguments.ts';
import { inToolWords } from './words.ts';

/** The tool that sends each event of the machine; the key may be followed by a dot and the next action. */
const toolOfEvent: Readonly<Record<string, string>> = {
  START: 'orchestrator_execute_task',
  PROGRESS: 'orchestrator_report_progress',
  COMPLETE: 'orchestrator_complete_task',
  FAIL: 'orchestrator_fail_task',
  BLOCK: 'orchestrator_ask_question',
  ANSWER: 'orchestrator_answer_question',
  UNBLOCK: 'orchestrator_update_task with status pending',
  RETRY: 'orchestrator_update_task with status pending',
  REOPEN: 'orchestrator_update_task with status pending',
  ARCHIVE: 'orchestrator_update_task with status archived',
  CANCEL: 'orchestrator_cancel_task',
  EDIT: 'orchestrator_update_task',
  NOTE: 'orchestrator_add_note',
};

const toolsFor = (events: readonly string[]): string[] => [
  ...new Set(events.flatMap((event) => toolOfEvent[event.split('.', 1)[0] ?? ''] ?? [])),
];

/** The tasks that changed last: what somebody with a wrong id most likely means. */
async function recentTasks(backend: Backend): Promise<string[]> {
  try {
    const { items } = await backend.call('task.list', { sort: '-updated', limit: 3 });
    return items.map(({ id, title, status }) => `${id} (${status}: ${(title ?? '').slice(0, 60).toWellFormed()})`);
  } catch {
    return [];
  }
}

/** The arguments by which a task is named. */
const namesTask = /^(?:task_id|parent_task_id|target_task_id)$/;

/**
 * A refusal as the answer of a tool (MCP, tools: errors of execution): the reason of the catalogue, where the fault is, what is
 * allowed now and by which tool, and how to go on. Agents read it and mend their call.
 */
export async function refusalResult(error: TroupeError, backend: Backend): Promise<CallToolResult> {
  const { reason, message, retryable } = error;
  const { issues, allowed, nearby, ...details } = error.details;
  const mended = issues?.map(({ path, message: what }) => ({ argument: argumentOf(path), message: what }));
  const first = mended?.[0];
  const isLost = reason === 'TASK_NOT_FOUND' || mended?.some(({ argument }) => namesTask.test(argument)) === true;
  const near = nearby ?? (isLost ? await recentTasks(backend) : undefined);
  const told = {
    error: {
      reason,
      message: first === undefined ? inToolWords(message) : `${first.argument}: ${first.message}`,
      fix:
        reason === 'INVALID_PARAMS'
          ? error.fix.replace('members that `issues` names', 'arguments that `arguments` names')
          : inToolWords(error.fix),
      retryable,
      ...(mended !== undefined && { arguments: mended }),
      ...(allowed !== undefined && { allowed, allowed_tools: toolsFor(allowed) }),
      ...(near !== undefined && near.length > 0 && { nearby: near }),
      ...Object.fromEntries(Object.entries(details).map(([key, value]) => [snake(key), value])),
    },
  };
  return { isError: true, content: [{ type: 'text', text: JSON.stringify(told) }] };
}

/** A place inside the arguments, in their names. */
const argumentOf = (path: string): string => (path === '' ? 'arguments' : snake(path).replace(/^set\./, ''));
