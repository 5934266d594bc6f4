import type { ErrorDetails, Reason, TroupeError } from '../errors.ts';
import { fixes, fixOf } from '../fixes.ts';
import { commandOf, inCommandWords, sessionCommandsOf } from './words.ts';

/** A lease is over by itself; who knows that its worker is gone need not wait. */
const takeBack =
  'troupe show tells who holds it; if nobody does it any more, troupe block with a reason and then troupe unblock take it back';

/** How to go on, for whoever types: where the catalogue's fix speaks of methods and members, the commands that do it. */
const commandFixes: Partial<Record<Reason, string>> = {
  PARSE_ERROR: 'see whether the service and this command are of one version',
  INVALID_REQUEST: 'see whether the service and this command are of one version',
  METHOD_NOT_FOUND: 'see whether the service is older than this command, and restart it',
  INVALID_PARAMS: 'mend what is named',
  UNAUTHENTICATED: 'put a valid token into the variable TROUPE_TOKEN; troupe token add makes one',
  FORBIDDEN: 'use a token with the scope and project; troupe token add makes one',
  TASK_NOT_FOUND: 'find the id with troupe list',
  ARTIFACT_NOT_FOUND: 'find the id with troupe show and the task',
  SESSION_NOT_FOUND: 'find the id with troupe session list',
  SPECIALIST_NOT_FOUND: 'name a role that there is, or add roles/KEY.yaml to the data directory',
  TEMPLATE_NOT_FOUND: 'name one that there is',
  MACHINE_NOT_FOUND: 'name one that troupe diagram knows',
  NOTHING_READY: 'see what waits with troupe list; troupe work waits for work',
  INVALID_TRANSITION: 'see what it takes now with troupe show',
  DEPENDENCIES_UNMET: 'complete or waive what it waits for; troupe show names it',
  ACCEPTANCE_UNANSWERED: 'answer every criterion with --acceptance, or complete with --next needs_revision',
  NOT_DUE: 'wait until its time has come',
  STALE_LEASE: `give the newest lease with --lease, or its worker with --worker; ${takeBack}`,
  SESSION_UNFINISHED: 'finish or cancel its open tasks first; troupe list --session ID names them',
  REV_CONFLICT: 'look at it again with troupe show, and decide on its present state',
  COMMAND_REUSED: 'leave --command-id out, or give a new one',
  TEMPLATE_EXISTS: 'choose another id',
  DEPENDENCY_CYCLE: 'take one of the edges away with troupe undepend',
  POSITION_GONE: 'ask again from the beginning',
  TOO_LARGE: 'give less, or give it as a file with --work',
  TEMPLATE_INVALID: 'mend what is named',
  RATE_LIMITED: 'say it again in a moment',
  CANCELLED: 'say it again, if it is still wanted',
  DRAINING: 'the service stops: say it again in a moment',
  STORE_UNAVAILABLE: 'say it again after a pause; troupe status tells what is wrong',
  UNREACHABLE: 'see whether the service runs with troupe doctor',
  NOT_YET_VISIBLE: 'ask again',
};

/** Told by the link as by the catalogue: it does not know better. */
const isUsual = (error: TroupeError): boolean =>
  error.reason === 'UNREACHABLE' ? error.fix.includes('commandId') || error.fix === '' : fixOf(error) === fixes[error.reason];

/** The fix of an error in the words of the command line. */
export function fixForPeople(error: TroupeError): string {
  const { reason, details } = error;
  const usual = isUsual(error) ? (commandFixes[reason] ?? fixOf(error)) : fixOf(error);
  const fix = byDetails(error) ?? inCommandWords(usual);
  // Whether it took effect is open: with its id it is safe to say it again.
  return details.commandId === undefined ? fix : `${fix}; to say the same again, add --command-id ${details.commandId}`;
}

function byDetails(error: TroupeError): string | null {
  const { reason, details } = error;
  const { blockedBy, path, nearby = [], retryAfterMs, sessionId } = details;
  if (details.guard === 'dependencyGiven')
    return 'troupe show names what it waits for; what it waits for because of a task above it is changed there';
  if (reason === 'INVALID_TRANSITION' && details.allowed !== undefined) return transitionFix(error, details);
  if (reason === 'DEPENDENCIES_UNMET' && blockedBy !== undefined && blockedBy.length > 0)
    return `complete ${blockedBy.map(({ taskId, status }) => `${taskId} (${status})`).join(', ')} first`;
  if (reason === 'DEPENDENCY_CYCLE' && path !== undefined && path.length > 0)
    return `${commandFixes.DEPENDENCY_CYCLE}: ${path.map(({ taskId, waitsAs }) => (waitsAs === 'parent' ? `${taskId} (as a parent)` : taskId)).join(' → ')}`;
  if (reason === 'SPECIALIST_NOT_FOUND' && nearby.length > 0) return `name a role that there is, such as ${nearby.slice(0, 10).join(', ')}`;
  if (reason === 'NOT_DUE' && retryAfterMs !== undefined) return `wait ${Math.ceil(retryAfterMs / 1_000)} s`;
  if (reason === 'SESSION_UNFINISHED' && sessionId !== undefined && details.event === 'COMPLETE')
    return `finish or cancel its open tasks first; troupe list --session ${sessionId} names them`;
  return null;
}

function transitionFix(error: TroupeError, details: ErrorDetails): string {
  const { taskId, allowed = [] } = details;
  const commands = taskId === undefined ? sessionCommandsOf(allowed) : allowed.map(commandOf);
  const now = commands.length === 0 ? [] : [`what it takes now: ${commands.join(', ')}`];
  return [...firstStep(error, details), ...now].join('; ') || 'see what it takes now with troupe show';
}

function firstStep(error: TroupeError, { from, event, taskId, allowed = [] }: ErrorDetails): string[] {
  // Most who ask a pending task for more have not executed it, or can't yet.
  if (from === 'pending' && taskId !== undefined)
    return [allowed.includes('START') ? 'execute it first' : 'see what it waits for with troupe show'];
  if (from === 'in_progress' && event === 'START') return [takeBack];
  return fixOf(error) === fixes.INVALID_TRANSITION ? [] : [inCommandWords(error.fix)];
}

/** What a task can't take is told by the name of the event: here by that of the command. */
export function messageForPeople({ message, details: { event, taskId, sessionId } }: TroupeError): string {
  if (event === undefined || (taskId === undefined && sessionId === undefined)) return inCommandWords(message);
  const told = `cannot ${event.toLowerCase().replaceAll('_', ' ')}:`;
  return message.startsWith(told) && taskId !== undefined
    ? `cannot ${commandOf(event)}:${inCommandWords(message.slice(told.length))}`
    : inCommandWords(message);
}
