import type { Client } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { bugFix, comeBack } from './calls.ts';
import { answer, overHttp, refusal, serveMcp, textAt } from './connect.ts';
import { keysOf, missingFrom, parseKey, referenceTools } from './reference.ts';
import type { ReferenceTool } from './reference.ts';

/** Every tool of the reference system is here under its name, takes what it took, and answers what it answered. */

type Listed = Awaited<ReturnType<Client['listTools']>>['tools'][number];
type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const schemaAt = (schema: Schema | undefined, name: string): Schema | undefined => {
  const value = schema?.[name];
  return isSchema(value) ? value : undefined;
};

/** Whether every value of the reference's enum is one of ours, or ours is a free string. */
const takes = (ours: Schema | undefined, wanted: readonly string[] | undefined): boolean => {
  const values = ours?.['enum'];
  return wanted === undefined || !Array.isArray(values) || wanted.every((value) => values.includes(value));
};

function differences({ name, inputSchema }: ReferenceTool, listed: Listed | undefined): string[] {
  if (listed === undefined) return [`${name} is not listed`];
  const schema: Schema = { ...listed.inputSchema };
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const ours = schemaAt(schema, 'properties');
  const members = Object.entries(inputSchema.properties).flatMap(([member, theirs]) => {
    const mine = schemaAt(ours, member);
    const items = schemaAt(mine, 'items');
    return [
      ...(mine?.['type'] === theirs.type ? [] : [`${name}.${member} is a ${String(mine?.['type'])}, not a ${theirs.type}`]),
      ...(takes(mine, theirs.enum) ? [] : [`${name}.${member} takes fewer values`]),
      ...(theirs.items === undefined || items?.['type'] === theirs.items.type ? [] : [`${name}.${member} holds other items`]),
      ...(takes(items, theirs.items?.enum) ? [] : [`${name}.${member} takes fewer items`]),
      ...(theirs.default === undefined || mine?.['default'] === theirs.default ? [] : [`${name}.${member} has another default`]),
    ];
  });
  const [needed, wanted] = [required.toSorted(), inputSchema.required.toSorted()];
  return [...members, ...(needed.join() === wanted.join() ? [] : [`${name} requires ${needed.join()} instead of ${wanted.join()}`])];
}

test('all are listed, each argument with its type, values, default and whether it is required', async () => {
  const client = await overHttp(await serveMcp(), { path: '/mcp/all' });
  const listed = new Map((await client.listTools()).tools.map((tool) => [tool.name, tool]));
  expect(referenceTools).toHaveLength(32);
  expect(referenceTools.flatMap((tool) => differences(tool, listed.get(tool.name)))).toEqual([]);
  // Where the schema names no values, each is accepted all the same.
  const values = referenceTools.flatMap((tool) => tool.inputSchema.properties['specialist_type']?.enum ?? []);
  for (const specialist of new Set(values))
    await answer(client, 'orchestrator_plan_task', { title: specialist, description: '', specialist_type: specialist });
});

test('every change takes a command_id', async () => {
  const client = await overHttp(await serveMcp(), { path: '/mcp/all' });
  const { tools } = await client.listTools();
  const without = tools
    .filter(({ annotations, inputSchema }) => annotations?.readOnlyHint === false && inputSchema.properties?.['command_id'] === undefined)
    .map(({ name }) => name);
  expect(without).toEqual([]);
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['orchestrator_pause_session', 'orchestrator_complete_session']));
});

test('the grammar of the keys finds what is missing', () => {
  const keys = ['a="x"', 'b{c,d{e}}', 'f[{g}]', 'h|null', 'i?'].map(parseKey);
  expect(missingFrom({ a: 'x', b: { c: 1, d: { e: 2 } }, f: [{ g: 1 }], h: null }, keys)).toEqual([]);
  expect(missingFrom({ a: 'y', b: { d: 1 }, f: [{ g: 1 }, {}] }, keys)).toEqual([
    'a is "y", not "x"',
    'b.c is missing',
    'b.d is no object',
    'f[1].g is missing',
    'h is missing',
  ]);
});

