import { randomUUID } from 'node:crypto';
import { TroupeError } from '../errors.ts';
import type { Logger } from '../logger.ts';

/** What a caller is told. An error outside of the catalogue stays in the log, under a correlation id that the caller gets instead. */
export function faultFor(error: unknown, context: { readonly logger: Logger; readonly method: string }): TroupeError {
  if (error instanceof TroupeError) return error;
  const correlationId = randomUUID();
  context.logger.error({ err: error, correlationId, method: context.method }, 'internal error');
  return new TroupeError('INTERNAL', 'the service failed to handle the request', { correlationId });
}
