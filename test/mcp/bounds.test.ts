import type { Client } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { textOf as templateText } from '../support/templates.ts';
import { answer, overHttp, serveMcp, textOf } from './connect.ts';

const most = 8_192;
const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** One copy of an answer: what a client shows to its model. */
async function measured(client: Client, name: string, args: Record<string, unknown>): Promise<number> {
  const result = await client.callTool({ name, arguments: args });
  expect([name, result.isError ?? false]).toEqual([name, false]);
  const [, ...links] = result.content;
  expect(JSON.parse(textOf(result))).toEqual(result.structuredContent);
  return bytes(result.structuredContent) + (links.length === 0 ? 0 : bytes(links));
}

test('the lists of tools are short, and a call by name works for every tool in both', async () => {
  const serving = await serveMcp();
  const [core, all] = [await overHttp(serving), await overHttp(serving, { path: '/mcp/all' })];
  const lists = { core: (await core.listTools()).tools, all: (await all.listTools()).tools };
  expect(bytes(lists.core)).toBeLessThanOrEqual(16_384);
  expect(bytes(lists.all)).toBeLessThanOrEqual(49_152);
  expect(lists.core.length).toBeLessThan(lists.all.length);
  for (const { name, annotations, outputSchema, description } of lists.all) {
    expect([name, typeof annotations?.readOnlyHint, outputSchema?.['type'], (description ?? '').length > 20]).toEqual([
      name,
      'boolean',
      'object',
      true,
    ]);
  }
  const { task_id: taskId } = await answer(core, 'orchestrator_plan_task', { title: 'One', description: '' });
  expect(lists.core.map(({ name }) => name)).not.toContain('orchestrator_cancel_task');
  expect(await answer(core, 'orchestrator_cancel_task', { task_id: taskId })).toMatchObject({ status: 'cancelled' });
});

test('no answer is longer than 8 KB, whatever is stored', async () => {
  const client = await overHttp(await serveMcp(), { path: '/mcp/all' });
  const long = 'Größe "quoted" \\ 漢字\n'.repeat(400);
  const context = Object.fromEntries(Array.from({ length: 800 }, (_, index) => [`member-${index}`, index]));
  const planned = await client.callTool({
    name: 'orchestrator_plan_task',
    arguments: {
      title: 'T'.repeat(255),
      description: long,
      context,
      acceptance_criteria: Array.from({ length: 40 }, () => 'c'.repeat(300)),
      tags: Array.from({ length: 20 }, (_, index) => `${'t'.repeat(60)}${index}`),
      subtasks: Array.from({ length: 300 }, (_, index) => ({ title: `${index} ${'s'.repeat(200)}`, description: long.slice(0, 2_000) })),
    },
  });
  const { task_id: root, subtasks } = planned.structuredContent as { task_id: string; subtasks: { task_id: string }[] };
  expect(bytes(planned.structuredContent)).toBeLessThanOrEqual(most);
  const sizes: Record<string, number> = {};
  sizes['query'] = await measured(client, 'orchestrator_query_tasks', { limit: 1_000 });
  sizes['query, whole'] = await measured(client, 'orchestrator_query_tasks', {
    limit: 1_000,
    include_children: true,
    include_artifacts: true,
    fields: ['title', 'description', 'context', 'acceptance', 'artifacts', 'depends_on'],
  });
  sizes['get'] = await measured(client, 'orchestrator_get_task', { task_id: root });
  const child = subtasks[0]?.task_id;
  sizes['execute'] = await measured(client, 'orchestrator_execute_task', { task_id: child, worker: 'w' });
  const work = { task_id: child, worker: 'w', summary: long.slice(0, 4_000), detailed_work: long.repeat(20), next_action: 'continue' };
  for (let n = 0; n < 15; n += 1) sizes['complete'] = await measured(client, 'orchestrator_complete_task', work);
  sizes['artifact'] = await measured(client, 'orchestrator_get_artifact', { task_id: child });
  sizes['synthesize'] = await measured(client, 'orchestrator_synthesize_results', { parent_task_id: root });
  sizes['status'] = await measured(client, 'orchestrator_get_status', { include_completed: true });
  sizes['next'] = await measured(client, 'orchestrator_next_task', {});
  sizes['cancel'] = await measured(client, 'orchestrator_cancel_task', { task_id: root, subtree: true });
  for (const [name, size] of Object.entries(sizes)) expect([name, size <= most]).toEqual([name, true]);
});

