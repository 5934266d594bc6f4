import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TroupeError } from '../../src/errors.ts';
import type { FailStep } from '../../src/persistence/lowdb/fail-point.ts';
import { openLowdbStore } from '../../src/persistence/lowdb/store.ts';
import { createTroupe } from '../../src/server.ts';
import type { Troupe, TroupeOptions } from '../../src/server.ts';
import { addToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import { openStore, temporaryDirectory } from '../support/data-directory.ts';

/** A restart in the process, and what faults of the disk and dead workers cost: with real files and sockets. */

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function open(options: Partial<TroupeOptions> = {}) {
  const data = await temporaryDirectory();
  const troupe = await createTroupe({ data, port: 0, logger, graceMs: 0, ...options });
  onTestFinished(() => troupe.close());
  const token = (await readFile(troupe.tokenFile, 'utf8')).trim();
  const enter = (worker?: string) => connect(troupe.url, token, worker === undefined ? {} : { worker });
  return { data, troupe, token, connect: enter };
}

/** As clients do: again and again, until the service takes connections. */
async function reconnect(again: () => Promise<Client>): Promise<Client> {
  let last: unknown;
  for (const until = performance.now() + 10_000; performance.now() < until; await pause(10)) {
    try {
      return await again();
    } catch (error) {
      last = error;
    }
  }
  throw new Error('the service does not come back', { cause: last });
}

const ready = async ({ http }: Troupe) => (await fetch(`${http}/readyz`).catch(() => null))?.status;

describe('system.restart', () => {
  test('answers, drains, opens the store again, and clients resume on the same port and token without a gap', async () => {
    const { troupe, connect: enter } = await open();
    const [client, other] = [await enter('w1'), await enter('w2')];
    const { position } = await client.request('events.subscribe', {});
    const { task } = await client.request('task.create', { title: 'Before' });
    const { lease } = await client.request('task.execute', { taskId: task.id });
    const waiting = other.request('task.claim', { waitMs: 30_000, filter: { project: 'nothing' } });
    waiting.catch(() => {});
    const before = await client.request('system.health', {});
    expect(before).toMatchObject({ ready: true, leases: { running: 1 }, connections: { open: 2, subscriptions: 1, resumed: 0 } });
    expect(await client.request('system.restart', {})).toEqual({ dryRun: true, roles: 13, restart: null });

    const answers = Promise.all(Array.from({ length: 20 }, (_, n) => other.request('task.create', { title: `In flight ${n}` })));
    const asked = { commandId: 'r1', reason: 'a new role', dryRun: false };
    const answer = await client.request('system.restart', asked);
    expect(answer).toMatchObject({ restart: { phase: 'draining', reason: 'a new role', by: 'default/w1', graceful: true, endedAt: null } });
    expect([(await client.closed).code, (await other.closed).code]).toEqual([1012, 1012]);
    expect(client.notifications.at(-1)).toMatchObject({ method: 'events.closed', params: { reason: 'DRAINING' } });
    await expect(waiting).rejects.toMatchObject({ reason: 'DRAINING' });
    const made = await answers;

    const again = await reconnect(() => enter('w1'));
    expect(await again.request('events.subscribe', { since: position })).toMatchObject({ mode: 'resumed' });
    await again.waitFor(({ method }) => method === 'events.bookmark');
    expect(again.events.filter(({ type }) => type === 'task.created').map(({ taskId }) => taskId)).toEqual([
      task.id,
      ...made.map((one) => one.task.id),
    ]);
    const after = await again.request('system.health', {});
    expect(after).toMatchObject({
      ready: true,
      reasons: [],
      leases: { running: 1 },
      connections: { open: 1, resumed: 1, closed: { 1012: 2 } },
    });
    expect(after.restarts).toMatchObject({ phase: 'running', history: [{ phase: 'done', error: null, by: 'default/w1' }] });
    expect(after.restarts?.history[0]?.durationMs).toBeGreaterThanOrEqual(0);
    expect(Date.parse(after.startedAt)).toBeGreaterThanOrEqual(Date.parse(before.startedAt));
    expect(after.window).toMatchObject({ resumable: true, newest: again.events.at(-1)?.position });
    // The same command restarts once.
    expect(await again.request('system.restart', asked)).toMatchObject({ repeated: true, restart: { phase: 'done' } });
    expect((await again.request('system.ping', {})).position).toBe(after.window.newest);
    expect((await again.request('task.complete', { taskId: task.id, lease: lease.id, summary: 's' })).task.status).toBe('completed');
    expect(await ready(troupe)).toBe(200);
  });

  test('reads the roles again; broken ones are refused before anything is stopped, and the old ones stay', async () => {
    const { data, connect: enter } = await open();
    const client = await enter();
    await mkdir(join(data, 'roles'));
    await writeFile(join(data, 'roles/poet.yaml'), 'definition: [1]\n');
    for (const dryRun of [true, false]) {
      await expect(client.request('system.restart', { dryRun })).rejects.toMatchObject({
        reason: 'RESTART_REFUSED',
        message: expect.stringMatching(/roles\/poet\.yaml: definition: .*\(line 1\)/),
      });
    }
    const { restarts, ready: isReady } = await client.request('system.health', {});
    expect([isReady, restarts?.phase, restarts?.history.map(({ phase }) => phase)]).toEqual([true, 'running', ['refused']]);
    expect(restarts?.history[0]?.error).toContain('roles/poet.yaml');
    await writeFile(join(data, 'roles/poet.yaml'), 'definition: You write verse.\nstaleHours: 1\n');
    expect(await client.request('system.restart', { dryRun: true })).toMatchObject({ roles: 14 });
    await expect(client.request('task.create', { title: 'Ode', specialist: 'poet' })).rejects.toMatchObject({
      reason: 'SPECIALIST_NOT_FOUND',
    });
    await client.request('system.restart', { dryRun: false });
    await client.closed;
    const again = await reconnect(() => enter());
    expect((await again.request('task.create', { title: 'Ode', specialist: 'poet' })).task.specialist).toBe('poet');
  });

  test('needs admin; several in a row; without grace nothing in flight is waited for, and nothing acknowledged is lost', async () => {
    const { data, troupe, connect: enter } = await open();
    const writer = await connect(troupe.url, addToken(data, { name: 'writer', scopes: ['read', 'write'], projects: null, now: 0 }));
    await expect(writer.request('system.restart', { dryRun: false })).rejects.toMatchObject({ reason: 'FORBIDDEN' });
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const client = await reconnect(() => enter());
      const work = Array.from({ length: 10 }, (_, n) =>
        client.request('task.create', { title: `${round}.${n}` }).then(
          ({ task }) => void acknowledged.push(task.title),
          () => {},
        ),
      );
      await client.request('system.restart', { dryRun: false, graceful: round === 1 });
      await client.closed;
      await Promise.all(work);
    }
    const reader = await reconnect(() => enter());
    const { items } = await reader.request('task.list', { limit: 1_000 });
    expect(items.map(({ title }) => title)).toEqual(expect.arrayContaining(acknowledged));
    expect((await reader.request('system.health', {})).restarts?.history.map(({ phase }) => phase)).toEqual(['done', 'done', 'done']);
    const { items: valid } = await reader.request('maintenance.validate', { level: 'full_audit' });
    expect(valid).toEqual([]);
  });

  /** The store of a directory of its own, whose later openings fail first. */
  async function opening(fails: (opening: number) => Error | null) {
    const directory = await temporaryDirectory();
    let openings = 0;
    return open({
      openStore: (clock) => {
        openings += 1;
        const error = openings === 1 ? null : fails(openings - 1);
        if (error !== null) throw error;
        return openLowdbStore({ directory, clock });
      },
    });
  }

  test('a store that can’t be opened at once is tried again', async () => {
    const { connect: enter } = await opening((n) => (n < 3 ? new TroupeError('STORE_UNAVAILABLE', 'not now') : null));
    const client = await enter();
    const { task } = await client.request('task.create', { title: 'Kept' });
    await client.request('system.restart', { dryRun: false });
    const again = await reconnect(() => enter());
    expect((await again.request('task.get', { taskId: task.id })).task).toEqual(task);
  });

  test('a store that can’t be opened again ends the service with an error that says why', async () => {
    const { troupe, connect: enter } = await opening(() => new Error('db.json is no checkpoint'));
    const client = await enter();
    await client.request('system.restart', { dryRun: false });
    expect((await client.closed).code).toBe(1012);
    await expect(troupe.closed).rejects.toThrow('the restart failed, so the service ends: db.json is no checkpoint');
    await troupe.close();
    expect(await ready(troupe)).toBeUndefined();
  });

  test('a service that stops while it restarts does both', async () => {
    const { troupe, data, connect: enter } = await open();
    const client = await enter();
    await client.request('task.create', { title: 'Kept' });
    await client.request('system.restart', { dryRun: false });
    await troupe.close();
    await troupe.closed;
    const store = await openStore(data);
    expect((await store.counts()).byStatus.pending).toBe(1);
  });
});