type Call = (client: Client) => Promise<Record<string, unknown>>;

const plan = (client: Client, args: Record<string, unknown> = {}): Promise<Record<string, unknown>> =>
  answer(client, 'orchestrator_plan_task', { title: 'One', description: 'The first', ...args });
const planned = async (client: Client): Promise<string> => textAt(await plan(client), 'task_id');
const session = async (client: Client): Promise<string> =>
  textAt(await answer(client, 'orchestrator_initialize_session', { working_directory: 'importer' }), 'session_id');
const template = (client: Client): Promise<Record<string, unknown>> =>
  answer(client, 'template_create', {
    template_id: 'mine',
    template_content: "{ metadata: { name: 'Mine', version: '1.0.0', description: 'For tests' }, tasks: { a: { title: 'A' } } }",
  });
const completed = async (client: Client): Promise<Record<string, unknown>> => {
  const id = await planned(client);
  await answer(client, 'orchestrator_execute_task', { task_id: id, worker: 'w' });
  const work = { summary: 'done', detailed_work: 'The work', next_action: 'complete', file_paths: ['a.ts'], legacy_artifacts: ['b.ts'] };
  return answer(client, 'orchestrator_complete_task', { task_id: id, worker: 'w', ...work });
};

/** Each with arguments of the reference alone, but for the worker: over HTTP nobody else has a name. */
const calls: Readonly<Record<string, Call>> = {
  orchestrator_initialize_session: (client) => answer(client, 'orchestrator_initialize_session', { working_directory: 'importer' }),
  orchestrator_synthesize_results: async (client) => {
    const { task_id: root, subtasks } = await plan(client, { subtasks: [{ title: 'A' }, { title: 'B' }] });
    const [first, second] = subtasks as { task_id: string }[];
    const work = { worker: 'w', task_id: first?.task_id };
    await answer(client, 'orchestrator_execute_task', work);
    await answer(client, 'orchestrator_complete_task', { ...work, summary: 's', detailed_work: 'w', next_action: 'complete' });
    await answer(client, 'orchestrator_execute_task', { worker: 'w', task_id: second?.task_id });
    await answer(client, 'orchestrator_fail_task', { worker: 'w', task_id: second?.task_id, error: 'no', retryable: false });
    const told = await answer(client, 'orchestrator_synthesize_results', { parent_task_id: root });
    expect(told).toMatchObject({ failed_subtasks_summary: [{ error: 'no' }] });
    return told;
  },
  orchestrator_get_status: (client) => answer(client, 'orchestrator_get_status', { include_completed: true }),
  orchestrator_plan_task: (client) => plan(client),
  orchestrator_update_task: async (client) =>
    answer(client, 'orchestrator_update_task', { task_id: await planned(client), title: 'Two', complexity: 'simple', context: { a: 1 } }),
  orchestrator_delete_task: async (client) => answer(client, 'orchestrator_delete_task', { task_id: await planned(client), force: true }),
  orchestrator_cancel_task: async (client) => answer(client, 'orchestrator_cancel_task', { task_id: await planned(client), reason: 'r' }),
  orchestrator_query_tasks: async (client) => {
    await plan(client);
    return answer(client, 'orchestrator_query_tasks', { status: ['pending', 'active'], search_text: 'one', limit: 5, offset: 0 });
  },
  orchestrator_execute_task: async (client) => answer(client, 'orchestrator_execute_task', { task_id: await planned(client) }),
  orchestrator_complete_task: completed,
  orchestrator_list_sessions: async (client) => {
    await session(client);
    return answer(client, 'orchestrator_list_sessions', { include_completed: true, limit: 3 });
  },
  orchestrator_resume_session: async (client) => answer(client, 'orchestrator_resume_session', { session_id: await session(client) }),
  orchestrator_cleanup_sessions: async (client) => {
    await session(client);
    return answer(client, 'orchestrator_cleanup_sessions', { cleanup_type: 'all', older_than_days: 0, dry_run: true });
  },
  orchestrator_session_status: async (client) => answer(client, 'orchestrator_session_status', { session_id: await session(client) }),
  orchestrator_maintenance_coordinator: (client) => answer(client, 'orchestrator_maintenance_coordinator', { action: 'scan_cleanup' }),
  template_create: template,
  template_list: (client) => answer(client, 'template_list', { category: 'builtin', include_metadata: true }),
  template_load: (client) => answer(client, 'template_load', { template_id: 'bug-fix' }),
  template_instantiate: (client) => answer(client, 'template_instantiate', { ...bugFix, create_tasks: true }),
  template_validate: (client) => answer(client, 'template_validate', { template_content: '{}' }),
  template_delete: async (client) => {
    await template(client);
    return answer(client, 'template_delete', { template_id: 'mine' });
  },
  template_info: (client) => answer(client, 'template_info', { template_id: 'bug-fix', category: 'builtin' }),
  template_install_examples: (client) => answer(client, 'template_install_examples', { category: 'user' }),
  template_install_default_library: (client) => answer(client, 'template_install_default_library', { category: 'research' }),
  template_get_installation_status: (client) => answer(client, 'template_get_installation_status'),
  template_validate_all: (client) => answer(client, 'template_validate_all'),
  template_uninstall: async (client) => {
    await template(client);
    return answer(client, 'template_uninstall', { template_id: 'mine' });
  },
  orchestrator_restart_server: async (client) => {
    const told = await answer(client, 'orchestrator_restart_server', { graceful: true, timeout: 10, reason: 'configuration_update' });
    await comeBack(client);
    return told;
  },
  orchestrator_health_check: (client) => answer(client, 'orchestrator_health_check'),
  orchestrator_shutdown_prepare: (client) => answer(client, 'orchestrator_shutdown_prepare'),
  orchestrator_reconnect_test: async (client) => answer(client, 'orchestrator_reconnect_test', { session_id: await session(client) }),
  orchestrator_restart_status: (client) => answer(client, 'orchestrator_restart_status', { include_history: true }),
};

