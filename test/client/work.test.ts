import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { TerminalError } from '../../src/client/node.ts';
import type { Client, Handler, Run, WorkOptions } from '../../src/client/node.ts';
import { TroupeError } from '../../src/errors.ts';
import { closeCodes } from '../../src/protocol/close-codes.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { compileService, Restarted } from '../stream/service.ts';
import { clientOf } from './running.ts';
import { scripted } from './scripted.ts';
import { serviceOn } from './serving.ts';

/** Workers against real services. `SEED=…` repeats where connections and the service are killed. */

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));

async function started() {
  const service = await serviceOn(await temporaryDirectory());
  return { service, ...clientOf(service.address), other: clientOf(service.address, { worker: 'w-2' }).client };
}

/** A worker that ends with the test. */
async function working(client: Client, handler: Handler, options: WorkOptions = {}) {
  const worker = await client.work({}, handler, options);
  onTestFinished(() => worker.stop({ now: true }).catch(() => {}));
  return worker;
}

const make = async (client: Client, titles: readonly string[]) =>
  Promise.all(titles.map(async (title) => (await client.task.create({ title })).task.id));

const statuses = async (client: Client) =>
  Object.fromEntries(
    (await client.task.list({ fields: ['title', 'status', 'failures'] })).items.map(({ title = '', status, failures }) => [
      title,
      { status, failures },
    ]),
  );

/** Resolves when the signal aborts. */
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

test('what a handler returns completes its task, what it throws fails it', async () => {
  const { client } = await started();
  const ways: Record<string, Handler> = {
    text: () => 'done',
    work: async () => ({ summary: 'done', detailedWork: '# all of it' }),
    itself: async (run) => void (await run.block({ question: 'which?' })),
    nothing: () => {},
    retry: () => {
      throw new Error('no luck');
    },
    never: async () => {
      throw new TerminalError('no way');
    },
  };
  const errors: unknown[] = [];
  await make(client, Object.keys(ways));
  await working(client, (run, signal) => ways[run.task.title]!(run, signal), { onError: (error) => void errors.push(error) });
  const done = { status: 'completed', failures: 0 };
  await expect
    .poll(async () => statuses(client), { timeout: 20_000 })
    .toMatchObject({
      text: done,
      work: done,
      itself: { status: 'blocked' },
      nothing: { status: 'failed' },
      retry: { status: 'pending', failures: 1 },
      never: { status: 'failed' },
    });
  expect(errors.map((error) => (error as Error).message).toSorted()).toEqual([
    'no luck',
    'no way',
    'the handler returned nothing and did not end the run',
  ]);
});

test('as many tasks run at once as it may, and no more', async () => {
  const { client } = await started();
  await make(
    client,
    Array.from({ length: 12 }, (_, n) => `${n}`),
  );
  let running = 0;
  let most = 0;
  let full = (): void => {};
  const three = new Promise<void>((resolve) => (full = resolve));
  await working(
    client,
    async () => {
      running += 1;
      most = Math.max(most, running);
      if (running === 3) full();
      // The first wait for each other.
      await three;
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return 'done';
    },
    { concurrency: 3 },
  );
  await expect.poll(async () => (await client.task.list({ filter: { status: ['completed'] } })).items.length, { timeout: 20_000 }).toBe(12);
  expect(most).toBe(3);
});

test('a lost lease aborts the handler, and the worker goes on with the next task', async () => {
  const { client, other } = await started();
  const [first] = await make(client, ['first']);
  const told: [unknown, string][] = [];
  let begun = (_: Run): void => {};
  const running = new Promise<Run>((resolve) => (begun = resolve));
  const handler: Handler = async (run, signal) => {
    if (run.task.title !== 'first') return 'done';
    begun(run);
    await aborted(signal);
    throw signal.reason;
  };
  await working(client, handler, { leaseMs: 1_000, onError: (error, { task }) => void told.push([error, task.id]) });
  await running;
  await other.task.cancel({ taskId: first! });
  await make(client, ['second']);
  await expect
    .poll(async () => statuses(client), { timeout: 20_000 })
    .toMatchObject({
      first: { status: 'cancelled', failures: 0 },
      second: { status: 'completed' },
    });
  expect(told).toEqual([[expect.objectContaining({ reason: 'STALE_LEASE' }), first]]);
});

test('a handler that has lost its lease may return nothing', async () => {
  const { client, other } = await started();
  const [first] = await make(client, ['first']);
  const told: unknown[] = [];
  let begun = (): void => {};
  const running = new Promise<void>((resolve) => (begun = resolve));
  const handler: Handler = async (_, signal) => {
    begun();
    await aborted(signal);
  };
  await working(client, handler, { leaseMs: 1_000, onError: (error) => void told.push(error) });
  await running;
  await other.task.cancel({ taskId: first! });
  await expect.poll(() => told, { timeout: 20_000 }).toEqual([expect.objectContaining({ reason: 'STALE_LEASE' })]);
});

describe('a worker until nothing is ready', () => {
  const untilEmpty = true;

  test('takes what runs makes ready, and ends', async () => {
    const { client } = await started();
    const tasks = [
      { ref: 'a', title: 'a' },
      { ref: 'b', title: 'b', dependsOn: ['a'] },
      { title: 'c', dependsOn: ['b'] },
    ];
    await client.task.plan({ title: 'all', rollUp: 'auto', tasks });
    const worker = await working(client, () => 'done', { untilEmpty, concurrency: 3 });
    await worker.done;
    expect(Object.values(await statuses(client)).map(({ status }) => status)).toEqual(Array(4).fill('completed'));
  });

  test('ends with the reason when there is no service', async () => {
    const { client } = clientOf(async () => ({ url: 'ws://127.0.0.1:9/ws', token: 'x' }), { giveUpMs: 50 });
    const worker = await client.work({}, () => 'done', { untilEmpty });
    await expect(worker.done).rejects.toMatchObject({ reason: 'UNREACHABLE' });
  });
});

