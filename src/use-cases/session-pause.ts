import type { Handler } from './services.ts';
import { moveSession } from './session-move.ts';

export const pauseSession: Handler<'session.pause'> = (services, input, caller) =>
  moveSession(services, 'session.pause', input, caller, (stamp) => ({ type: 'PAUSE', reason: input.reason ?? null, ...stamp }));
