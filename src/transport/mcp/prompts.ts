import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { GetPromptResult, Prompt, Server } from '@modelcontextprotocol/server';
import { taskId as taskIds } from '../../protocol/values.ts';
import type { Logger } from '../../logger.ts';
import type { Backend } from './backend.ts';
import { answering } from './protocol-fault.ts';
import { inToolWords } from './words.ts';

/** Prompts: one for planning and one for each specialist, as people pick them in their client. */

const planning: Prompt = {
  name: 'plan',
  title: 'Plan a piece of work',
  description: 'Break a goal into tasks that specialists can work on at the same time.',
  arguments: [{ name: 'goal', description: 'what is to be reached', required: true }],
};

const prefix = 'work-as-';

const say = (text: string): GetPromptResult => ({ messages: [{ role: 'user', content: { type: 'text', text } }] });

async function planPrompt(backend: Backend, goal: string): Promise<GetPromptResult> {
  const { items } = await backend.call('specialist.list', {});
  const roles = items.map(({ key, capabilities }) => `- ${key}: ${capabilities.join('; ')}`).join('\n');
  return say(`Plan this piece of work and store the plan with one call of orchestrator_plan_task:

${goal}

- Make subtasks that one specialist can finish in one go, each with a title that says what is there when it is done.
- Let a subtask depend (depends_on) on another only when it needs its result; what does not depend runs at the same time.
- Give acceptance_criteria that somebody else can check, and a review where a mistake would be expensive.
- Choose specialist_type from these roles:
${roles}

Then show me the execution order from the answer, and what you were not sure about.`);
}

async function rolePrompt(backend: Backend, key: string, task: string | undefined): Promise<GetPromptResult> {
  if (task !== undefined) {
    const id = taskIds.safeParse(task);
    if (!id.success) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'task_id: a task id is t_ and 26 characters');
    const { specialist, instructions } = await backend.call('task.context', { taskId: id.data });
    return say(
      inToolWords(`${specialist.context}\n\n${instructions.join('\n')}\n\nClaim it first with orchestrator_execute_task ${id.data}.`),
    );
  }
  const { role } = await backend.call('specialist.get', { key });
  return say(`You work as ${role.name}. ${role.definition}

Expertise:
${role.expertise.map((line) => `- ${line}`).join('\n')}

Approach:
${role.approach.map((line, index) => `${index + 1}. ${line}`).join('\n')}

Deliver the work in this form:
${role.outputFormat}

Take your next task with orchestrator_claim_task and specialist_type ["${key}"], do it, and complete it. Go on until nothing is ready.`);
}

async function listPrompts(backend: Backend): Promise<Prompt[]> {
  const { items } = await backend.call('specialist.list', {});
  const roles = items.map(({ key, name, definition }): Prompt => ({
    name: `${prefix}${key}`,
    title: name,
    description: definition.split('. ', 1)[0] ?? '',
    arguments: [{ name: 'task_id', description: 'a task to work on; without it, the next one', required: false }],
  }));
  return [planning, ...roles];
}

async function getPrompt(backend: Backend, name: string, given: Readonly<Record<string, string>>): Promise<GetPromptResult> {
  if (name === planning.name) {
    const { goal } = given;
    if (goal === undefined || goal.trim() === '') throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'goal: is missing');
    return planPrompt(backend, goal);
  }
  if (name.startsWith(prefix)) return rolePrompt(backend, name.slice(prefix.length), given['task_id']);
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no prompt ${name.slice(0, 100)}; prompts/list has them`);
}

export function servePrompts(server: Server, backend: Backend, logger: Logger): void {
  server.setRequestHandler('prompts/list', () => answering('prompts/list', logger, async () => ({ prompts: await listPrompts(backend) })));
  server.setRequestHandler('prompts/get', ({ params: { name, arguments: given = {} } }) =>
    answering('prompts/get', logger, () => getPrompt(backend, name, given)),
  );
}
