import type { Client } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { bugFix } from './calls.ts';
import { answer, overHttp, refusal, serveMcp, textAt } from './connect.ts';

/**
 * The ways in which the reference fails when it is run, as an agent meets them: numbered as in `test/defects/`, where the use cases are
 * shown right. 16, what a cancellation among thousands costs, is measured there: over a socket, the socket's own time would be measured.
 */

const open = async (): Promise<Client> => overHttp(await serveMcp(), { path: '/mcp/all' });
const ada = { worker: 'ada' };
const unknown = '0'.repeat(26);
const ending = { summary: 'done', detailed_work: 'The work', next_action: 'complete' };

const plan = (client: Client, args: Record<string, unknown> = {}) =>
  answer(client, 'orchestrator_plan_task', { title: 'Task', description: '', ...args });
const create = async (client: Client, args: Record<string, unknown> = {}): Promise<string> => textAt(await plan(client, args), 'task_id');

const subtasks = z.array(z.object({ task_id: z.string() }));
/** A parent with two parts, the second waiting for the first. */
async function pair(client: Client) {
  const planned = await plan(client, { subtasks: [{ title: 'A' }, { title: 'B', depends_on: ['A'] }] });
  const [a = '', b = ''] = subtasks.parse(planned['subtasks']).map((one) => one.task_id);
  return { root: textAt(planned, 'task_id'), a, b };
}

const task = async (client: Client, id: string): Promise<unknown> =>
  (await answer(client, 'orchestrator_get_task', { task_id: id }))['task'];
const execute = (client: Client, id: string, worker = ada) => answer(client, 'orchestrator_execute_task', { task_id: id, ...worker });
const complete = (client: Client, id: string, args: Record<string, unknown> = {}) =>
  answer(client, 'orchestrator_complete_task', { task_id: id, ...ada, ...ending, ...args });
async function finish(client: Client, id: string, args: Record<string, unknown> = {}) {
  await execute(client, id);
  return complete(client, id, args);
}

test('1. execute leaves the task pending, and runs on cancelled and completed tasks', async () => {
  const client = await open();
  const [running, done, gone] = [await create(client), await create(client), await create(client)];
  await execute(client, running);
  expect(await task(client, running)).toMatchObject({ status: 'in_progress', attempt: 1 });
  await finish(client, done);
  await answer(client, 'orchestrator_cancel_task', { task_id: gone });
  for (const id of [running, done, gone])
    expect(await refusal(client, 'orchestrator_execute_task', { task_id: id, worker: 'bob' })).toMatchObject({
      reason: 'INVALID_TRANSITION',
      allowed_tools: expect.any(Array),
    });
});

test('2. complete succeeds from any state, any number of times, whatever next_action says', async () => {
  const client = await open();
  const id = await create(client);
  const call = { task_id: id, ...ada, ...ending };
  expect(await refusal(client, 'orchestrator_complete_task', call)).toMatchObject({ reason: 'INVALID_TRANSITION', from: 'pending' });
  const runs = await Promise.all(
    ['ada', 'bob', 'eve'].map((worker) => client.callTool({ name: 'orchestrator_execute_task', arguments: { task_id: id, worker } })),
  );
  const holder = ['ada', 'bob', 'eve'].filter((_, index) => runs[index]?.isError !== true);
  expect(holder).toHaveLength(1);
  const ends = await Promise.all(
    ['ada', 'bob', 'eve'].map((worker) => client.callTool({ name: 'orchestrator_complete_task', arguments: { ...call, worker } })),
  );
  expect(['ada', 'bob', 'eve'].filter((_, index) => ends[index]?.isError !== true)).toEqual(holder);
  for (const [next, status] of [
    ['continue', 'in_progress'],
    ['needs_revision', 'pending'],
    ['blocked', 'blocked'],
  ])
    expect(await finish(client, await create(client), { next_action: next })).toMatchObject({ next_action: next, task_status: status });
});

