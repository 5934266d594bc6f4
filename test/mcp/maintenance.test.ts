import type { Client } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { answer, overHttp, refusal, serveMcp, textAt } from './connect.ts';

/** What looks after the list as a whole, on real data. */

const open = async (): Promise<Client> => overHttp(await serveMcp(), { path: '/mcp/all' });
const tool = 'orchestrator_maintenance_coordinator';
const maintain = (client: Client, action: string, args: Record<string, unknown> = {}) => answer(client, tool, { action, ...args });
const create = async (client: Client, args: Record<string, unknown> = {}): Promise<string> =>
  textAt(await answer(client, 'orchestrator_plan_task', { title: 'Task', description: '', ...args }), 'task_id');
const statusOf = async (client: Client, id: string): Promise<unknown> =>
  z.looseObject({ task: z.looseObject({ status: z.string() }) }).parse(await answer(client, 'orchestrator_get_task', { task_id: id })).task
    .status;
const run = (client: Client, id: string) => answer(client, 'orchestrator_execute_task', { task_id: id, worker: 'w' });
const cancel = (client: Client, id: string) => answer(client, 'orchestrator_cancel_task', { task_id: id });

test('a clean-up says what is stuck; it frees and archives only when it is asked to, and only where', async () => {
  const client = await open();
  const { session_id: session } = await answer(client, 'orchestrator_initialize_session');
  const here = { session_id: session };
  const [stale, gone] = [await create(client, here), await create(client, here)];
  const [elsewhere, kept] = [await create(client), await create(client)];
  for (const id of [stale, elsewhere]) await run(client, id);
  for (const id of [gone, kept]) await cancel(client, id);
  const limits = { stale_hours: 0, older_than_days: 0 };
  const all = await maintain(client, 'scan_cleanup', { stale_hours: 0 });
  expect(all).toMatchObject({
    status: 'maintenance_completed',
    maintenance_results: { dry_run: true, items_cleaned: [] },
    summary: { issues_found: 2, items_cleaned: 0, items_to_clean: 2 },
  });
  const dry = await maintain(client, 'scan_cleanup', { ...here, stale_hours: 0 });
  expect(dry).toMatchObject({
    maintenance_results: {
      issues_found: [{ task_id: stale, kind: 'stale' }],
      items_to_clean: [{ task_id: stale, action: 'freed' }],
      recommendations: expect.arrayContaining(['clean up with dry_run false']),
    },
  });
  expect(await statusOf(client, stale)).toBe('in_progress');
  expect(await refusal(client, tool, { action: 'scan_cleanup', dry_run: false })).toMatchObject({
    reason: 'INVALID_PARAMS',
    arguments: [{ argument: 'session_id' }],
  });
  const done = await maintain(client, 'scan_cleanup', { ...here, stale_hours: 0, dry_run: false, command_id: 'm1' });
  expect(done).toMatchObject({ summary: { items_cleaned: 1, items_to_clean: 0 }, maintenance_results: { dry_run: false } });
  expect([await statusOf(client, stale), await statusOf(client, elsewhere)]).toEqual(['pending', 'in_progress']);
  const archived = await maintain(client, 'scan_cleanup', { ...here, ...limits, dry_run: false });
  expect(archived['maintenance_results']).toMatchObject({
    items_cleaned: expect.arrayContaining([{ task_id: gone, title: 'Task', action: 'archived (failed)' }]),
  });
  expect([await statusOf(client, gone), await statusOf(client, kept)]).toEqual(['archived', 'cancelled']);
});

test('a hand-over is the state of the work within the scope; documentation says that no file was changed', async () => {
  const client = await open();
  const planned = await answer(client, 'orchestrator_plan_task', {
    title: 'Importer',
    description: '',
    subtasks: [{ title: 'Read the file' }, { title: 'Show it', depends_on: ['Read the file'] }],
  });
  await create(client, { title: 'Something else' });
  const parts = z.array(z.looseObject({ task_id: z.string() })).parse(planned['subtasks']);
  const part = parts[0]?.task_id ?? '';
  await run(client, part);
  const work = { summary: 'Reads UTF-8 now', detailed_work: 'w', next_action: 'complete' };
  await answer(client, 'orchestrator_complete_task', { task_id: part, worker: 'w', ...work });
  const told = await maintain(client, 'prepare_handover', { scope: 'specific_subtask', target_task_id: planned['task_id'] });
  const text = textAt(told, 'document');
  expect(text).toMatch(/# Hand-over: task t_[^]*## Ready next[^]*Show it[^]*## Done[^]*Read the file[^]*> Reads UTF-8 now/);
  expect(text).not.toContain('Something else');
  const documented = await maintain(client, 'update_documentation', { scope: 'full_project', project: 'default' });
  expect(textAt(documented, 'document')).toContain('Something else');
  expect(textAt(documented, 'message')).toContain('no file was changed');
});

test('the stored structure is held against itself; a scope that does not fit its arguments is refused', async () => {
  const client = await open();
  await create(client, { subtasks: [{ title: 'A' }, { title: 'B', depends_on: ['A'] }] });
  expect(await maintain(client, 'validate_structure', { validation_level: 'full_audit' })).toMatchObject({
    message: '3 tasks held against what is stored, level full_audit',
    maintenance_results: { validation_level: 'full_audit', issues_found: [] },
    document: null,
  });
  for (const [args, argument] of [
    [{ scope: 'specific_subtask' }, 'target_task_id'],
    [{ scope: 'full_project', target_task_id: `t_${'0'.repeat(26)}` }, 'target_task_id'],
    [{ project: 'default' }, 'project'],
  ] as const)
    expect(await refusal(client, tool, { action: 'prepare_handover', ...args })).toMatchObject({ arguments: [{ argument }] });
});
