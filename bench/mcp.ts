import { rm } from 'node:fs/promises';
import { startAgent } from './mcp-client.ts';
import type { Agent } from './mcp-client.ts';
import { largeDirectory } from './large-directory.ts';
import { median, table } from './report.ts';
import { interleaved, tellRatio } from './rounds.ts';
import { startTroupe } from './service.ts';

/** What one agent gets over stdio: `troupe mcp` in front of the service, and a server on the same SDK over a map. */

const rounds = 15;
const perRound = 100;
const warmUp = 1_000;
/** Calls that the agent has under way: an agent waits for each answer, or asks for several things at once. */
const depths = [1, 16];

interface Sample {
  readonly create: number;
  readonly execute: number;
}

const figures = ['create', 'execute'] as const;

async function perSecond(count: number, inFlight: number, work: (n: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work((next += 1));
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (count * 1000) / (performance.now() - start);
}

async function sample(agent: Agent, count: number, inFlight: number): Promise<Sample> {
  const made: unknown[] = [];
  const create = await perSecond(count, inFlight, async (n) => {
    const args = { title: `Ledger ${n}`, description: 'Read it, row by row, and say which rows do not add up.' };
    made.push((await agent.call('orchestrator_plan_task', args))['task_id']);
  });
  const execute = await perSecond(count, inFlight, async () => {
    await agent.call('orchestrator_execute_task', { task_id: made.pop() });
  });
  return { create, execute };
}

interface Opened extends Agent {
  end(): Promise<void>;
}

/** On a directory that has that many tasks half-way through the measurement. */
async function openTroupe(tasks: number): Promise<Opened> {
  const data = await largeDirectory(tasks - warmUp - (depths.length * rounds * perRound) / 2);
  const service = await startTroupe([], data);
  const agent = await startAgent(['dist/cli/main.js', 'mcp', '--data', data]);
  return {
    ...agent,
    async end() {
      await agent.close();
      await service.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function openMap(tasks: number): Promise<Opened> {
  const agent = await startAgent(['build/bench/mcp-map-server.js', String(tasks)]);
  return { ...agent, end: () => agent.close() };
}

async function compare<K extends string>(names: readonly [K, K], open: Readonly<Record<K, () => Promise<Opened>>>, goal: string) {
  const [first, second] = names;
  const opened = { [first]: await open[first](), [second]: await open[second]() } as Record<K, Opened>;
  try {
    for (const name of names) await sample(opened[name], warmUp, 1);
    for (const depth of depths) {
      const samples = await interleaved(names, rounds, (name) => sample(opened[name], perRound, depth));
      const of = (name: K, figure: keyof Sample) => samples[name].map((one) => one[figure]);
      table(
        [`calls/s, ${depth} under way`, 'create', 'execute'],
        names.map((name) => [name, ...figures.map((figure) => median(of(name, figure)).toFixed(0))]),
      );
      for (const figure of figures) tellRatio(`ratio of ${figure}`, of(first, figure), of(second, figure), goal);
      console.log('');
    }
  } finally {
    for (const name of names) await opened[name].end();
  }
}

export const mcp = (): Promise<void> => compare(['troupe', 'map'], { troupe: () => openTroupe(3_000), map: () => openMap(3_000) }, '≥ 0.7');

export const mcpLarge = (): Promise<void> =>
  compare(['30,000 tasks', '3,000 tasks'], { '30,000 tasks': () => openTroupe(30_000), '3,000 tasks': () => openTroupe(3_000) }, '≥ 0.95');
