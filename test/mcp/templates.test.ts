import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { textOf } from '../support/templates.ts';
import { bugFix } from './calls.ts';
import { answer, overHttp, refusal, serveMcp } from './connect.ts';

/** Templates as agents use them. */

const open = async (): Promise<Client> => overHttp(await serveMcp(), { path: '/mcp/all' });
const wrong = textOf({ tasks: "{\n    a: { title: 'A', dependency: ['b'] },\n  }" });
const fault = { line: 4, key: 'tasks.a.dependency', message: expect.any(String) };

test('a broken template is told by file, line and key: where it is checked, kept, listed and read', async () => {
  const serving = await serveMcp();
  const client = await overHttp(serving, { path: '/mcp/all' });
  expect(await answer(client, 'template_validate', { template_content: wrong })).toMatchObject({
    valid: false,
    errors: [fault],
    message: expect.stringMatching(/^tasks\.a\.dependency: .*\(line 4\)$/),
  });
  const file = 'templates/user/broken.json5';
  expect(await refusal(client, 'template_create', { template_id: 'broken', template_content: wrong })).toMatchObject({
    reason: 'TEMPLATE_INVALID',
    issues: [{ file, ...fault }],
    fix: expect.stringContaining('template_validate'),
  });
  await mkdir(join(serving.data, 'templates/user'), { recursive: true });
  await writeFile(join(serving.data, file), wrong);
  for (const [name, args] of [
    ['template_load', {}],
    ['template_info', { category: 'user' }],
    ['template_instantiate', { parameters: {} }],
  ] as const)
    expect([name, await refusal(client, name, { template_id: 'broken', ...args })]).toEqual([
      name,
      expect.objectContaining({ reason: 'TEMPLATE_INVALID', message: expect.stringContaining(file), issues: [{ file, ...fault }] }),
    ]);
  expect(await answer(client, 'template_list', { category: 'user' })).toMatchObject({
    templates: [{ id: 'broken', fault: expect.stringContaining(`${file}: tasks.a.dependency`) }],
    total_count: 1,
    filtered_by_category: 'user',
  });
  expect(await answer(client, 'template_validate_all', { category: 'user' })).toMatchObject({
    validated: [],
    failed: ['user/broken'],
    errors: [expect.stringContaining('(line 4)')],
  });
});

test('a template is kept, read with what it is, and deleted; a wrong id says what is like it', async () => {
  const client = await open();
  const parameters = "{ what: { type: 'string', description: 'What' } }";
  const mine = { template_id: 'mine', template_content: textOf({ parameters, tasks: "{ a: { title: '{{what}}' } }" }) };
  expect(await answer(client, 'template_create', mine)).toMatchObject({ status: 'success', category: 'user', parameters: ['what'] });
  expect(await answer(client, 'template_create', mine)).toMatchObject({ message: 'the same text is kept already' });
  expect(await refusal(client, 'template_create', { ...mine, template_content: textOf() })).toMatchObject({
    reason: 'TEMPLATE_EXISTS',
    arguments: [{ argument: 'template_id' }],
  });
  expect(await answer(client, 'template_load', { template_id: 'mine' })).toMatchObject({
    template: { tasks: { a: { title: '{{what}}' } } },
    info: { id: 'mine', category: 'user', size: Buffer.byteLength(mine.template_content) },
  });
  expect(await answer(client, 'template_info', { template_id: 'mine' })).toMatchObject({
    template_info: { metadata: { name: 'Small' }, parameter_definitions: [{ name: 'what', type: 'string', required: true }] },
  });
  expect(await refusal(client, 'template_uninstall', { template_id: 'mine', category: 'shared' })).toMatchObject({
    reason: 'TEMPLATE_NOT_FOUND',
    nearby: expect.arrayContaining(['mine']),
  });
  expect(await answer(client, 'template_delete', { template_id: 'mine' })).toMatchObject({ deleted_template: 'user/mine' });
  expect(await refusal(client, 'template_load', { template_id: 'bugfix' })).toMatchObject({
    reason: 'TEMPLATE_NOT_FOUND',
    nearby: expect.arrayContaining(['bug-fix']),
  });
});

test('a preview shows the plan, wrong parameters keep their own names, and tasks go where they were asked to', async () => {
  const client = await open();
  expect(await answer(client, 'template_instantiate', bugFix)).toMatchObject({
    tasks_created: 0,
    instantiated_template: { id: 'bug-fix', plan: { title: expect.stringContaining('Umlauts are lost') } },
    execution_order: expect.arrayContaining([expect.arrayContaining(['reproduce'])]),
  });
  expect(await refusal(client, 'template_instantiate', { template_id: 'bug-fix', parameters: { bugReport: 'x' } })).toMatchObject({
    reason: 'INVALID_PARAMS',
    arguments: expect.arrayContaining([{ argument: 'parameters.bugReport', message: expect.stringContaining('no such parameter') }]),
  });
  const { task_id: parent } = await answer(client, 'orchestrator_plan_task', { title: 'All', description: '' });
  const made = await answer(client, 'template_instantiate', { ...bugFix, create_tasks: true, parent_task_id: parent });
  expect((await answer(client, 'orchestrator_get_task', { task_id: made['task_id'] }))['task']).toMatchObject({ parent_task_id: parent });
});

test('the library is installed once, and counted', async () => {
  const client = await open();
  const status = () => answer(client, 'template_get_installation_status');
  const before = await status();
  expect(before).toMatchObject({ total_installed: 0, builtin_installed: 0, installation_coverage: 0 });
  const library = await answer(client, 'template_install_default_library');
  expect(library).toMatchObject({ total_templates: before['available_defaults'], failed: [], skipped: [] });
  expect(await answer(client, 'template_install_default_library')).toMatchObject({ installed: [], skipped: library['installed'] });
  expect(await status()).toMatchObject({ shared_installed: library['total_templates'], installation_coverage: 1 });
  expect(await answer(client, 'template_uninstall', { template_id: 'bug-fix', category: 'shared' })).toMatchObject({ status: 'success' });
  expect(await answer(client, 'template_install_examples')).toMatchObject({ installed_templates: ['bug-fix'], errors: [] });
});
