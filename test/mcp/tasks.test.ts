import type { Client, ClientCapabilities } from '@modelcontextprotocol/client';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { addToken } from '../../src/transport/tokens.ts';
import { buildCommand } from '../support/command.ts';
import { answer, overHttp, overStdio, refusal, serveMcp, textAt } from './connect.ts';
import type { Serving } from './connect.ts';

/** The extension io.modelcontextprotocol/tasks, through the official client, which has no methods for it. */

const extension = 'io.modelcontextprotocol/tasks';
const capabilities: ClientCapabilities = { extensions: { [extension]: {} } };
const transports = ['http', 'stdio'] as const;
const any = z.looseObject({});
type Answer = z.output<typeof any>;

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

/** The official client refuses a `resultType` that it has no code for; this lets it through under another name. */
function takeTasks(client: Client): Client {
  const { transport } = client;
  const inner = transport?.onmessage;
  if (transport === undefined || inner === undefined) throw new Error('not connected');
  const onmessage: typeof inner = (message, extra) => {
    const result = 'result' in message ? message.result : undefined;
    const isTask = result?.['resultType'] === 'task';
    inner(isTask ? { ...message, result: { ...result, resultType: 'complete', wasResultType: 'task' } } : message, extra);
  };
  Object.assign(transport, { onmessage });
  return client;
}

async function open(transport: (typeof transports)[number], serving: Serving): Promise<Client> {
  return takeTasks(await (transport === 'http' ? overHttp(serving, { capabilities }) : overStdio(command, serving.data, { capabilities })));
}

const call = (client: Client, name: string, args: Record<string, unknown>): Promise<Answer> =>
  client.request({ method: 'tools/call', params: { name, arguments: args } }, any);
const get = (client: Client, taskId: unknown): Promise<Answer> => client.request({ method: 'tasks/get', params: { taskId } }, any);
const cancel = (client: Client, taskId: unknown): Promise<Answer> => client.request({ method: 'tasks/cancel', params: { taskId } }, any);
const update = (client: Client, taskId: unknown, inputResponses: Record<string, unknown>): Promise<Answer> =>
  client.request({ method: 'tasks/update', params: { taskId, inputResponses } }, any);

const plan = async (client: Client, more: Record<string, unknown> = {}): Promise<string> =>
  textAt(await answer(client, 'orchestrator_plan_task', { title: 'Paint', description: '', ...more }), 'task_id');
const mine = (taskId: string) => ({ task_id: taskId, worker: 'agent-1' });
/** The one question of a task that waits for an answer. */
const asked = (task: Answer) => {
  const [[key, request] = ['', {}]] = Object.entries(z.record(z.string(), z.looseObject({})).parse(task['inputRequests']));
  return { key, request };
};

describe.each(transports)('over %s', (transport) => {
  test('a task is executed as an MCP task, followed, asked, answered and completed', async () => {
    const client = await open(transport, await serveMcp());
    expect(client.getServerCapabilities()?.extensions).toEqual({ [extension]: {} });
    const id = await plan(client);
    // Whatever has an id can be followed, before anybody works on it.
    expect(await get(client, id)).toMatchObject({ taskId: id, status: 'working' });
    const handle = await call(client, 'orchestrator_execute_task', { ...mine(id), as_task: true });
    expect(handle).toMatchObject({
      wasResultType: 'task',
      taskId: id,
      status: 'working',
      ttlMs: null,
      pollIntervalMs: expect.any(Number),
      _meta: { 'troupe/execution': { status: 'ready_for_execution', task_id: id, lease_id: expect.any(String) } },
    });
    await answer(client, 'orchestrator_report_progress', { ...mine(id), message: 'half the wall', progress: 1, total: 2 });
    const polled = await get(client, id);
    expect(polled).toMatchObject({ taskId: id, status: 'working', statusMessage: 'half the wall', createdAt: handle['createdAt'] });
    expect(polled['lastUpdatedAt']).not.toBe(polled['createdAt']);
    expect(polled).not.toHaveProperty('result');

    await answer(client, 'orchestrator_ask_question', { ...mine(id), question: 'Red or blue?' });
    const waiting = await get(client, id);
    expect(waiting).toMatchObject({ status: 'input_required', statusMessage: 'Red or blue?' });
    const { key, request } = asked(waiting);
    expect(request).toMatchObject({ method: 'elicitation/create', params: { mode: 'form', message: 'Red or blue?' } });
    // A form of no question, and one that was declined, change nothing; nor does a note.
    await update(client, id, { other: { action: 'accept', content: { answer: 'Green' } } });
    await update(client, id, { [key]: { action: 'decline' } });
    await answer(client, 'orchestrator_add_note', { task_id: id, text: 'no hurry' });
    expect(asked(await get(client, id)).key).toBe(key);
    await update(client, id, { [key]: { action: 'accept', content: { answer: 'Blue' } } });
    expect(await get(client, id)).toMatchObject({ status: 'working' });
    // The same question again is another one: its key is new, and the old form answers nothing.
    await answer(client, 'orchestrator_ask_question', { ...mine(id), question: 'Red or blue?' });
    const again = asked(await get(client, id));
    expect(again.key).not.toBe(key);
    await update(client, id, { [key]: { action: 'accept', content: { answer: 'Blue' } } });
    expect(await get(client, id)).toMatchObject({ status: 'input_required' });
    await update(client, id, { [again.key]: { action: 'accept', content: { answer: 'Still blue' } } });

    const work = await answer(client, 'orchestrator_execute_task', mine(id));
    expect(work['specialist_context']).toMatchObject({ text: expect.stringMatching(/Still blue/) });
    await answer(client, 'orchestrator_complete_task', {
      ...mine(id),
      summary: 'Painted',
      detailed_work: 'Two coats',
      next_action: 'complete',
    });
    const done = await get(client, id);
    expect(done).toMatchObject({
      status: 'completed',
      statusMessage: 'Painted',
      result: {
        isError: false,
        structuredContent: { status: 'completed', task_id: id, summary: 'Painted', artifact_references: [{ size: 9 }] },
      },
    });
    expect(done['result']).toMatchObject({ content: [{ type: 'text' }, { type: 'resource_link' }] });
    // What ended stays as it ended.
    await cancel(client, id);
    expect(await get(client, id)).toMatchObject({ status: 'completed' });
  });
});

