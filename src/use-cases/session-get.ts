import { awaitPosition, readSession } from './access.ts';
import type { Handler } from './services.ts';
import { tellSession } from './session-answer.ts';

export const getSession: Handler<'session.get'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  return { session: tellSession(await readSession(services, input.sessionId, caller)) };
};
