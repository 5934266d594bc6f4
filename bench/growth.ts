import { LeanClient, run } from './load.ts';
import { median, table } from './report.ts';
import { interleaved, tellRatio } from './rounds.ts';
import { startTroupe } from './service.ts';
import type { Measured } from './service.ts';

/** The cost of a command must not depend on how many tasks exist: the same lives on a small and on a large store, side by side. */

const rounds = 7;
const lives = 3_000;
const shape = { connections: 32, inFlight: 8, workBytes: 512 };

async function seed(server: Measured, tasks: number): Promise<void> {
  const client = await LeanClient.connect(server.url, server.token, 'seed');
  const perTree = 500;
  for (let made = 0; made < tasks; made += perTree)
    await client.request('task.plan', {
      commandId: `seed-${made}`,
      title: `Tree ${made}`,
      tasks: Array.from({ length: perTree - 1 }, (_, index) => ({ title: `Task ${made + index}` })),
    });
  client.close();
}

async function cost(server: Measured): Promise<number> {
  const before = await server.cpuMs();
  const { commands } = await run({ ...server, ...shape, lives });
  return (((await server.cpuMs()) - before) * 1000) / commands;
}

export async function growth(many: number, goal: string): Promise<void> {
  const few = 1_000;
  const servers = { few: await startTroupe(), many: await startTroupe() };
  try {
    await seed(servers.few, few);
    await seed(servers.many, many);
    for (const server of Object.values(servers)) await cost(server);
    const costs = await interleaved(['many', 'few'], rounds, (name) => cost(servers[name]));
    table(
      ['tasks at the start', 'server CPU µs/command'],
      [
        [few.toLocaleString('en'), median(costs.few).toFixed(1)],
        [many.toLocaleString('en'), median(costs.many).toFixed(1)],
      ],
    );
    tellRatio('ratio', costs.many, costs.few, goal);
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
}