test('the next task is claimed as an MCP task; what failed is completed with isError, also once archived', async () => {
  const client = await open('http', await serveMcp());
  const id = await plan(client);
  const handle = await call(client, 'orchestrator_claim_task', { worker: 'agent-1', as_task: true });
  expect(handle).toMatchObject({ wasResultType: 'task', taskId: id, status: 'working' });
  await answer(client, 'orchestrator_fail_task', { ...mine(id), error: 'no brush', retryable: false });
  const failed = { status: 'completed', statusMessage: 'no brush', result: { isError: true, structuredContent: { error: 'no brush' } } };
  expect(await get(client, id)).toMatchObject(failed);
  // A failed task of ours could be cancelled; to the client it has ended.
  await cancel(client, id);
  await answer(client, 'orchestrator_delete_task', { task_id: id });
  expect(await get(client, id)).toMatchObject(failed);
});

test('tasks/cancel cancels the task and what is below it', async () => {
  const client = await open('http', await serveMcp());
  const id = await plan(client, { subtasks: [{ title: 'First' }] });
  const child = await call(client, 'orchestrator_claim_task', { worker: 'agent-1', as_task: true });
  expect(child['taskId']).not.toBe(id);
  expect(await cancel(client, id)).not.toHaveProperty('taskId');
  expect(await get(client, id)).toMatchObject({ status: 'cancelled', statusMessage: 'cancelled by an MCP client' });
  expect(await get(client, child['taskId'])).toMatchObject({ status: 'cancelled' });
});

test('unknown ids are errors that name them', async () => {
  const client = await open('http', await serveMcp());
  const unknown = `t_${'0'.repeat(26)}`;
  for (const ask of [get, cancel, (from: Client, id: unknown) => update(from, id, {})]) {
    await expect(ask(client, 'nonsense')).rejects.toMatchObject({ code: -32602, message: expect.stringContaining('nonsense') });
    await expect(ask(client, unknown)).rejects.toMatchObject({ code: -32602, message: expect.stringContaining(unknown) });
  }
});

test('clients that do not declare the extension get no task, and may not ask for one', async () => {
  const serving = await serveMcp();
  const plain = await overHttp(serving);
  const id = await plan(plain);
  const missing = { code: -32021, data: { requiredCapabilities: { extensions: { [extension]: {} } } } };
  await expect(call(plain, 'orchestrator_execute_task', { ...mine(id), as_task: true })).rejects.toMatchObject(missing);
  await expect(get(plain, id)).rejects.toMatchObject(missing);
  await expect(cancel(plain, id)).rejects.toMatchObject(missing);
  await expect(update(plain, id, {})).rejects.toMatchObject(missing);
  // Nothing was claimed on the way; without as_task the answer is the usual one, declared or not.
  const declared = takeTasks(await overHttp(serving, { capabilities }));
  expect(await call(declared, 'orchestrator_execute_task', mine(id))).not.toHaveProperty('wasResultType');

  const legacy = await overHttp(serving, { era: 'legacy', capabilities });
  expect(legacy.getServerCapabilities()).not.toHaveProperty('extensions');
  expect(await refusal(legacy, 'orchestrator_claim_task', { as_task: true, worker: 'agent-2' })).toMatchObject({
    reason: 'INVALID_PARAMS',
    message: expect.stringContaining('as_task'),
  });
});

test('a token follows the tasks of its projects alone, and cancels or answers only when it may write', async () => {
  const serving = await serveMcp();
  const owner = takeTasks(await overHttp(serving, { capabilities }));
  const [here, elsewhere] = [await plan(owner, { project: 'here' }), await plan(owner, { project: 'elsewhere' })];
  await answer(owner, 'orchestrator_ask_question', { task_id: here, question: 'Red or blue?' });
  const token = addToken(serving.data, { name: 'reader', scopes: ['read'], projects: ['here'], now: 0 });
  const reader = takeTasks(await overHttp(serving, { capabilities, token }));
  const { key } = asked(await get(reader, here));
  await expect(get(reader, elsewhere)).rejects.toMatchObject({ code: -32602 });
  await expect(cancel(reader, elsewhere)).rejects.toMatchObject({ code: -32602 });
  await expect(cancel(reader, here)).rejects.toMatchObject({ code: -32602 });
  await expect(update(reader, here, { [key]: { action: 'accept', content: { answer: 'Blue' } } })).rejects.toMatchObject({ code: -32602 });
  expect(await get(owner, here)).toMatchObject({ status: 'input_required' });
  expect(await get(owner, elsewhere)).toMatchObject({ status: 'working' });
});
