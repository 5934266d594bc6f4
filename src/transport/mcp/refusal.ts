import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Reason, TroupeError } from '../../errors.ts';
import { fixOf } from '../../fixes.ts';
import { ArgumentError } from './argument-error.ts';
import type { Backend } from './backend.ts';
import { inSnake, snake } from './arguments.ts';
import { tellFault } from './faults.ts';
import { asJson, fit } from './fit.ts';
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
  DEPENDENCY_ADD: 'orchestrator_update_dependencies',
  DEPENDENCY_REMOVE: 'orchestrator_update_dependencies',
  DEPENDENCY_WAIVE: 'orchestrator_update_dependencies',
};

/** The same for the machine of sessions. */
const toolOfSessionEvent: Readonly<Record<string, string>> = {
  PAUSE: 'orchestrator_pause_session',
  RESUME: 'orchestrator_resume_session',
  COMPLETE: 'orchestrator_complete_session',
  ARCHIVE: 'orchestrator_cleanup_sessions',
};

const toolsFor = (events: readonly string[], tools: Readonly<Record<string, string>>): string[] => [
  ...new Set(events.flatMap((event) => tools[event.split('.', 1)[0] ?? ''] ?? [])),
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

/** The same for sessions. */
async function recentSessions(backend: Backend): Promise<string[]> {
  try {
    const { items } = await backend.call('session.list', { limit: 3 });
    return items.map(({ id, title, status }) => `${id} (${status}: ${title.slice(0, 60).toWellFormed()})`);
  } catch {
    return [];
  }
}

/** The arguments by which a task is named. */
const namesTask = /^(?:task_id|parent_task_id|target_task_id)$/;

/** What there is instead of what was named and is not there. */
async function nearbyFor(reason: Reason, named: readonly string[], backend: Backend): Promise<string[] | undefined> {
  if (reason === 'SESSION_NOT_FOUND' || named.includes('session_id')) return recentSessions(backend);
  if (reason === 'TASK_NOT_FOUND' || named.some((argument) => namesTask.test(argument))) return recentTasks(backend);
  return undefined;
}

/**
 * A refusal as the answer of a tool (MCP, tools: errors of execution): the reason of the catalogue, where the fault is, what is
 * allowed now and by which tool, and how to go on. Agents read it and mend their call.
 */
export async function refusalResult(error: TroupeError, backend: Backend): Promise<CallToolResult> {
  const { reason, message, retryable } = error;
  const { issues, allowed, nearby, ...details } = error.details;
  // A template is right or wrong by itself: its faults are in its text, whichever argument brought it.
  const inText = reason === 'TEMPLATE_INVALID';
  const mended = inText
    ? undefined
    : issues?.map(({ path, message: what }) => ({ argument: error instanceof ArgumentError ? path : argumentOf(path), message: what }));
  const first = mended?.[0];
  const near = nearby ?? (await nearbyFor(reason, mended?.map(({ argument }) => argument) ?? [], backend));
  const isOfSession = details.taskId === undefined && details.sessionId !== undefined;
  const told = {
    error: {
      reason,
      message: first === undefined ? inToolWords(message) : `${first.argument}: ${first.message}`,
      fix:
        reason === 'INVALID_PARAMS'
          ? fixOf(error).replace('members that `issues` names', 'arguments that `arguments` names')
          : (fixFor(error) ?? inToolWords(fixOf(error))),
      retryable,
      ...(mended !== undefined && { arguments: mended }),
      ...(inText && issues !== undefined && { issues: issues.map(tellFault) }),
      ...(allowed !== undefined && { allowed, allowed_tools: toolsFor(allowed, isOfSession ? toolOfSessionEvent : toolOfEvent) }),
      ...(near !== undefined && near.length > 0 && { nearby: near }),
      ...Object.fromEntries(Object.entries(details).map(([key, value]) => [snake(key), inSnake(value)])),
    },
  };
  return { isError: true, content: [{ type: 'text', text: JSON.stringify(fit(asJson(told))) }] };
}

/** Where an agent must be told something else than whoever speaks the protocol. */
function fixFor({ reason, details: { from, event } }: TroupeError): string | undefined {
  if (reason === 'STALE_LEASE')
    return 'give the lease_id of your own execution; when another worker holds the task, take other work with orchestrator_claim_task';
  if (reason !== 'INVALID_TRANSITION') return undefined;
  if (event === 'START' && from === 'in_progress')
    return 'another worker holds it until its lease ends (orchestrator_get_task shows when): take other work with orchestrator_claim_task';
  return event === 'ANSWER' ? 'it has no open question' : undefined;
}

/** Members that are arguments under another name. */
const renamed: Readonly<Record<string, string>> = {
  id: 'template_id',
  content: 'template_content',
  dueAt: 'due_date',
  type: 'task_type',
  specialist: 'specialist_type',
  acceptance: 'acceptance_criteria',
  parentId: 'parent_task_id',
  tasks: 'subtasks',
  'filter.text': 'search_text',
  'error.message': 'error',
};

/** A place inside the arguments, in their names; the parameters of a template are named by the template. */
function argumentOf(path: string): string {
  const within = path.replace(/^(?:set|filter)\.(?!text$)/, '');
  if (within === '' || within === 'set') return 'arguments';
  if (within.startsWith('parameters.')) return within;
  if (renamed[within] !== undefined) return renamed[within];
  if (within.startsWith('dependsOn')) return within.replace('dependsOn', 'dependencies');
  return within
    .split('.')
    .map((step) => step.replace(/^\w+/, (name) => renamed[name] ?? snake(name)))
    .join('.');
}
