import { TroupeError } from '../errors.ts';
import type { Handler } from './services.ts';

export const inspectionTicket: Handler<'inspection.ticket'> = async (_services, _input, caller) => {
  if (caller.ticket === undefined) throw new TroupeError('METHOD_NOT_FOUND', 'tickets are given over the WebSocket only');
  return caller.ticket();
};
