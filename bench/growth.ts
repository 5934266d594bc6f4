import { LeanClient, run } from './load.ts';
import { median, table } from './report.ts';
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

export async function growth(few = 1_000, many = 20_000): Promise<void> {
  const small = await startTroupe();
  const large = await startTroupe();
  try {
    await seed(small, few);
    await seed(large, many);
    await cost(small);
    await cost(large);
    const ratios: number[] = [];
    const costs: { small: number[]; large: number[] } = { small: [], large: [] };
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? (['small', 'large'] as const) : (['large', 'small'] as const);
      for (const name of order) costs[name].push(await cost(name === 'small' ? small : large));
      ratios.push((costs.large.at(-1) ?? Number.NaN) / (costs.small.at(-1) ?? Number.NaN));
    }
    table(
      ['tasks at the start', 'server CPU µs/command'],
      [
        [few.toLocaleString('en'), median(costs.small).toFixed(1)],
        [many.toLocaleString('en'), median(costs.large).toFixed(1)],
      ],
    );
    console.log(
      `ratio, median of ${rounds} interleaved rounds: ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}); goal ≤ 1.2`,
    );
  } finally {
    await small.stop();
    await large.stop();
  }
}
