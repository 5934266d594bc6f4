import { tellDone } from './answer.ts';
import { loosenEdge } from './edge.ts';
import { converse } from './mutate.ts';
import type { Handler } from './services.ts';

export const waiveDependency: Handler<'dependency.waive'> = async (services, input, caller) => {
  const { taskId, dependsOn, reason, ifRev } = input;
  const done = await converse(services, 'dependency.waive', input, caller, (talk) =>
    loosenEdge(talk, taskId, dependsOn, 'waive', reason ?? null, { ifRev, rev: talk.rev(taskId) }),
  );
  return tellDone(services, taskId, done);
};