describe('a worker that is stopped', () => {
  /** A handler that waits in the middle of its first task. */
  async function halfway(wait: (signal: AbortSignal) => Promise<unknown>, options: WorkOptions = {}) {
    const { client } = await started();
    await make(client, ['first', 'second']);
    let begun = (): void => {};
    const running = new Promise<void>((resolve) => (begun = resolve));
    const handler: Handler = async (_, signal) => {
      begun();
      await wait(signal);
      return 'done';
    };
    const worker = await working(client, handler, options);
    await running;
    return { client, worker };
  }

  test('finishes what runs, and claims nothing more', async () => {
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const { client, worker } = await halfway(() => finished);
    const stopped = worker.stop();
    finish();
    await stopped;
    expect(
      Object.values(await statuses(client))
        .map(({ status }) => String(status))
        .toSorted(),
    ).toEqual(['completed', 'pending']);
  });

  test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['a handler that listens', aborted],
    ['one that does not', () => new Promise<never>(() => {})],
  ])('at once gives its tasks back: %s', async (_, wait) => {
    const abort = new AbortController();
    const { client, worker } = await halfway(wait, { signal: abort.signal });
    abort.abort();
    await worker.done;
    const all = Object.values(await statuses(client));
    expect(all.map(({ status, failures }) => `${status} ${failures}`).toSorted()).toEqual(['pending 0', 'pending 1']);
  });

  test('while it waits for a task withdraws its claim', async () => {
    const { client, asked } = await started();
    const worker = await working(client, () => 'done');
    await expect.poll(() => asked.at(-1), { timeout: 20_000 }).toBe('task.claim');
    await worker.stop();
    expect(asked.at(-1)).toBe('request.cancel');
    await make(client, ['later']);
    expect(await statuses(client)).toMatchObject({ later: { status: 'pending' } });
  });
});

test('one that may not claim ends with the reason', async () => {
  const { client } = await started();
  const worker = await client.work({}, () => 'done', { leaseMs: 1 });
  await expect(worker.done).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
});

test('a claim whose answer was lost is asked for again with the same commandId, so that its task is found', async () => {
  const service = await scripted(({ connection, method, close, answer }) => {
    if (connection <= 20) return close(closeCodes.restart);
    if (method !== 'request.cancel') return;
    answer({ cancelled: true });
    service.asked.at(-2)?.refuse(new TroupeError('CANCELLED', 'the request was withdrawn'));
  });
  const { address, asked } = service;
  const { client } = clientOf(async () => address);
  await working(client, () => 'done');
  // The link gives up in between: a request that is under way whenever connections end may be what ends them.
  await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThan(20);
  expect(new Set(asked.map(({ params }) => params['commandId'])).size).toBe(1);
});

describe('killed at random', () => {
  let program: string;
  beforeAll(async () => {
    program = await compileService();
  });

  test('connections and the service, under load: no task is lost, and none done twice', async () => {
    console.log(`SEED=${seed}`);
    const random = randomFrom(seed);
    const service = new Restarted(program, await temporaryDirectory());
    onTestFinished(() => service.stop('SIGKILL'));
    await service.start();
    const clients = ['w-1', 'w-2'].map((worker) => clientOf(() => service.address, { worker }));
    const count = 60;
    const handled: string[] = [];
    const errors: unknown[] = [];
    let kills = 0;
    let cuts = 0;
    let killing: Promise<unknown> = Promise.resolve();
    const handler: Handler = async ({ task }) => {
      handled.push(task.title);
      if (handled.length % 20 === 10) {
        kills += 1;
        killing = service.stop('SIGKILL').then(() => service.start());
      } else if (random() < 0.1) cuts += clients[random() < 0.5 ? 0 : 1]!.cut();
      return { summary: task.title, detailedWork: `work of ${task.title}` };
    };
    const onError = (error: unknown): void => void errors.push(error);
    for (const { client } of clients) await working(client, handler, { concurrency: 4, onError });
    const [{ client }] = clients as [(typeof clients)[number]];
    const titles = Array.from({ length: count }, (_, n) => `task ${n}`);
    await make(client, titles);
    const left = async (): Promise<number> => (await client.task.list({ filter: { status: ['pending', 'in_progress'] } })).items.length;
    await expect.poll(left, { timeout: 20_000, interval: 100 }).toBe(0);
    await killing;
    console.log(`${kills} kills, ${cuts} cuts`);
    expect(errors).toEqual([]);
    expect(kills).toBeGreaterThan(0);
    expect(handled.toSorted()).toEqual(titles.toSorted());
    const { items } = await client.task.list({ fields: ['title'], limit: 1_000 });
    expect(items.map(({ title }) => String(title)).toSorted()).toEqual(titles.toSorted());
    const ways = await Promise.all(items.map(async ({ id }) => (await client.task.history({ taskId: id })).items.map(({ type }) => type)));
    expect(new Set(ways.map((types) => types.join(' ')))).toEqual(new Set(['task.created task.started task.completed']));
  });
});
