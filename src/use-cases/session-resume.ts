import type { Handler } from './services.ts';
import { moveSession } from './session-move.ts';

export const resumeSession: Handler<'session.resume'> = (services, input, caller) =>
  moveSession(services, 'session.resume', input, caller, (stamp) => ({ type: 'RESUME', ...stamp }));
