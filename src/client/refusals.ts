import { catalogue, TroupeError } from '../errors.ts';
import type { Reason } from '../errors.ts';
import type { WireRefusal } from './guards.ts';

const isReason = (text: string): text is Reason => Object.hasOwn(catalogue, text);

/** What the service refused with, as it would be thrown in its own process. */
export function refusalOf({ message, data }: WireRefusal): TroupeError {
  const { reason, retryable: _retryable, ...details } = data;
  if (isReason(reason)) return new TroupeError(reason, message, details);
  // A newer service has reasons that this program does not know.
  return new TroupeError('INTERNAL', `${reason}: ${message}`, details);
}

/** The connection ended, or could not be had. Whether a request that was under way took effect is not known. */
export class LostError extends Error {
  override readonly name = 'LostError';
  /** The close code; 1006 when there was none. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const passing: ReadonlySet<Reason> = new Set(['RATE_LIMITED', 'TOO_MANY_IN_FLIGHT', 'DRAINING', 'STORE_UNAVAILABLE']);

/** Whether the refusal is about the moment and not about the request: the same will be taken in a while. */
export const isPassing = (error: unknown): error is TroupeError => error instanceof TroupeError && passing.has(error.reason);

export const asError = (error: unknown): TroupeError => (error instanceof TroupeError ? error : unreachable(error));

export function unreachable(why: unknown): TroupeError {
  return new TroupeError('UNREACHABLE', `the service can't be reached: ${why instanceof Error ? why.message : String(why)}`, {
    fix: 'see whether the service runs, and send again with the same commandId',
  });
}

/** The id that makes sending the command again safe, for whoever gets an error that leaves open whether it took effect. */
export function withCommandId(error: unknown, commandId: unknown): unknown {
  if (!(error instanceof TroupeError) || !error.retryable || typeof commandId !== 'string') return error;
  const { reason, message, details, fix } = error;
  return new TroupeError(reason, message, { ...details, fix, commandId });
}

/** Nobody waits for it any more. */
export const cancelled = (message: string): TroupeError =>
  new TroupeError('CANCELLED', message, { fix: 'ask again, if it is still wanted' });