/** Fails each time the step is passed while `broken` says so. */
const breaking = (step: FailStep, broken: () => boolean) => (passed: FailStep) => {
  if (passed === step && broken()) throw new Error(`no ${step}`);
};

describe('a fault of the disk', () => {
  test('that passes is noticed by nobody: commands are tried again, and taken once', async () => {
    let faults = 0;
    let left = 0;
    const { connect: enter } = await open({ failPoint: breaking('written', () => left-- > 0 && ++faults > 0) });
    const client = await enter();
    const { position } = await client.request('events.subscribe', {});
    for (let n = 0; n < 5; n++) {
      left = 1;
      const made = await Promise.all(['a', 'b', 'c'].map((title) => client.request('task.create', { title: `${title}${n}` })));
      expect(made).toHaveLength(3);
    }
    expect(faults).toBe(5);
    const { items } = await client.request('task.list', { limit: 100 });
    expect(items).toHaveLength(15);
    await client.until(() => client.events.length >= 15);
    expect(new Set(client.events.map(({ taskId }) => taskId)).size).toBe(15);
    expect(position).not.toBe('');
    expect(await client.request('system.health', {})).toMatchObject({ healthy: true, ready: true, reasons: [] });
  });

  test('that stays is told after a bounded time as one to come back from, and health says so until it is over', async () => {
    let broken = false;
    const isBroken = () => broken;
    const { connect: enter } = await open({
      failPoint: (step) => {
        if ((step === 'written' || step === 'checkpoint-written') && isBroken()) throw new Error(`no ${step}`);
      },
    });
    const client = await enter();
    broken = true;
    const refusal = await client.request('task.create', { commandId: 'c1', title: 'x' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ reason: 'STORE_UNAVAILABLE', code: 503, data: { retryable: true } });
    const ill = await client.request('system.health', {});
    expect(ill).toMatchObject({ healthy: false, ready: false, store: { writable: false } });
    expect(ill.reasons.join('\n')).toContain('the store takes no commands');
    expect(ill.store.failedCheckpoints).toBeGreaterThan(0);
    broken = false;
    let made: unknown = null;
    for (const until = performance.now() + 20_000; made === null && performance.now() < until;)
      made = await client.request('task.create', { commandId: 'c1', title: 'x' }).catch(() => null);
    expect(made).toMatchObject({ task: { title: 'x', rev: 1 } });
    expect(await client.request('system.health', {})).toMatchObject({ healthy: true, ready: true, reasons: [] });
  });
});

