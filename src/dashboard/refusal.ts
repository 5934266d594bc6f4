import { TroupeError } from '../errors.ts';

/** Whatever was thrown, as a refusal that can be shown. */
export const refusalOf = (error: unknown): TroupeError =>
  error instanceof TroupeError ? error : new TroupeError('INTERNAL', String(error));
