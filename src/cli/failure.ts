import { TroupeError } from '../errors.ts';
import type { ErrorDetails, Issue, Reason } from '../errors.ts';
import { fixes, fixOf } from '../fixes.ts';
import { inLine } from './columns.ts';
import { CommandFailure } from './command-failure.ts';
import { exitOf, exits } from './exit-codes.ts';
import type { Exit } from './exit-codes.ts';
import { jsonOf } from './output.ts';

/** How a command failed, as it is told to programs. */
interface Failure {
  /** Null for faults of this machine: files, ports, locks. */
  readonly reason: Reason | null;
  readonly message: string;
  readonly fix: string | null;
  readonly retryable: boolean;
  readonly details: ErrorDetails;
  readonly exit: Exit;
}

/** Tells on standard error why a command could not be done: in one line, or as JSON. Answers the exit code. */
export function reportFailure(error: unknown, isJson = false): Exit {
  const failure = failureOf(error);
  const { message, fix, details, exit } = failure;
  if (isJson) {
    process.stderr.write(`${jsonOf({ error: failure })}\n`);
    return exit;
  }
  const places = (details.issues ?? []).filter((issue) => !message.includes(issue.message)).map(placed);
  const line = `${message}${places.join('')}${fix === null ? '' : `: ${fix}`}`;
  process.stderr.write(`troupe: ${inLine(line)}\n`);
  return exit;
}

/** What commander found wrong with a call. */
export function usageFailure(told: string, command: string): TroupeError {
  const message = told
    .replace(/^error: /, '')
    .trim()
    .replace(/\.$/, '');
  return new TroupeError('INVALID_PARAMS', message, { fix: `see ${command} --help` });
}

function failureOf(error: unknown): Failure {
  if (error instanceof TroupeError) {
    const { reason, message, retryable, details } = error;
    return { reason, message, fix: forPeople(error) ?? fixOf(error), retryable, details, exit: exitOf[reason] };
  }
  const message = error instanceof Error ? lineOf(error) : String(error);
  return { reason: null, message, fix: null, retryable: false, details: {}, exit: exitOfFault(error) };
}

function exitOfFault(error: unknown): Exit {
  if (error instanceof CommandFailure) return error.exit;
  return error instanceof Error && error.name === 'LockedError' ? exits.conflict : exits.failed;
}

function lineOf(error: Error): string {
  if ('code' in error && error.code === 'EADDRINUSE' && 'address' in error && 'port' in error) {
    return `port ${String(error.port)} on ${String(error.address)} is in use: stop what listens there, or choose another with --port`;
  }
  return error.message;
}

const placed = ({ path, message }: Issue): string => ` (${path === '' ? '' : `${path}: `}${message})`;

/** Where the catalogue's fix names methods, the commands that do it. */
const commandFixes: Partial<Record<Reason, string>> = {
  TASK_NOT_FOUND: 'find the id with troupe list',
  SESSION_NOT_FOUND: 'name a session that there is',
  NOTHING_READY: 'see what waits with troupe list, or wait with --wait',
  INVALID_PARAMS: 'mend what is named',
  STALE_LEASE: 'take the task again with troupe execute, or give the newest lease with --lease',
  COMMAND_REUSED: 'leave --command-id out, or give a new one',
  ACCEPTANCE_UNANSWERED: 'answer every criterion with --acceptance, or complete with --next needs_revision',
};

function forPeople(error: TroupeError): string | undefined {
  const { reason, details } = error;
  const { allowed, blockedBy, from } = details;
  if (reason === 'INVALID_TRANSITION' && allowed !== undefined) {
    const now = `what it takes now: ${allowed.map(commandOf).join(', ')}`;
    if (from !== 'pending') return now;
    // Most who ask a pending task for more have not executed it, or can't yet.
    return allowed.includes('START') ? `execute it first; ${now}` : `see what it waits for with troupe show; ${now}`;
  }
  if (reason === 'DEPENDENCIES_UNMET' && blockedBy !== undefined)
    return `complete ${blockedBy.map(({ taskId, status }) => `${taskId} (${status})`).join(', ')} first`;
  return fixOf(error) === fixes[reason] ? commandFixes[reason] : undefined;
}

const commandOf = (event: string): string => (event === 'START' ? 'execute' : event.toLowerCase().replace('_', ' '));
