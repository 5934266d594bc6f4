import { tellDone } from './answer.ts';
import { loosenEdge } from './edge.ts';
import { converse } from './mutate.ts';
import type { Handler } from './services.ts';

export const removeDependency: Handler<'dependency.remove'> = async (services, input, caller) => {
  const { taskId, dependsOn, reason, ifRev } = input;
  const done = await converse(services, 'dependency.remove', input, caller, (talk) =>
    loosenEdge(talk, taskId, dependsOn, 'remove', reason ?? null, { ifRev, rev: talk.rev(taskId) }),
  );
  return tellDone(services, taskId, done);
};
