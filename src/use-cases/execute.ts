import { deriveId, freshCommandId } from '../actors/derive.ts';
import { TroupeError } from '../errors.ts';
import { nameOf, readTask } from './access.ts';
import { startEvent } from './claiming.ts';
import { tellExecution } from './execution.ts';
import { converse } from './mutate.ts';
import type { Handler } from './services.ts';

export const execute: Handler<'task.execute'> = async (services, input, caller) => {
  const { contextBytes, ...command } = input;
  const { taskId, leaseMs, commandId = freshCommandId() } = command;
  const by = nameOf(caller);
  const lease = deriveId('l', by, commandId, taskId);
  const done = await converse(services, 'task.execute', { ...command, commandId }, caller, (talk) => {
    const { value, context } = talk.state(taskId);
    // A worker that asks again gets the lease that it holds.
    if (value === 'in_progress' && caller.worker !== undefined && context.lease?.holder === by) return;
    talk.send(taskId, startEvent(services, talk, taskId, lease, leaseMs));
  });
  const isHolder = (held: { readonly id: string; readonly holder: string }) =>
    held.id === lease || (caller.worker !== undefined && held.holder === by);
  const telling = { isHolder, contextBytes };
  if (!done.repeated && done.position !== null) {
    const part = done.parts.get(taskId);
    if (part === undefined) throw new TroupeError('INTERNAL', `${taskId} was started without its record`);
    return tellExecution(services, taskId, part.rev, part.state, done.position, telling);
  }
  const record = done.repeated ? done.record : await readTask(services, taskId, caller);
  const told = await tellExecution(services, taskId, record.rev, record.snapshot, services.log.head, telling);
  return { ...told, repeated: true };
};
