import { beforeAll, expect, test } from 'vitest';
import { buildCommand } from '../support/command.ts';
import { randomFrom } from '../support/random.ts';
import { builtLink, ownedDirectory } from '../client/owned.ts';
import { answer, overStdio, textAt } from './connect.ts';
import type { TaskId } from '../../src/ids.ts';
import type { Output } from '../../src/protocol/methods.ts';
import type { Client } from '@modelcontextprotocol/client';
import type { StdioChoice } from './connect.ts';

/** Agents that share a project over MCP. `AGENT_COMMANDS=1000` gives each a thousand commands, `SEED=…` repeats where the owner is killed. */

const commands = Number(process.env['AGENT_COMMANDS'] ?? 64);
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
/** Answers between two kills, about. */
const killEvery = 80;
/** Calls that each agent has under way, and the commands of one life: plan, claim, report, complete. */
const lanes = 4;
const perLife = 4;
const lives = Math.max(1, Math.round(commands / lanes / perLife));

let command: string;
beforeAll(async () => {
  command = await buildCommand();
});

/** Each says in another way who it is; one speaks the protocol of 2025. */
const agents: readonly StdioChoice[] = [
  { args: ['--worker', 'first'] },
  { env: { TROUPE_WORKER: 'second' } },
  {},
  { era: 'legacy', args: ['--toolset', 'all'] },
];

/** What the agents were told, by task. */
interface Told {
  readonly made: Map<string, string>;
  readonly claimed: Map<string, { readonly by: string; readonly lease: string }>;
  readonly reported: Map<string, string>;
  readonly completed: Map<string, string>;
}

/** Plans, claims whatever is ready, reports and completes; half of what it plans waits for what it planned before. */
async function work(client: Client, name: string, told: Told, onAnswer: () => void): Promise<void> {
  const call = async (tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const data = await answer(client, `orchestrator_${tool}`, args);
    onAnswer();
    return data;
  };
  const once = <T>(map: Map<string, T>, id: string, value: T): void => {
    if (map.has(id)) throw new Error(`${name} was told of ${id} after somebody else`);
    map.set(id, value);
  };
  const lane = async (_: unknown, number: number): Promise<void> => {
    let before: string | null = null;
    for (let life = 0; life < lives; life += 1) {
      const title = `${name}-${number}-${life}`;
      const dependencies = life % 2 === 1 && before !== null ? [before] : [];
      before = textAt(await call('plan_task', { title, description: 'Shared work', dependencies }), 'task_id');
      once(told.made, before, title);
      const got = await call('claim_task', { wait_ms: 60_000 });
      const id = textAt(got, 'task_id');
      const lease = textAt(got, 'lease_id');
      once(told.claimed, id, { by: name, lease });
      const message = `${name} is half-way with ${id}`;
      const report = await call('report_progress', { task_id: id, message, progress: 1, total: 2 });
      if (report['lease_id'] !== lease) throw new Error(`${id} has another lease than it was claimed with`);
      once(told.reported, id, message);
      const done = { task_id: id, summary: `by ${name}`, detailed_work: `What ${name} found`, next_action: 'complete' };
      await call('complete_task', done);
      once(told.completed, id, done.summary);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** What the store holds in the end, read by somebody else. */
async function stored(data: string) {
  const { link } = (await builtLink(command))({ data });
  const ids: TaskId[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Output<'task.list'> = await link.call('task.list', { limit: 1_000, cursor });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return Promise.all(
    ids.map(async (taskId) => ({
      task: (await link.call('task.get', { taskId })).task,
      events: (await link.call('task.history', { taskId, limit: 100 })).items,
    })),
  );
}

/** What the agents do to a task; the rest of a history says what became of others. */
const ownEvents = ['task.created', 'task.started', 'task.progressed', 'task.completed'];
const consequences: ReadonlySet<unknown> = new Set(['task.ready', 'dependency.changed', 'dependents.changed']);

test(
  'agents over stdio, their owner killed at random: nothing is lost, done or claimed twice, and nobody needs help',
  { timeout: 1_200_000 },
  async () => {
    console.log(`SEED=${seed} AGENT_COMMANDS=${commands}`);
    const random = randomFrom(seed);
    const owned = await ownedDirectory();
    const clients = await Promise.all(agents.map((choice) => overStdio(command, owned.data, choice)));
    let [answers, kills] = [0, 0];
    const next = (): number => answers + 1 + Math.floor(random() * 2 * killEvery);
    let killAt = next();
    const onAnswer = (): void => {
      answers += 1;
      if (answers < killAt) return;
      killAt = next();
      void owned.kill().then((killed) => (kills += Number(killed)));
    };
    const told: Told = { made: new Map(), claimed: new Map(), reported: new Map(), completed: new Map() };
    await Promise.all(clients.map((client, n) => work(client, `agent-${n}`, told, onAnswer)));
    console.log(`${answers} commands, ${kills} kills`);
    expect(kills).toBeGreaterThan(0);
    const expected = lives * lanes * agents.length;
    expect([told.made.size, told.claimed.size, told.reported.size, told.completed.size]).toEqual(Array(4).fill(expected));
    await Promise.all(clients.map((client) => client.close()));

    const tasks = await stored(owned.data);
    // All that was told is there, and no command took effect twice.
    expect(tasks).toHaveLength(expected);
    expect(new Map(tasks.map(({ task }) => [task.id, task.title]))).toEqual(told.made);
    expect(new Map(tasks.map(({ task }) => [task.id, task.result?.summary]))).toEqual(told.completed);
    expect(tasks.filter(({ task }) => task.artifacts.length !== 1 || task.attempt !== 1)).toEqual([]);
    const holders = new Map<string, Set<string>>();
    for (const { task, events } of tasks) {
      const own = events.filter(({ type }) => !consequences.has(type));
      expect(own.map(({ type }) => type)).toEqual(ownEvents);
      expect(own[2]).toMatchObject({ data: { progress: { message: told.reported.get(task.id) } } });
      const workers = new Set(own.slice(1).map(({ by }) => by));
      expect(workers.size).toBe(1);
      const agent = told.claimed.get(task.id)?.by ?? '';
      holders.set(agent, new Set([...(holders.get(agent) ?? []), ...workers]));
    }
    // Each lease is one agent's: the log agrees with those who were told.
    expect(new Set([...told.claimed.values()].map(({ lease }) => lease)).size).toBe(expected);
    expect([...holders.values()].map(({ size }) => size)).toEqual(agents.map(() => 1));
    expect(new Set([...holders.values()].flatMap((names) => [...names])).size).toBe(agents.length);
    expect([...(holders.get('agent-0') ?? []), ...(holders.get('agent-1') ?? [])]).toEqual(['default/first', 'default/second']);
  },
);