test('3. status "garbage", completed to pending and cancelled to completed are accepted', async () => {
  const client = await open();
  const [done, gone] = [await create(client), await create(client)];
  await finish(client, done);
  await answer(client, 'orchestrator_cancel_task', { task_id: gone });
  const update = (id: string, status: string) => refusal(client, 'orchestrator_update_task', { task_id: id, status });
  expect(await update(done, 'garbage')).toMatchObject({ reason: 'INVALID_PARAMS', arguments: [{ argument: 'status' }] });
  expect(await update(gone, 'completed')).toMatchObject({ fix: 'call orchestrator_complete_task' });
  expect(await update(done, 'blocked')).toMatchObject({ reason: 'INVALID_TRANSITION', from: 'completed' });
  expect([await task(client, done), await task(client, gone)]).toMatchObject([{ status: 'completed' }, { status: 'cancelled' }]);
  // The one way back is a new revision.
  await answer(client, 'orchestrator_update_task', { task_id: done, status: 'pending' });
  expect(await task(client, done)).toMatchObject({ status: 'pending', revision: 1 });
});

test('4. dependencies do not gate, and there is no check for circles', async () => {
  const client = await open();
  const { a, b } = await pair(client);
  expect(await refusal(client, 'orchestrator_execute_task', { task_id: b, ...ada })).toMatchObject({
    reason: 'DEPENDENCIES_UNMET',
    blocked_by: [{ task_id: a }],
  });
  const circle = { task_id: a, action: 'add', depends_on: b };
  expect(await refusal(client, 'orchestrator_update_dependencies', circle)).toMatchObject({
    reason: 'DEPENDENCY_CYCLE',
    path: expect.any(Array),
  });
  await finish(client, a, { summary: 'A is done' });
  expect(await execute(client, b)).toMatchObject({
    dependencies_completed: true,
    dependencies: [{ task_id: a, status: 'completed', summary: 'A is done' }],
  });
});

test('5. the parent stays pending for ever, and the next task is never computed', async () => {
  const client = await open();
  const { root, a, b } = await pair(client);
  const next = async () => (await answer(client, 'orchestrator_next_task'))['task'];
  expect(await next()).toMatchObject({ task_id: a });
  expect(await finish(client, a)).toMatchObject({ ready: [b] });
  expect(await next()).toMatchObject({ task_id: b });
  await finish(client, b);
  expect(await next()).toMatchObject({ task_id: root });
  await finish(client, root);
  expect(await answer(client, 'orchestrator_next_task')).toMatchObject({ status: 'nothing_ready', task: null });
});

test('6. summary, file paths and artifacts are not stored, and no tool reads an artifact back', async () => {
  const client = await open();
  const id = await create(client);
  const { artifact_references: references } = await finish(client, id, { file_paths: ['src/a.ts'], legacy_artifacts: ['b.md'] });
  expect(await task(client, id)).toMatchObject({ result: { summary: 'done', file_paths: ['src/a.ts', 'b.md'] } });
  const [{ id: artifact }] = z.tuple([z.object({ id: z.string() })]).parse(references);
  expect(await answer(client, 'orchestrator_get_artifact', { artifact_id: artifact })).toMatchObject({ content: 'The work' });
});

test('7. after a start, tasks are completed whose artifact is missing or cut', async () => {
  // Killed at every step of a commit in test/crash/; here, that what the agent was told is there for the next one.
  const first = await serveMcp();
  const client = await overHttp(first, { path: '/mcp/all' });
  const id = await create(client);
  const work = 'x'.repeat(200_000);
  await finish(client, id, { detailed_work: work });
  await first.close();
  const again = await overHttp(await serveMcp({ data: first.data }), { path: '/mcp/all' });
  let read = '';
  for (let offset: unknown = 0; typeof offset === 'number';) {
    const page = await answer(again, 'orchestrator_get_artifact', { task_id: id, offset });
    read += textAt(page, 'content');
    offset = page['next_offset'];
  }
  expect(read === work).toBe(true);
  const checked = { action: 'validate_structure', scope: 'full_project', validation_level: 'full_audit' };
  expect(await answer(again, 'orchestrator_maintenance_coordinator', checked)).toMatchObject({ summary: { issues_found: 0 } });
});

