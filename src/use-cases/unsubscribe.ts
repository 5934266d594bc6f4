import { TroupeError } from '../errors.ts';
import type { Handler } from './services.ts';

export const unsubscribe: Handler<'events.unsubscribe'> = async (_services, { view }, caller) => {
  if (caller.stream?.unsubscribe(view) !== true) throw new TroupeError('VIEW_NOT_FOUND', `there is no view ${view} on this connection`);
  return { view };
};