test('no answer about sessions, templates and the service is longer either, and no refusal', async () => {
  const client = await overHttp(await serveMcp(), { path: '/mcp/all' });
  const long = 'Größe "quoted" \\ 漢字 '.repeat(12);
  const context = Object.fromEntries(Array.from({ length: 800 }, (_, index) => [`member-${index}`, index]));
  let sessionId: unknown;
  for (let n = 0; n < 60; n += 1)
    ({ session_id: sessionId } = await answer(client, 'orchestrator_initialize_session', {
      title: 'T'.repeat(255),
      working_directory: '/w'.repeat(150),
      ...(n === 59 && { context }),
    }));
  for (let n = 0; n < 40; n += 1)
    await answer(client, 'orchestrator_plan_task', {
      title: `${n} ${'t'.repeat(200)}`,
      description: long,
      session_id: sessionId,
      acceptance_criteria: [long],
    });
  const tasks = Array.from({ length: 150 }, (_, n) => `t${n}: { title: 'Task ${n}', description: '{{what}} ${'d'.repeat(400)}' }`);
  const sections = { parameters: "{ what: { type: 'string', description: 'What' } }", tasks: `{ ${tasks.join(',\n')} }` };
  await answer(client, 'template_create', { template_id: 'long', template_content: templateText(sections) });
  const wrong = templateText({ tasks: `{ ${tasks.join(',\n').replaceAll('description', `descr${'x'.repeat(300)}`)} }` });
  const calls: [string, Record<string, unknown>][] = [
    ['orchestrator_list_sessions', { limit: 1_000, include_completed: true }],
    ['orchestrator_session_status', { session_id: sessionId }],
    ['orchestrator_cleanup_sessions', { cleanup_type: 'all', older_than_days: 0 }],
    ['orchestrator_maintenance_coordinator', { action: 'validate_structure', validation_level: 'full_audit' }],
    ['orchestrator_maintenance_coordinator', { action: 'prepare_handover', scope: 'full_project' }],
    ['orchestrator_maintenance_coordinator', { action: 'scan_cleanup' }],
    ['template_list', { include_metadata: true, limit: 1_000 }],
    ['template_load', { template_id: 'long' }],
    ['template_info', { template_id: 'long' }],
    ['template_instantiate', { template_id: 'long', parameters: { what: 'w'.repeat(500) } }],
    ['template_instantiate', { template_id: 'long', parameters: { what: 'w'.repeat(500) }, create_tasks: true }],
    ['template_validate', { template_content: wrong.slice(0, 90_000) }],
    ['template_install_default_library', { category: 'all' }],
    ['template_validate_all', {}],
    ['orchestrator_health_check', {}],
    ['orchestrator_restart_status', { include_history: true }],
  ];
  for (const [name, args] of calls) expect([name, (await measured(client, name, args)) <= most]).toEqual([name, true]);
  const refused = await client.callTool({
    name: 'template_create',
    arguments: { template_id: 'wrong', template_content: wrong.slice(0, 90_000) },
  });
  expect([refused.isError, Buffer.byteLength(textOf(refused)) <= most]).toEqual([true, true]);
  // A page that ended early leads on.
  const page = await answer(client, 'orchestrator_list_sessions', { limit: 1_000 });
  expect(page).toMatchObject({ total_count: 60, displayed_count: (page['sessions'] as unknown[]).length, next_cursor: expect.any(String) });
  const rest = await answer(client, 'orchestrator_list_sessions', { limit: 1_000, cursor: page['next_cursor'] });
  const ids = [page, rest].flatMap(({ sessions }) => (sessions as { session_id: string }[]).map(({ session_id: id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});

test('pages end where they are full, lead on without gap or repetition, and an offset leads to the same place', async () => {
  const client = await overHttp(await serveMcp());
  await answer(client, 'orchestrator_plan_task', {
    title: 'Root',
    description: '',
    subtasks: Array.from({ length: 120 }, (_, index) => ({ title: `Part ${index} ${'x'.repeat(100)}` })),
  });
  const seen: string[] = [];
  let pages = 0;
  for (let cursor: unknown; pages === 0 || typeof cursor === 'string'; pages += 1) {
    const page = await answer(client, 'orchestrator_query_tasks', { limit: 100, ...(typeof cursor === 'string' && { cursor }) });
    const { tasks, query_summary: summary } = page as {
      tasks: { task_id: string }[];
      query_summary: { pagination: { has_more: boolean; total_count: number; next_cursor: string | null } };
    };
    expect(summary.pagination).toMatchObject({ total_count: 121, has_more: summary.pagination.next_cursor !== null });
    seen.push(...tasks.map(({ task_id: id }) => id));
    cursor = summary.pagination.next_cursor;
  }
  expect(pages).toBeGreaterThan(2);
  expect([seen.length, new Set(seen).size]).toEqual([121, 121]);
  const { tasks } = (await answer(client, 'orchestrator_query_tasks', { offset: 100, limit: 5 })) as { tasks: { task_id: string }[] };
  expect(tasks.map(({ task_id: id }) => id)).toEqual(seen.slice(100, 105));
  expect(await answer(client, 'orchestrator_query_tasks', { offset: 500 })).toMatchObject({ tasks: [] });
});
