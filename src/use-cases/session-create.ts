import { deriveId, freshCommandId } from '../actors/derive.ts';
import { newSession } from '../machines/session-context.ts';
import { nameOf, projectFor } from './access.ts';
import type { Handler } from './services.ts';
import { tellSessionDone } from './session-answer.ts';

export const createSession: Handler<'session.create'> = async (services, input, caller) => {
  const { commandId = freshCommandId(), title, project: wanted, workingDirectory = null, context } = input;
  const by = nameOf(caller);
  const id = deriveId('s', by, commandId);
  const done = await services.system.runOnSession({
    id: commandId,
    by,
    method: 'session.create',
    payload: { ...input, commandId: undefined },
    remembers: () => id,
    talk: (talk) => {
      talk.addressed = id;
      const project = projectFor(caller, wanted);
      talk.sessions.create(id, newSession({ project, title, workingDirectory, context, createdAt: talk.at, createdBy: by }));
    },
  });
  return tellSessionDone(services, id, done);
};
