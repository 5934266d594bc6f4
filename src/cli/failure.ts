import { TroupeError } from '../errors.ts';
import type { ErrorDetails, Issue, Reason } from '../errors.ts';
import { inLine } from './columns.ts';
import { CommandFailure } from './command-failure.ts';
import { exitOf, exits } from './exit-codes.ts';
import type { Exit } from './exit-codes.ts';
import { fixForPeople, messageForPeople } from './fixes.ts';
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
    const { reason, retryable, details } = error;
    return { reason, message: messageForPeople(error), fix: fixForPeople(error), retryable, details, exit: exitOf[reason] };
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
