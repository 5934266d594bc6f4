import { beforeAll, expect, test } from 'vitest';
import { aliases, methods } from '../../src/protocol/methods.ts';
import { connectionMethods } from '../../src/protocol/messages.ts';
import { connect } from '../support/client.ts';
import type { Client, ClientMethod, Result } from '../support/client.ts';
import { start } from '../support/command.ts';
import { compile } from '../support/compile.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { Lane } from './fuzz/lane.ts';
import type { Report } from './fuzz/lane.ts';
import { mutate } from './fuzz/mutations.ts';
import { Pool, samples } from './fuzz/samples.ts';
import { addressed } from './served.ts';
import type { Served } from './served.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const messages = Number(process.env['FUZZ'] ?? 20_000);
const lanes = 8;
/** Messages of one connection, so that its subscriptions stay few. */
const perConnection = 250;

let program = '';
beforeAll(async () => {
  program = await compile('test/security/limited-child.ts');
});

async function open(data: string): Promise<Served> {
  const limits = JSON.stringify({ requestsPerSecond: 1e6, requestBurst: 1e6 });
  return addressed(start('--expose-gc', [program, data, limits]), data);
}

/** What the heap of the service holds after a collection. */
async function heapOf({ running }: Served): Promise<number> {
  const told = () =>
    running
      .out()
      .split('\n')
      .filter((line) => line.startsWith('heap '));
  const before = told().length;
  running.child.kill('SIGUSR2');
  await expect.poll(() => told().length, { timeout: 10_000 }).toBe(before + 1);
  return Number(told().at(-1)?.slice(5));
}

/** Plain work: plan, execute, complete. */
async function live(client: Client, name: string): Promise<void> {
  const { tasks } = await client.request('task.plan', {
    title: name,
    tasks: [
      { ref: 'a', title: 'A' },
      { ref: 'b', title: 'B', dependsOn: ['a'] },
    ],
  });
  for (const taskId of [tasks['a'], tasks['b']]) {
    if (taskId === undefined) throw new Error('a task is missing');
    const { lease } = await client.request('task.execute', { taskId });
    const done = await client.request('task.complete', { taskId, lease: lease.id, summary: 'done', detailedWork: 'work' });
    expect(done.task.status).toBe('completed');
  }
}

type Task = Result<'task.get'>['task'];

/** Every task, whole. */
async function stateOf(client: Client): Promise<Map<string, Task>> {
  const found = new Map<string, Task>();
  let cursor: string | null = null;
  do {
    const page: Result<'task.list'> = await client.request('task.list', {
      filter: { includeArchived: true },
      // As many as may be asked for at once.
      limit: 60,
      ...(cursor === null ? {} : { cursor }),
    });
    const tasks = await Promise.all(page.items.map(({ id }) => client.request('task.get', { taskId: id })));
    for (const { task } of tasks) found.set(task.id, task);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

/** The state from which on nothing changes by itself: tasks that failed are due again after a pause. */
async function stableState(client: Client): Promise<Map<string, Task>> {
  let last = await stateOf(client);
  const next = async (): Promise<boolean> => {
    const state = await stateOf(client);
    const passed = [...state.values()].every(({ notBefore }) => notBefore === null || Date.parse(notBefore) < Date.now());
    const same = JSON.stringify([...state]) === JSON.stringify([...last]);
    last = state;
    return passed && same;
  };
  await expect.poll(next, { timeout: 30_000, interval: 250 }).toBe(true);
  return last;
}

async function fuzz(service: Served, pool: Pool, random: () => number, count: number, report: Report): Promise<void> {
  const names = [...(Object.keys(samples) as ClientMethod[]), ...Object.keys(aliases)];
  let left = count;
  await Promise.all(
    Array.from({ length: lanes }, async (_, index) => {
      const lane = new Lane(service, report, (text) => pool.learn(text));
      while (left > 0) {
        await lane.open();
        for (let sent = 0; sent < perConnection && left > 0; sent += 1) {
          left -= 1;
          const name = names[Math.floor(random() * names.length)] ?? 'system.ping';
          const nonce = `${index}.${left}`;
          const params = samples[aliases[name] ?? (name as ClientMethod)](pool, nonce);
          const message = { jsonrpc: '2.0', id: nonce, method: name, params };
          // Some stay right, so that there is something to be wrong about.
          await lane.send(random() < 0.2 ? Buffer.from(JSON.stringify(message)) : mutate(random, message, () => pool.any));
        }
        await lane.close();
      }
    }),
  );
}

test('there is a right sample of every method', () => {
  expect(Object.keys(samples).toSorted()).toEqual(Object.keys({ ...methods, ...connectionMethods }).toSorted());
  for (const [method, sample] of Object.entries(samples)) {
    const { input } = { ...methods, ...connectionMethods }[method as ClientMethod];
    expect([method, input.safeParse(sample(new Pool(() => 0), 'n')).error]).toEqual([method, undefined]);
  }
});

test(
  `${messages} mutated messages are answered, one by one, and leave the service as it should be (SEED=${seed})`,
  { timeout: 60_000 + messages * 5 },
  async () => {
    const random = randomFrom(seed);
    const pool = new Pool(random);
    const report: Report = { outcomes: new Map(), wrong: [] };
    const data = await temporaryDirectory();
    const service = await open(data);
    const client = await connect(service.url, service.token);
    for (let index = 0; index < 20; index += 1) pool.learn(JSON.stringify(await client.request('task.create', { title: `Seed ${index}` })));
    const heaps: number[] = [];
    for (let part = 0; part < 4; part += 1) {
      await fuzz(service, pool, random, messages / 4, report);
      heaps.push(await heapOf(service));
    }
    expect(report.wrong).toEqual([]);
    // There is something to be wrong about only if many were right.
    expect(report.outcomes.get('ok')).toBeGreaterThan(messages / 10);
    // What was right is kept, at 400 bytes for each message that was sent; the messages themselves are not.
    const [first = 0, , , last = 0] = heaps;
    expect(last - first).toBeLessThan(2_000_000 + messages * 700);
    expect((await fetch(`${service.http}/healthz`)).status).toBe(200);
    await live(client, 'Before the kill');
    const before = await stableState(client);
    service.running.child.kill('SIGKILL');
    await service.running.exit;
    expect(service.running.err()).toBe('');

    const again = await open(data);
    const after = await connect(again.url, again.token);
    const recovered = await stateOf(after);
    // A pause or a lease may end meanwhile: then the clock moved the task on, and nobody else.
    const known = [...before];
    const movedOn = known.filter(([id, { rev }]) => (recovered.get(id)?.rev ?? 0) > rev);
    for (const [, { id: taskId, rev }] of movedOn) {
      const { items } = await after.request('task.history', { taskId, limit: 1_000 });
      const newer = items.filter((event) => event.rev > rev);
      expect([taskId, newer.length, newer.filter(({ by }) => by !== 'timer')]).toEqual([
        taskId,
        (recovered.get(taskId)?.rev ?? 0) - rev,
        [],
      ]);
    }
    // As text: what differs may look the same. What a task allows follows from the time too.
    const textOf = (task: Task | undefined): string => JSON.stringify({ ...task, allowed: null, ready: null, stage: null });
    const changed = known
      .filter((entry) => !movedOn.includes(entry))
      .map(([id, task]) => [textOf(task), textOf(recovered.get(id))])
      .filter(([was, is]) => was !== is);
    expect([recovered.size, changed]).toEqual([before.size, []]);
    await live(after, 'After the kill');
  },
);
