import type { Client, ElicitResult } from '@modelcontextprotocol/client';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { buildCommand } from '../support/command.ts';
import { answer, eras, overHttp, overStdio, serveMcp, textAt } from './connect.ts';
import type { Era } from './connect.ts';

/** Questions that are shown to the person at the client, and what a waiting call tells of itself. */

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const capabilities = { elicitation: { form: {} } };
const transports = ['http', 'stdio'] as const;
type Way = readonly [Era, (typeof transports)[number]];

/** Over HTTP a 2025-era request has no way back to its client. */
const reachable: readonly Way[] = [
  ['modern', 'http'],
  ['modern', 'stdio'],
  ['legacy', 'stdio'],
];

/** A person who answers what is given here, in turn; answers the questions that were shown. */
function answering(client: Client, replies: readonly ElicitResult[]): string[] {
  const shown: string[] = [];
  client.setRequestHandler('elicitation/create', ({ params }) => {
    shown.push(params.message);
    return replies[shown.length - 1] ?? { action: 'cancel' };
  });
  return shown;
}

const executing = async (client: Client): Promise<{ task_id: string; worker: string }> => {
  const { task_id: taskId } = await answer(client, 'orchestrator_plan_task', { title: 'Paint', description: '' });
  const mine = { task_id: String(taskId), worker: 'agent-1' };
  await answer(client, 'orchestrator_execute_task', mine);
  return mine;
};
const taskOf = async (client: Client, { task_id: id }: { task_id: string }) =>
  z.looseObject({}).parse((await answer(client, 'orchestrator_get_task', { task_id: id }))['task']);

describe.each(reachable)('a %s client over %s', (era, transport) => {
  test('shows the question to a person, whose answer is in the next context', async () => {
    const serving = await serveMcp();
    const client =
      transport === 'http' ? await overHttp(serving, { era, capabilities }) : await overStdio(command, serving.data, { era, capabilities });
    const shown = answering(client, [{ action: 'accept', content: { answer: 'Blue' } }, { action: 'decline' }]);
    const mine = await executing(client);
    // Agents decide: a question is not shown unless that is asked for.
    const quiet = await answer(client, 'orchestrator_ask_question', { ...mine, question: 'Which wall?' });
    expect([quiet['task_status'], shown]).toEqual(['blocked', []]);
    await answer(client, 'orchestrator_answer_question', { task_id: mine.task_id, answer: 'All of them' });
    await answer(client, 'orchestrator_execute_task', mine);

    const asking = { ...mine, question: 'Red or blue?', elicit: true, command_id: 'ask-1' };
    expect(await answer(client, 'orchestrator_ask_question', asking)).toMatchObject({ message: 'answered', task_status: 'pending' });
    expect(shown).toEqual(['Red or blue?']);
    const work = await answer(client, 'orchestrator_execute_task', mine);
    expect(work['specialist_context']).toMatchObject({ text: expect.stringMatching(/Red or blue\?[^]*Blue/) });

    const declined = await answer(client, 'orchestrator_ask_question', { ...mine, question: 'Matt or gloss?', elicit: true });
    expect(declined).toMatchObject({ message: expect.stringContaining('until the question is answered'), task_status: 'blocked' });
    expect(await taskOf(client, mine)).toMatchObject({ status: 'blocked', blocked: { question: 'Matt or gloss?', answer: null } });
  });
});

test('a client that shows no forms gets the usual answer', async () => {
  const serving = await serveMcp();
  const asking = { question: 'Red or blue?', elicit: true };
  const clients = [
    await overHttp(serving),
    await overHttp(serving, { capabilities: { elicitation: { url: {} } } }),
    await overHttp(serving, { era: 'legacy', capabilities }),
  ];
  for (const client of clients) {
    const mine = await executing(client);
    expect(await answer(client, 'orchestrator_ask_question', { ...mine, ...asking })).toMatchObject({ task_status: 'blocked' });
  }
});

test('the call that brings the answer blocks nothing, and answers no question but its own', async () => {
  const serving = await serveMcp();
  const client = await overHttp(serving, { capabilities });
  const mine = await executing(client);
  const retried = (question: string) =>
    client.request(
      {
        method: 'tools/call',
        params: {
          name: 'orchestrator_ask_question',
          arguments: { ...mine, question, elicit: true },
          inputResponses: { answer: { action: 'accept', content: { answer: 'Blue' } } },
        },
      },
      z.looseObject({ structuredContent: z.looseObject({}) }),
    );
  // Never asked: the one who works on it is not stopped.
  expect((await retried('Red or blue?')).structuredContent).toMatchObject({
    task_status: 'in_progress',
    message: expect.stringContaining('settled meanwhile'),
  });
  await answer(client, 'orchestrator_ask_question', { ...mine, question: 'Which wall?' });
  expect((await retried('Red or blue?')).structuredContent).toMatchObject({ task_status: 'blocked' });
  expect(await taskOf(client, mine)).toMatchObject({ blocked: { question: 'Which wall?', answer: null } });
  expect((await retried('Which wall?')).structuredContent).toMatchObject({ task_status: 'pending', message: 'answered' });
});

const ways: readonly Way[] = eras.flatMap((era) => transports.map((transport) => [era, transport] as const));

describe.each(ways)('a %s client over %s', (era, transport) => {
  test('hears that its claim waits, and then gets the task', async () => {
    const serving = await serveMcp();
    const client = transport === 'http' ? await overHttp(serving, { era }) : await overStdio(command, serving.data, { era });
    const other = await overHttp(serving);
    let hear: (told: string) => void = () => {};
    const told = new Promise<string>((resolve) => (hear = resolve));
    const claim = client.callTool(
      // No longer than the service waits at once: a call that told of itself only after that would never do so.
      { name: 'orchestrator_claim_task', arguments: { wait_ms: 20_000, worker: 'agent-1' } },
      { onprogress: ({ progress, message }) => hear(`${progress} ${message ?? ''}`) },
    );
    expect(await Promise.race([told, claim])).toBe('1 no task that fits is ready yet');
    const id = textAt(await answer(other, 'orchestrator_plan_task', { title: 'Late', description: '' }), 'task_id');
    expect((await claim).structuredContent).toMatchObject({ task_id: id });
  });
});
