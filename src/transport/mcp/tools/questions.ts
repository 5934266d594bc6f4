import * as z from 'zod';
import { methods } from '../../../protocol/methods.ts';
import { limits, text } from '../../../protocol/values.ts';
import { mutation, target, worker } from '../arguments.ts';
import type { Backend } from '../backend.ts';
import { changed, tellChanged } from '../changed.ts';
import { tool } from '../tool.ts';

/** Tools that ask a person and answer. */

interface Asked {
  readonly id: `t_${string}`;
  readonly commandId: string | undefined;
  readonly signal: AbortSignal | undefined;
}

const asked = methods['task.block'].input.shape;

export const askQuestion = tool({
  name: 'orchestrator_ask_question',
  title: 'Ask a person',
  description: 'Stops the task with a question that only a person can answer; the answer is in the next context.',
  core: true,
  effect: 'adds',
  input: z.strictObject({
    ...target,
    question: asked.question.unwrap(),
    reason: asked.reason,
    elicit: z.boolean().default(false).describe('shows it to the person at this client at once'),
    ...worker,
    ...mutation,
  }),
  output: changed,
  async run({ backend, signal, client, reply }, args) {
    const { task_id: id, question, reason, elicit, command_id: commandId } = args;
    if (elicit && reply !== undefined) return tellReply(backend, { id, commandId, signal }, question, reply);
    const { task } = await backend.call('task.block', { taskId: id, question, reason, commandId }, { signal });
    const told = tellChanged(task, waitsForAnswer);
    const data = { ...told.data, next_steps: ['a person answers it; take other work with orchestrator_claim_task'] };
    return { data, ...(elicit && client.elicits && { question }) };
  },
});

const waitsForAnswer = 'the task is blocked until the question is answered';

/** The call was made again with what the person said. It never blocks: the task may be in other hands by now. */
async function tellReply(backend: Backend, { id, commandId, signal }: Asked, question: string, reply: string | null) {
  const { task } = await backend.call('task.get', { taskId: id }, { signal });
  const isAsked = task.status === 'blocked' && task.blocked?.question === question && task.blocked.answer === null;
  if (!isAsked) return tellChanged(task, 'the question was settled meanwhile');
  if (reply === null) return tellChanged(task, waitsForAnswer);
  const input = { taskId: id, answer: reply, commandId: commandId && `${commandId}:answer` };
  return tellChanged((await backend.call('task.answer', input, { signal })).task, 'answered');
}

export const answerQuestion = tool({
  name: 'orchestrator_answer_question',
  title: 'Answer a question',
  description: 'Answers the question of a blocked task, which can go on then.',
  core: true,
  effect: 'adds',
  input: z.strictObject({ ...target, answer: text(limits.textBytes).min(1), ...mutation }),
  output: changed,
  async run({ backend, signal }, { task_id: id, answer, command_id: commandId }) {
    const { task } = await backend.call('task.answer', { taskId: id, answer, commandId }, { signal });
    return tellChanged(task, 'answered');
  },
});
