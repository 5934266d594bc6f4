import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import type { Store } from '../../src/persistence/store.ts';
import { addToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import { comeBack } from './calls.ts';
import { answer, overHttp, refusal, serveMcp } from './connect.ts';

/** Health and restart over MCP: values that are measured, and a restart that happens. */

test('a restart answers first, happens, reads the roles again, and keeps the work; the same command restarts once', async () => {
  const serving = await serveMcp({ graceMs: 0 });
  const client = await overHttp(serving, { path: '/mcp/all' });
  const { task_id: id } = await answer(client, 'orchestrator_plan_task', { title: 'One', description: '' });
  await answer(client, 'orchestrator_execute_task', { task_id: id, worker: 'w' });
  expect(await answer(client, 'orchestrator_restart_status')).toMatchObject({
    current_status: { phase: 'running', progress: 100, started_at: null, errors: [], maintenance_mode: false },
  });
  await mkdir(join(serving.data, 'roles'));
  await writeFile(join(serving.data, 'roles/poet.yaml'), 'definition: You write verse.\n');
  const asked = { timeout: 45, reason: 'configuration_update', command_id: 'r1' };
  expect(await answer(client, 'orchestrator_restart_server', asked)).toMatchObject({
    success: true,
    phase: 'draining',
    graceful: true,
    preserve_state: true,
    timeout: 45,
    roles: 14,
  });
  expect(await comeBack(client)).toMatchObject({
    current_status: { message: 'the last restart is done', started_at: expect.any(String), estimated_completion: null },
    history: [{ phase: 'done', reason: 'configuration_update', graceful: true, error: null, duration_ms: expect.any(Number) }],
  });
  await answer(client, 'orchestrator_plan_task', { title: 'Ode', description: '', specialist_type: 'poet' });
  expect(await answer(client, 'orchestrator_restart_server', asked)).toMatchObject({ phase: 'done' });
  expect((await comeBack(client))['history']).toHaveLength(1);
  const ending = { task_id: id, worker: 'w', summary: 's', detailed_work: 'w', next_action: 'complete' };
  expect(await answer(client, 'orchestrator_complete_task', ending)).toMatchObject({ task_status: 'completed' });
});

test('what can’t be restarted says why, by file and line, and goes on', async () => {
  const serving = await serveMcp();
  const client = await overHttp(serving, { path: '/mcp/all' });
  expect(await answer(client, 'orchestrator_health_check')).toMatchObject({
    checks: { reboot_readiness: { ready: true, issues: [], details: { phase: 'running', roles: 13 } } },
  });
  await mkdir(join(serving.data, 'roles'));
  await writeFile(join(serving.data, 'roles/poet.yaml'), 'definition: [1]\n');
  const broken = expect.stringMatching(/roles\/poet\.yaml: definition: .*\(line 1\)/);
  expect(await answer(client, 'orchestrator_health_check')).toMatchObject({
    healthy: true,
    checks: { reboot_readiness: { ready: false, issues: [broken] } },
  });
  expect(await refusal(client, 'orchestrator_restart_server')).toMatchObject({ reason: 'RESTART_REFUSED', message: broken });
  expect(await answer(client, 'orchestrator_restart_status')).toMatchObject({ current_status: { phase: 'running', errors: [broken] } });
  expect(await answer(client, 'orchestrator_restart_status', { include_error_details: false })).toMatchObject({
    current_status: { errors: ['the restart was refused'] },
  });
  await rm(join(serving.data, 'roles'), { recursive: true });
  expect(await refusal(client, 'orchestrator_restart_server', { preserve_state: false })).toMatchObject({
    reason: 'INVALID_PARAMS',
    arguments: [{ argument: 'preserve_state' }],
    fix: expect.stringContaining('orchestrator_delete_task'),
  });
  // A token that may not restart still sees the rest.
  const token = addToken(serving.data, { name: 'writer', scopes: ['read', 'write'], projects: null, now: 0 });
  const writer = await overHttp(serving, { path: '/mcp/all', token });
  expect(await refusal(writer, 'orchestrator_restart_server')).toMatchObject({ reason: 'FORBIDDEN' });
  expect(await answer(writer, 'orchestrator_health_check')).toMatchObject({
    healthy: true,
    checks: { reboot_readiness: { ready: false, issues: [expect.stringContaining('admin')] }, database: { connected: true } },
  });
});

test('connections, leases and the window are counted; parts that were not asked for are left out', async () => {
  const serving = await serveMcp();
  const client = await overHttp(serving, { path: '/mcp/all' });
  const connections = async () => {
    const { checks } = await answer(client, 'orchestrator_health_check', {
      include_database_status: false,
      include_reboot_readiness: false,
    });
    return checks;
  };
  expect(await connections()).toEqual({ connections: { active_connections: 0, subscriptions: 0, status: 'accepting' } });
  const socket = await connect(serving.url, serving.token);
  await socket.request('events.subscribe', {});
  expect(await connections()).toEqual({ connections: { active_connections: 1, subscriptions: 1, status: 'accepting' } });
  expect(await answer(client, 'orchestrator_shutdown_prepare')).toMatchObject({
    ready_for_shutdown: true,
    checks: { active_tasks: { count: 0, status: 'none' }, client_connections: { active_connections: 1 } },
  });
  const { task_id: id } = await answer(client, 'orchestrator_plan_task', { title: 'One', description: '' });
  await answer(client, 'orchestrator_execute_task', { task_id: id, worker: 'w' });
  const only = { check_database_state: false, check_client_connections: false };
  expect((await answer(client, 'orchestrator_shutdown_prepare', only))['checks']).toEqual({
    active_tasks: { count: 1, suspendable: true, status: 'leases are kept' },
  });
  const { session_id: session } = await answer(client, 'orchestrator_initialize_session');
  const tested = await answer(client, 'orchestrator_reconnect_test', { session_id: session, include_reconnection_stats: false });
  expect(tested).toMatchObject({
    overall_status: 'passed',
    results: { resumable: true, session: { status: 'active' }, buffer: { events: expect.any(Number) } },
  });
  expect(tested['results']).not.toHaveProperty('reconnections');
  expect(await refusal(client, 'orchestrator_reconnect_test', { session_id: `s_${'0'.repeat(26)}` })).toMatchObject({
    reason: 'SESSION_NOT_FOUND',
  });
});

test('a store that takes no commands is told as such', async () => {
  let store: Store | undefined;
  const serving = await serveMcp({ openStore: (clock) => (store = createMemoryStore({ clock })) });
  const client = await overHttp(serving, { path: '/mcp/all' });
  await store?.close();
  expect(await answer(client, 'orchestrator_health_check')).toMatchObject({
    healthy: false,
    checks: { database: { connected: false, status: 'takes no commands' }, reboot_readiness: { ready: false } },
    reasons: ['the store takes no commands'],
  });
  expect(await answer(client, 'orchestrator_shutdown_prepare')).toMatchObject({
    ready_for_shutdown: false,
    blocking_issues: ['the store takes no commands'],
    checks: { active_tasks: { suspendable: false }, database: { connections_open: 0 } },
  });
  expect(await answer(client, 'orchestrator_reconnect_test')).toMatchObject({ overall_status: 'failed' });
  expect(await answer(client, 'orchestrator_restart_status')).toMatchObject({ current_status: { maintenance_mode: true } });
});