test('8. plan echoes complexity and specialist other than what it was given', async () => {
  const client = await open();
  const given = { complexity: 'very_complex', specialist_type: 'devops', task_type: 'deployment' };
  const planned = await plan(client, given);
  expect(planned).toMatchObject(given);
  expect(await task(client, textAt(planned, 'task_id'))).toMatchObject(given);
});

test('9. update and delete apply the write and then answer with an error', async () => {
  const client = await open();
  const id = await create(client);
  expect(await answer(client, 'orchestrator_update_task', { task_id: id, title: 'New' })).toMatchObject({
    status: 'success',
    data: { updated_task: { title: 'New', changes_applied: ['title'] } },
  });
  await refusal(client, 'orchestrator_update_task', { task_id: id, title: 'Newer', priority: 11 });
  await refusal(client, 'orchestrator_delete_task', { task_id: id });
  expect(await task(client, id)).toMatchObject({ title: 'New', status: 'pending' });
  const erase = { task_id: id, force: true, archive_instead: false };
  expect(await answer(client, 'orchestrator_delete_task', erase)).toMatchObject({ data: { action_taken: 'deleted' } });
  expect(await task(client, id)).toMatchObject({ title: '', status: 'archived' });
});

test('10. query fails on every result that is not empty', async () => {
  const client = await open();
  const { a, b } = await pair(client);
  await finish(client, a);
  const found = async (args: Record<string, unknown>) =>
    z.array(z.object({ task_id: z.string() })).parse((await answer(client, 'orchestrator_query_tasks', args))['tasks']);
  expect(await found({})).toHaveLength(3);
  expect(await found({ status: ['completed'], include_artifacts: true, include_children: true })).toMatchObject([{ task_id: a }]);
  expect(await found({ ready: true, specialist_type: ['generic'] })).toMatchObject([{ task_id: b }]);
});

test('11. an empty store reports tasks, health is a constant, synthesis of an unknown task succeeds', async () => {
  const client = await open();
  expect(await answer(client, 'orchestrator_get_status', { include_completed: true })).toMatchObject({
    active_tasks: [],
    pending_tasks: [],
    completed_tasks: [],
    task_summary: { total_active: 0, total_pending: 0, total_completed: 0, total_failed: 0 },
  });
  const measured = async () => (await answer(client, 'orchestrator_health_check'))['metrics'];
  expect(await measured()).toMatchObject({ tasks_running: 0 });
  await execute(client, await create(client));
  expect(await measured()).toMatchObject({ tasks_running: 1 });
  expect(await refusal(client, 'orchestrator_synthesize_results', { parent_task_id: `t_${unknown}` })).toMatchObject({
    reason: 'TASK_NOT_FOUND',
    nearby: [expect.any(String)],
  });
});

test('12. template_instantiate claims to have created tasks and creates none', async () => {
  const client = await open();
  const count = async () => (await answer(client, 'orchestrator_query_tasks', { limit: 1 }))['query_summary'];
  expect(await answer(client, 'template_instantiate', bugFix)).toMatchObject({ tasks_created: 0, task_id: null, tasks: {} });
  expect(await count()).toMatchObject({ pagination: { total_count: 0 } });
  const made = { ...bugFix, create_tasks: true, command_id: 'c1' };
  const told = await answer(client, 'template_instantiate', made);
  expect(await count()).toMatchObject({ pagination: { total_count: told['tasks_created'] } });
  const { reproduce } = z.object({ reproduce: z.string() }).parse(told['tasks']);
  expect(await task(client, reproduce)).toMatchObject({
    title: 'Reproduce: Umlauts are lost',
    parent_task_id: told['task_id'],
    ready: true,
  });
  expect(await answer(client, 'template_instantiate', made)).toMatchObject({ task_id: told['task_id'], tasks: told['tasks'] });
  expect(await count()).toMatchObject({ pagination: { total_count: told['tasks_created'] } });
});

