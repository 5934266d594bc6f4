import type { Conversation } from '../actors/conversation.ts';
import type { Done } from '../actors/system.ts';
import type { SessionId } from '../ids.ts';
import type { SessionMachineEvent } from '../machines/session-context.ts';
import type { SessionRecord } from '../persistence/store.ts';
import type { MethodName } from '../protocol/methods.ts';
import type { Session } from '../protocol/session.ts';
import { nameOf, requireProject } from './access.ts';
import type { Caller } from './caller.ts';
import type { Services } from './services.ts';
import { tellSessionDone } from './session-answer.ts';

/** The one way in which a command reaches the session that it addresses. */

interface Addressed {
  readonly sessionId: SessionId;
  readonly commandId?: string | undefined;
}

/** Sends one event to the session, whose record remembers the command. */
export function sendToSession(
  { system }: Services,
  method: MethodName,
  { commandId, ...payload }: Addressed,
  caller: Caller,
  event: (talk: Conversation) => SessionMachineEvent,
): Promise<Done<void, SessionRecord>> {
  const { sessionId } = payload;
  return system.runOnSession({
    id: commandId,
    by: nameOf(caller),
    method,
    payload,
    remembers: () => sessionId,
    talk: (talk) => {
      talk.addressed = sessionId;
      requireProject(caller, talk.sessions.state(sessionId).context.spec.project);
      talk.sessions.send(sessionId, event(talk));
    },
  });
}

/** Sends one event and answers with the session. */
export async function moveSession(
  services: Services,
  method: MethodName,
  input: Addressed,
  caller: Caller,
  event: (stamp: { readonly at: number; readonly by: string }) => SessionMachineEvent,
): Promise<{ session: Session; position: string; repeated?: true }> {
  const done = await sendToSession(services, method, input, caller, ({ at, by }) => event({ at, by }));
  return tellSessionDone(services, input.sessionId, done);
}

/** How many tasks of the session are in one of the statuses, as far as they are committed. */
export async function countTasks({ store }: Services, id: SessionId, statuses: readonly (keyof Session['tasks'])[]): Promise<number> {
  const view = await store.session(id);
  return view === null ? 0 : statuses.reduce((sum, status) => sum + view.tasks.byStatus[status], 0);
}
