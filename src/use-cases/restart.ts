import { TroupeError } from '../errors.ts';
import { nameOf } from './access.ts';
import type { Handler } from './services.ts';

export const restart: Handler<'system.restart'> = async ({ host }, input, caller) => {
  if (host === null) throw new TroupeError('RESTART_REFUSED', 'the service runs where nothing can restart it');
  const { commandId = null, ...request } = input;
  const answer = await host.restart({ ...request, commandId, by: nameOf(caller) });
  return { dryRun: input.dryRun, ...answer };
};
