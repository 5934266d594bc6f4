import { readFile, readdir, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { register } from 'prom-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { catalogue } from '../../src/errors.ts';
import type { FailStep } from '../../src/persistence/lowdb/fail-point.ts';
import { createLayout, journalPattern } from '../../src/persistence/lowdb/layout.ts';
import { methods } from '../../src/protocol/methods.ts';
import { statuses } from '../../src/protocol/values.ts';
import { createTroupe } from '../../src/server.ts';
import type { TroupeOptions } from '../../src/server.ts';
import { addToken } from '../../src/transport/tokens.ts';
import { connect, RefusedError } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import { createGate, temporaryDirectory } from '../support/data-directory.ts';
import { parseMetrics } from '../support/prometheus.ts';
import type { Metrics } from '../support/prometheus.ts';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A whole service, and what its metrics say. */
async function open(options: Partial<TroupeOptions> = {}) {
  const data = await temporaryDirectory();
  const troupe = await createTroupe({ data, port: 0, logger, ...options });
  onTestFinished(() => troupe.close());
  const token = (await readFile(troupe.tokenFile, 'utf8')).trim();
  const address = `${troupe.http}/metrics`;
  const get = (authorization: string | null, init: RequestInit = {}) =>
    fetch(address, { ...init, headers: authorization === null ? {} : { authorization } });
  const scrape = async (): Promise<Metrics> => {
    const response = await get(`Bearer ${token}`);
    if (response.status !== 200) throw new Error(`answered with ${response.status}`);
    return parseMetrics(await response.text());
  };
  return { data, url: troupe.url, address, token, get, scrape };
}

/** Sends requests and keeps the count of what they were answered with. */
function counting(client: Client, answers: Record<string, number>) {
  return async (method: string, params: unknown, counted = method): Promise<unknown> => {
    const result: unknown = await client.call(method, params).catch((error: unknown) => error);
    const outcome = result instanceof RefusedError ? result.reason : 'ok';
    const key = `${counted},${outcome}`;
    answers[key] = (answers[key] ?? 0) + 1;
    return result;
  };
}

/** How often each text comes. */
function tally(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

const nonZero = (counts: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));

async function journalBytes(data: string): Promise<number> {
  const numbers = (await readdir(data)).flatMap((name) => journalPattern.exec(name)?.[1] ?? []).map(Number);
  return (await stat(createLayout(data).journal(Math.max(...numbers)))).size;
}

describe('GET /metrics', () => {
  test('tells what was done', async () => {
    const { data, url, token, scrape } = await open();
    const [client, other] = [await connect(url, token, { worker: 'w-1' }), await connect(url, token)];
    const reader = await connect(url, addToken(data, { name: 'reader', scopes: ['read'], projects: null, now: 0 }));
    const answers: Record<string, number> = {};
    const ask = counting(client, answers);
    await ask('events.subscribe', {});
    await counting(other, answers)('events.subscribe', { filter: { project: 'default' }, batchMs: 5 });

    const tasks = [{ ref: 'one', title: 'One' }, { ref: 'two', title: 'Two', dependsOn: ['one'] }, { title: 'Three' }];
    const plan = (await ask('plan', { title: 'All', tasks }, 'task.plan')) as { tasks: Record<string, string> };
    const [one, two] = [plan.tasks['one'], plan.tasks['two']];
    await ask('task.execute', { taskId: two });
    await ask('execute', { taskId: one }, 'task.execute');
    await ask('complete', { taskId: one, summary: 'Done', detailedWork: 'The work of one. '.repeat(100) }, 'task.complete');
    await ask('task.complete', { taskId: one, summary: 'Done again' });
    await ask('task.block', { taskId: two, reason: 'A question', question: 'Which?' });
    await ask('task.cancel', { taskId: two });
    await Promise.all(Array.from({ length: 20 }, (_, index) => ask('task.create', { title: `Task ${index}`, project: 'other' })));
    await ask('task.create', { titel: 'x' });
    await ask('task.create', {});
    await ask('task.get', { taskId: 't_00000000000000000000000000' });
    await ask('no.such.method', {}, 'unknown');
    await ask('another', {}, 'unknown');
    await counting(reader, answers)('task.create', { title: 'No' });
    const detail = (await ask('task.get', { taskId: one })) as { task: { artifacts: readonly { bytes: number }[] } };
    const { items } = (await ask('task.list', { filter: { includeArchived: true }, limit: 100 })) as { items: { status: string }[] };
    const { events } = client;
    await client.until(() => events.length > 25);
    const ofDefault = () => events.filter(({ project }) => project === 'default').length;
    await other.until(() => other.events.length === ofDefault());

    const metrics = await scrape();
    expect(answers).toMatchObject({ 'task.create,FORBIDDEN': 1, 'unknown,METHOD_NOT_FOUND': 2, 'task.create,INVALID_PARAMS': 2 });
    expect(metrics.by('troupe_commands_total')).toEqual(answers);
    for (const method of new Set(Object.keys(answers).map((key) => key.split(',')[0] ?? ''))) {
      const all = Object.entries(answers).filter(([key]) => key.startsWith(`${method},`));
      expect(metrics.value('troupe_command_seconds_count', { method })).toBe(all.reduce((sum, [, count]) => sum + count, 0));
    }
    expect(nonZero(metrics.by('troupe_tasks'))).toEqual(tally(items.map(({ status }) => status)));
    expect(nonZero(metrics.by('troupe_events_total'))).toEqual(tally(events.map(({ type }) => type)));
    const changes = events.map((event) => event['data'] as { from?: string; status: string }).filter(({ from }) => from !== undefined);
    expect(changes.length).toBeGreaterThan(3);
    expect(metrics.by('troupe_transitions_total')).toEqual(tally(changes.map(({ from, status }) => `${from},${status}`)));
    expect(metrics.value('troupe_events_delivered_total')).toBe(events.length + other.events.length);
    const units = new Set(events.map(({ cause }) => (cause as { commandId: string }).commandId)).size;
    expect(metrics.value('troupe_commit_seconds_count')).toBe(units);
    expect(metrics.value('troupe_commit_batch_units_sum')).toBe(units);
    expect(metrics.value('troupe_commit_batch_units_count')).toBe(new Set(events.map(({ position }) => position.split(':').at(-1))).size);
    expect(metrics.value('troupe_connections')).toBe(3);
    expect(metrics.value('troupe_commands_in_flight')).toBe(0);
    expect(metrics.value('troupe_journal_bytes')).toBe(await journalBytes(data));
    const content = detail.task.artifacts.reduce((sum, { bytes }) => sum + bytes, 0);
    expect([content > 1_000, metrics.value('troupe_artifacts_waiting_bytes')]).toEqual([true, content]);
    expect(metrics.value('troupe_store_writable')).toBe(1);
    expect(metrics.value('troupe_event_lag_seconds_count')).toBeGreaterThan(1);
    expect(metrics.value('troupe_event_lag_seconds_sum')).toBeGreaterThan(0);
    expect(metrics.by('troupe_event_loop_delay_seconds')).toEqual({ '0.5': expect.any(Number), '0.99': expect.any(Number) });
    expect(metrics.value('process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  test('tells resumes, cuts and refusals before a method', async () => {
    const { url, token, scrape } = await open({ windowEvents: 4, limits: { requestBurst: 30, requestsPerSecond: 0.001 } });
    const client = await connect(url, token);
    const old = await client.request('task.create', { title: 'Old' });
    const places: string[] = [];
    for (let task = 0; task < 6; task += 1) places.push((await client.request('task.create', { title: `${task}` })).position);
    expect((await client.request('events.subscribe', { since: old.position })).mode).toBe('list');
    expect((await client.request('events.subscribe', { since: places[3] ?? '' })).mode).toBe('resumed');
    await client.waitFor(({ method }) => method === 'events.bookmark');
    expect(client.events).toHaveLength(2);
    const before = await scrape();
    expect(before.by('troupe_resumes_total')).toEqual({ resumed: 1, gone: 1 });
    expect(before.value('troupe_events_delivered_total')).toBe(2);
    // What is replayed is old, which is nobody's fault.
    expect(before.value('troupe_event_lag_seconds_count')).toBe(0);

    // More events in one turn than the window holds.
    const planner = await connect(url, token);
    await planner.request('task.plan', { title: 'Many', tasks: Array.from({ length: 8 }, (_, index) => ({ title: `Part ${index}` })) });
    expect((await client.closed).code).toBe(4410);
    planner.send('no JSON');
    await planner.stray();
    await expect(connect(url, `${token}x`)).rejects.toThrow('UNAUTHENTICATED');
    await expect(connect(url, `${token}x`, { inHeader: true })).rejects.toThrow('401');
    const talker = await connect(url, token);
    talker.send('x'.repeat(300_000));
    expect((await talker.closed).code).toBe(1009);
    const asked = Array.from({ length: 40 }, () => planner.call('system.ping', {}).catch((error: RefusedError) => error.reason));
    const limited = (await Promise.all(asked)).filter((reason) => reason === 'RATE_LIMITED').length;
    expect(limited).toBeGreaterThan(5);
    const after = await scrape();
    expect(after.by('troupe_connections_closed_total')).toEqual({ 4410: 1, 4401: 1, 1009: 1 });
    expect(after.by('troupe_requests_refused_total')).toEqual({ PARSE_ERROR: 1, UNAUTHENTICATED: 1, RATE_LIMITED: limited });
    expect(after.by('troupe_http_refused_total')).toEqual({ 401: 1 });
    expect(after.value('troupe_connections')).toBe(1);
  });

  test('tells checkpoints, those that fail too, and what is in flight', async () => {
    const gate = createGate();
    const steps: FailStep[] = [];
    let held = false;
    const failPoint = async (step: FailStep) => {
      steps.push(step);
      if (step === 'checkpoint-written' && steps.filter((other) => other === step).length === 1) throw new Error('no such luck');
      if (held && step === 'written') await gate.pass();
    };
    const { data, url, token, scrape } = await open({ failPoint, checkpointBytes: 20_000 });
    const client = await connect(url, token, { worker: 'w-1' });
    const removed = () => steps.filter((step) => step === 'removed').length;
    const content = 'c'.repeat(5_000);
    for (let task = 0; task < 200 && removed() < 2; task += 1) {
      const created = await client.request('task.create', { title: 'Some' });
      await client.request('task.execute', { taskId: created.task.id });
      await client.request('task.complete', { taskId: created.task.id, summary: 'Done', detailedWork: `${task} ${content}` });
    }
    await expect.poll(async () => (await scrape()).value('troupe_checkpoint_seconds_count')).toBe(removed());
    expect(removed()).toBeGreaterThan(1);
    const metrics = await scrape();
    expect(metrics.value('troupe_checkpoint_failures_total')).toBe(1);
    expect(metrics.value('troupe_checkpoint_seconds_sum')).toBeGreaterThan(0);
    expect(metrics.value('troupe_journal_bytes')).toBe(await journalBytes(data));

    held = true;
    const first = client.request('task.create', { title: 'Waits for the disk' });
    await gate.reached;
    const second = client.request('task.create', { title: 'Waits for the first' });
    await expect.poll(async () => (await scrape()).value('troupe_commands_in_flight')).toBe(2);
    gate.open();
    await Promise.all([first, second]);
    expect((await scrape()).value('troupe_commands_in_flight')).toBe(0);
  });

  test('is for tokens with the scope to read, behind the gate', async () => {
    const { data, address, token, get } = await open();
    const statusOf = async (authorization: string | null, init?: RequestInit) => (await get(authorization, init)).status;
    const add = (name: string, scopes: readonly ('read' | 'write' | 'admin')[], projects: readonly string[] | null) =>
      `Bearer ${addToken(data, { name, scopes, projects, now: 0 })}`;
    expect(await statusOf(null)).toBe(401);
    expect(await statusOf(`Bearer ${token}x`)).toBe(401);
    expect(await statusOf(`Basic ${token}`)).toBe(401);
    expect((await fetch(`${address}?token=${token}`)).status).toBe(401);
    expect(await statusOf(add('writer', ['write', 'admin'], null))).toBe(403);
    // No metric tells a project from another, and a token of one learns nothing of how much there is in others.
    expect(await statusOf(add('reader', ['read'], ['web']))).toBe(403);
    expect(await statusOf(add('prometheus', ['read'], null))).toBe(200);
    expect(await statusOf(`Bearer ${token}`, { method: 'POST' })).toBe(405);
    const withHost = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const asking = request(address, { headers: { authorization: `Bearer ${token}`, ...headers } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        asking.on('error', reject).end();
      });
    expect(await withHost({})).toBe(200);
    expect(await withHost({ host: 'evil.example' })).toBe(403);
    expect(await withHost({ origin: 'https://evil.example' })).toBe(403);

    const response = await get(`Bearer ${token}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const head = await get(`Bearer ${token}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      '',
    ]);
  });

  test('has labels from lists only: no id, project, worker or text of a client', async () => {
    const { url, token, scrape } = await open();
    const client = await connect(url, token, { worker: 'worker-of-mine' });
    const { task } = await client.request('task.create', { title: 'A title of mine', project: 'project-of-mine', tags: ['tag-of-mine'] });
    await client.request('task.execute', { taskId: task.id });
    for (const method of ['method-of-mine', '__proto__', 'a"b\\c\nd'])
      await expect(client.call(method, {})).rejects.toThrow('METHOD_NOT_FOUND');
    const { text, families } = await scrape();
    expect(text).not.toMatch(/of.mine/);
    expect(text).not.toContain(task.id);
    const domains: Record<string, readonly string[]> = {
      method: [...Object.keys(methods), 'unknown'],
      reason: [...Object.keys(catalogue), 'ok'],
      status: statuses,
      from: statuses,
      to: statuses,
      outcome: ['resumed', 'gone'],
      quantile: ['0.5', '0.99'],
    };
    const patterns: Record<string, RegExp> = {
      le: /^(\+Inf|[0-9.]+)$/,
      type: /^(task|dependency|child|dependents|session)\.[a-z_]+$/,
      code: /^\d{4}$/,
    };
    const ours = [...families.values()].filter(({ name }) => !/^(process|nodejs)_/.test(name));
    expect(ours.length).toBeGreaterThan(15);
    for (const { name, type, samples } of ours) {
      expect(name).toMatch(type === 'counter' ? /^troupe_\w+_total$/ : /^troupe_\w+(?<!_total)$/);
      for (const { labels } of samples)
        for (const [label, value] of Object.entries(labels))
          expect(domains[label]?.includes(value) ?? patterns[label]?.test(value), `${name} ${label}=${value}`).toBe(true);
    }
  });

  test('is of one service: two in a process count for themselves, and nothing is global', async () => {
    const [busy, idle] = [await open(), await open()];
    const client = await connect(busy.url, busy.token);
    await client.request('task.create', { title: 'Here' });
    expect((await busy.scrape()).by('troupe_tasks')).toMatchObject({ pending: 1 });
    const other = await idle.scrape();
    expect(other.by('troupe_tasks')).toMatchObject({ pending: 0 });
    expect(other.by('troupe_commands_total')).toEqual({});
    expect(register.getMetricsAsArray()).toEqual([]);
  });
});
