import type { Conversation } from '../actors/conversation.ts';
import type { Done } from '../actors/system.ts';
import type { TaskId } from '../ids.ts';
import type { MachineEvent } from '../machines/events.ts';
import type { MethodName } from '../protocol/methods.ts';
import type { Task } from '../protocol/task.ts';
import { nameOf, openTask } from './access.ts';
import { tellDone } from './answer.ts';
import type { Caller } from './caller.ts';
import type { Services } from './services.ts';

/** The one way in which a command reaches the task that it addresses. */

interface Addressed {
  readonly taskId: TaskId;
  readonly commandId?: string | undefined;
}

/** Runs a conversation that begins at the addressed task, whose record remembers the command. */
export function converse<R>(
  services: Services,
  method: MethodName,
  input: Addressed,
  caller: Caller,
  talk: (conversation: Conversation) => R,
): Promise<Done<R>> {
  const { commandId, ...payload } = input;
  return services.system.run({
    id: commandId,
    by: nameOf(caller),
    method,
    payload,
    remembers: () => input.taskId,
    talk: (conversation) => {
      conversation.addressed = input.taskId;
      openTask(conversation, input.taskId, caller);
      return talk(conversation);
    },
  });
}

type Stamped = Pick<MachineEvent, 'at' | 'by'>;

/** Sends one event to one task and answers with the task. */
export async function mutate(
  services: Services,
  method: MethodName,
  input: Addressed & { readonly ifRev?: number | undefined },
  caller: Caller,
  event: (stamp: Stamped & { readonly ifRev?: number | undefined; readonly rev: number }) => MachineEvent,
): Promise<{ task: Task; position: string; repeated?: true }> {
  const done = await converse(services, method, input, caller, (talk) =>
    talk.send(input.taskId, event({ at: talk.at, by: talk.by, ifRev: input.ifRev, rev: talk.rev(input.taskId) })),
  );
  return tellDone(services, input.taskId, done);
}
