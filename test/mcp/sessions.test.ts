import type { Client } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { answer, overHttp, refusal, serveMcp, textAt } from './connect.ts';

/** Sessions as agents use them. */

const open = async (): Promise<Client> => overHttp(await serveMcp(), { path: '/mcp/all' });
const begin = async (client: Client, args: Record<string, unknown> = {}): Promise<string> =>
  textAt(await answer(client, 'orchestrator_initialize_session', args), 'session_id');
const cancelled = async (client: Client, sessionId: string): Promise<void> => {
  const { task_id: id } = await answer(client, 'orchestrator_plan_task', { title: 'One', description: '', session_id: sessionId });
  await answer(client, 'orchestrator_cancel_task', { task_id: id });
};
const idsOf = async (client: Client, args: Record<string, unknown> = {}): Promise<string[]> =>
  z
    .array(z.object({ session_id: z.string() }))
    .parse((await answer(client, 'orchestrator_list_sessions', args))['sessions'])
    .map((one) => one.session_id);

test('a session goes through its life, and says what can be done with it', async () => {
  const client = await open();
  const begun = { working_directory: '/home/eve/importer/', command_id: 'c1' };
  const told = await answer(client, 'orchestrator_initialize_session', begun);
  const id = textAt(told, 'session_id');
  expect(told).toMatchObject({
    status: 'session_initialized',
    message: 'the session "importer" has begun',
    capabilities: { plan: true, claim: true, pause: true, resume: false, complete: true },
    next_steps: [expect.stringContaining('orchestrator_plan_task')],
  });
  // The same command is the same session.
  expect(await answer(client, 'orchestrator_initialize_session', begun)).toMatchObject({ session_id: id });
  const named = { session_id: id };
  await answer(client, 'orchestrator_plan_task', { title: 'One', description: '', ...named });
  expect(await refusal(client, 'orchestrator_complete_session', named)).toMatchObject({
    reason: 'SESSION_UNFINISHED',
    fix: expect.stringContaining('orchestrator_query_tasks with session_id'),
  });
  expect(await answer(client, 'orchestrator_pause_session', { ...named, reason: 'lunch' })).toMatchObject({
    session_status: 'paused',
    capabilities: { plan: true, claim: false, pause: false, resume: true },
    next_steps: [`go on with orchestrator_resume_session ${id}`],
  });
  expect(await answer(client, 'orchestrator_session_status', named)).toMatchObject({ health: 'paused', session_status: 'paused' });
  expect(await refusal(client, 'orchestrator_pause_session', named)).toMatchObject({
    reason: 'INVALID_TRANSITION',
    allowed_tools: expect.arrayContaining(['orchestrator_resume_session']),
  });
  expect(await answer(client, 'orchestrator_resume_session', named)).toMatchObject({ session_status: 'active' });
  const work = { worker: 'w', summary: 's', detailed_work: 'w', next_action: 'complete' };
  const { task_id: taskId } = await answer(client, 'orchestrator_claim_task', { worker: 'w', ...named });
  await answer(client, 'orchestrator_complete_task', { ...work, task_id: taskId });
  expect(await answer(client, 'orchestrator_complete_session', named)).toMatchObject({ message: 'completed, with 1 completed tasks' });
  expect(await refusal(client, 'orchestrator_plan_task', { title: 'Late', description: '', ...named })).toMatchObject({
    reason: 'SESSION_CLOSED',
  });
  expect([await idsOf(client), await idsOf(client, { include_completed: true })]).toEqual([[], [id]]);
});

test('status measures: an unknown one is not there, and failed work is named', async () => {
  const client = await open();
  expect(await answer(client, 'orchestrator_session_status', { session_id: `s_${'0'.repeat(26)}` })).toMatchObject({
    exists: false,
    created_at: null,
    health: 'unknown',
  });
  const id = await begin(client, { title: 'Importer', context: { branch: 'main' } });
  expect(await refusal(client, 'orchestrator_session_status', { session_id: 'importer' })).toMatchObject({
    reason: 'INVALID_PARAMS',
    arguments: [{ argument: 'session_id' }],
    nearby: [`${id} (active: Importer)`],
  });
  expect(await refusal(client, 'orchestrator_resume_session', { session_id: `s_${'0'.repeat(26)}` })).toMatchObject({
    reason: 'SESSION_NOT_FOUND',
    nearby: [`${id} (active: Importer)`],
  });
  const good = await answer(client, 'orchestrator_session_status', { session_id: id });
  expect(good).toMatchObject({ exists: true, health: 'good', session_context: { branch: 'main' } });
  const { task_id: taskId } = await answer(client, 'orchestrator_plan_task', { title: 'One', description: '', session_id: id });
  await answer(client, 'orchestrator_execute_task', { task_id: taskId, worker: 'w' });
  await answer(client, 'orchestrator_fail_task', { task_id: taskId, worker: 'w', error: 'no', retryable: false });
  expect(await answer(client, 'orchestrator_session_status', { session_id: id })).toMatchObject({
    health: 'needs_attention',
    message: '1 tasks failed',
    tasks: { failed: 1 },
  });
});

test('a clean-up says what it would do, then does it, and keeps what is open', async () => {
  const client = await open();
  const [old, busy, empty] = [await begin(client, { title: 'Old' }), await begin(client), await begin(client)];
  await cancelled(client, old);
  await answer(client, 'orchestrator_plan_task', { title: 'Open', description: '', session_id: busy });
  const kind = { cleanup_type: 'old', older_than_days: 0 };
  const dry = await answer(client, 'orchestrator_cleanup_sessions', kind);
  expect(dry).toMatchObject({
    dry_run: true,
    sessions_found: 2,
    sessions_to_cleanup: 1,
    cleaned_sessions: [{ session_id: old, tasks: 1 }],
    kept_sessions: [{ session_id: busy }],
    total_cleaned: 0,
    next_steps: ['archive them with dry_run false'],
  });
  expect(await idsOf(client)).toHaveLength(3);
  expect(await answer(client, 'orchestrator_cleanup_sessions', { ...kind, dry_run: false })).toMatchObject({ total_cleaned: 1 });
  expect((await idsOf(client, { include_completed: true })).toSorted()).toEqual([busy, empty].toSorted());
  expect(await refusal(client, 'orchestrator_resume_session', { session_id: old })).toMatchObject({ reason: 'INVALID_TRANSITION' });
});