test('a task whose worker died is free again; the next one sees what was reported; late work of the newest lease counts', async () => {
  const { connect: enter } = await open();
  const [ann, bob] = [await enter('ann'), await enter('bob')];
  await bob.request('events.subscribe', {});
  const { task } = await bob.request('task.create', { title: 'Move the tables' });
  const { lease: first } = await ann.request('task.execute', { taskId: task.id, leaseMs: 1_000 });
  await ann.request('task.progress', { taskId: task.id, lease: first.id, message: 'seven of nine tables are moved' });
  ann.terminate();
  await bob.waitFor(({ params }) => params['type'] === 'task.lease_expired', 15_000);
  const claimed = await bob.request('task.claim', { waitMs: 15_000, leaseMs: 1_000 });
  expect(claimed.task).toMatchObject({ id: task.id, attempt: 2 });
  expect(claimed.specialist.context).toContain('seven of nine tables are moved');
  // The first lease is fenced off.
  const late = await enter('ann');
  await expect(late.request('task.complete', { taskId: task.id, lease: first.id, summary: 'late' })).rejects.toMatchObject({
    reason: 'STALE_LEASE',
  });
  // The second one is over as well, but nobody has claimed the task since.
  await bob.until(() => bob.events.filter(({ type }) => type === 'task.lease_expired').length === 2, 15_000);
  const done = await bob.request('task.complete', { taskId: task.id, lease: claimed.lease.id, summary: 'all nine', detailedWork: 'w' });
  expect(done.task).toMatchObject({ status: 'completed', result: { summary: 'all nine' } });
});
