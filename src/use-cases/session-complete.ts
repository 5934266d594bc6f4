import { openStatuses } from '../machines/readings.ts';
import type { Handler } from './services.ts';
import { countTasks, moveSession } from './session-move.ts';

export const completeSession: Handler<'session.complete'> = async (services, input, caller) => {
  const open = await countTasks(services, input.sessionId, openStatuses);
  return moveSession(services, 'session.complete', input, caller, (stamp) => ({
    type: 'COMPLETE',
    summary: input.summary ?? null,
    open,
    ...stamp,
  }));
};