describe('against a running service', () => {
  test('each answers with every key of the reference', async () => {
    const client = await overHttp(await serveMcp({ graceMs: 0 }), { path: '/mcp/all' });
    for (const tool of referenceTools) {
      const call = calls[tool.name];
      expect([tool.name, call === undefined]).toEqual([tool.name, false]);
      expect([tool.name, missingFrom(await call?.(client), keysOf(tool).always)]).toEqual([tool.name, []]);
    }
  });

  test('a plan with a breakdown answers with its own keys as well', async () => {
    const client = await overHttp(await serveMcp(), { path: '/mcp/all' });
    const tool = referenceTools.find(({ name }) => name === 'orchestrator_plan_task');
    const keys = tool === undefined ? [] : keysOf(tool).withBreakdown;
    expect(keys.map(({ name }) => name)).toEqual([
      'parent_task_id',
      'subtasks',
      'execution_order',
      'estimated_duration_minutes',
      'next_steps',
    ]);
    expect(missingFrom(await plan(client, { subtasks: [{ title: 'A' }, { title: 'B', depends_on: ['A'] }] }), keys)).toEqual([]);
  });

  test('arguments that are missing or wrong are named', async () => {
    const client = await overHttp(await serveMcp(), { path: '/mcp/all' });
    for (const { name, inputSchema } of referenceTools) {
      for (const argument of inputSchema.required)
        expect([name, (await refusal(client, name))['arguments']]).toEqual([
          name,
          expect.arrayContaining([{ argument, message: 'is missing' }]),
        ]);
      expect([name, await refusal(client, name, { no_such: 1 })]).toEqual([name, expect.objectContaining({ reason: 'INVALID_PARAMS' })]);
    }
  });
});