test('13. sessions can’t be resumed, and are not tied to tasks', async () => {
  const client = await open();
  const { session_id: id } = await answer(client, 'orchestrator_initialize_session', { working_directory: 'importer' });
  const taskId = await create(client, { session_id: id });
  const other = await create(client);
  const named = { session_id: id };
  expect(await answer(client, 'orchestrator_query_tasks', named)).toMatchObject({ tasks: [{ task_id: taskId }] });
  expect(await answer(client, 'orchestrator_session_status', named)).toMatchObject({
    exists: true,
    working_directory: 'importer',
    tasks: { pending: 1 },
    ready_tasks: 1,
  });
  await answer(client, 'orchestrator_pause_session', named);
  expect(await answer(client, 'orchestrator_next_task')).toMatchObject({ task: { task_id: other } });
  expect(await refusal(client, 'orchestrator_execute_task', { task_id: taskId, ...ada })).toMatchObject({
    reason: 'SESSION_PAUSED',
    fix: expect.stringContaining('orchestrator_resume_session'),
  });
  for (const message of ['the session was paused and goes on', 'the session is active'])
    expect(await answer(client, 'orchestrator_resume_session', named)).toMatchObject({ success: true, session_status: 'active', message });
  await finish(client, taskId);
  await answer(client, 'orchestrator_complete_session', named);
  expect(await answer(client, 'orchestrator_resume_session', named)).toMatchObject({ session_status: 'active' });
});

test('14. half of the specialist types have no role', async () => {
  const client = await open();
  const { contents } = await client.readResource({ uri: 'troupe://roles' });
  const [listed] = contents;
  const keys = z.array(z.object({ key: z.string() })).parse(JSON.parse(listed !== undefined && 'text' in listed ? listed.text : ''));
  const texts = new Set<string>();
  for (const { key } of keys) {
    const { specialist_context: context } = await execute(client, await create(client, { specialist_type: key }));
    texts.add(z.object({ text: z.string() }).parse(context).text.split('## Role')[1]?.split('## Task')[0] ?? '');
  }
  expect([keys.length > 12, texts.size, texts.has('')]).toEqual([true, keys.length, false]);
});

test('15. errors reach the client in five shapes, and never as errors', async () => {
  const client = await open();
  const id = await create(client);
  await finish(client, id);
  const faults: [string, Record<string, unknown>][] = [
    ['orchestrator_plan_task', {}],
    ['orchestrator_plan_task', { title: 'x', description: '', specialist_type: 'wizard' }],
    ['orchestrator_get_task', { task_id: `t_${unknown}` }],
    ['orchestrator_complete_task', { task_id: id, ...ada, ...ending }],
    ['orchestrator_claim_task', ada],
    ['orchestrator_get_artifact', { artifact_id: `a_${unknown}` }],
    ['orchestrator_resume_session', { session_id: `s_${unknown}` }],
    ['orchestrator_restart_server', { preserve_state: false }],
    ['template_load', { template_id: 'no-such' }],
    ['template_instantiate', { template_id: 'bug-fix', parameters: {} }],
  ];
  for (const [name, args] of faults) {
    const told = await refusal(client, name, args);
    expect([name, told.reason, told.fix !== '']).toEqual([name, expect.stringMatching(/^[A-Z_]+$/), true]);
    expect(JSON.stringify(told)).not.toMatch(/\[object|undefined|\bNone\b|Traceback|Error:|at file:|node_modules/);
  }
  await expect(client.callTool({ name: 'no_such', arguments: {} })).rejects.toThrow(/there is no tool no_such/);
});
