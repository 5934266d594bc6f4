import { isTaskId } from '../ids.ts';
import { TroupeError } from '../errors.ts';
import { entry } from '../machines/edges.ts';
import { openTask } from './access.ts';
import { tellDone } from './answer.ts';
import { addEdge } from './edge.ts';
import { converse } from './mutate.ts';
import type { Handler } from './services.ts';

export const addDependency: Handler<'dependency.add'> = async (services, input, caller) => {
  const { taskId, ifRev, dependsOn } = input;
  const { task, kind, mandatory, artifactType } =
    typeof dependsOn === 'string' ? { task: dependsOn, kind: 'completion' as const, mandatory: true, artifactType: undefined } : dependsOn;
  if (!isTaskId(task))
    throw new TroupeError('INVALID_PARAMS', 'dependsOn: a task id is t_ and 26 characters', {
      issues: [{ path: 'dependsOn', message: 'a task id is t_ and 26 characters' }],
    });
  const done = await converse(services, 'dependency.add', input, caller, (talk) => {
    openTask(talk, task, caller);
    // `blocks` says it the other way round: the other task waits for this one.
    const [waiting, on] = kind === 'blocks' ? [task, taskId] : [taskId, task];
    const given = entry(on, kind === 'blocks' ? 'completion' : kind, {
      mandatory,
      ...(artifactType === undefined ? {} : { artifactType }),
    });
    addEdge(talk, waiting, given, 'dependsOn', { ifRev, rev: talk.rev(taskId) });
  });
  return tellDone(services, taskId, done);
};
