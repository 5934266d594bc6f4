import { TroupeError } from '../errors.ts';
import { fixOf } from '../fixes.ts';

const failed = 1;
const usage = 2;
const locked = 5;

/** Tells on standard error, in one line, why a command could not be done. Answers the exit code. */
export function reportFailure(error: unknown): number {
  process.stderr.write(`troupe: ${lineOf(error).replaceAll(/\s*\n\s*/g, ' ')}\n`);
  if (error instanceof TroupeError && error.reason === 'INVALID_PARAMS') return usage;
  return error instanceof Error && error.name === 'LockedError' ? locked : failed;
}

function lineOf(error: unknown): string {
  if (error instanceof TroupeError) return `${error.message}: ${fixOf(error)}`;
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'address' in error && 'port' in error) {
    return `port ${String(error.port)} on ${String(error.address)} is in use: stop what listens there, or choose another with --port`;
  }
  return error.message;
}
