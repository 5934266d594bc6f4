import { fork } from 'node:child_process';
import { once } from 'node:events';
import { LeanClient } from './load.ts';
import { median, table } from './report.ts';

/** What a connection that said hello and follows the events costs the service while nothing happens. */

const connections = 1_000;
/** Connected before the first look: what makes the code warm and the heap grow to its working size. */
const before = 400;
const rounds = 5;

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

async function perConnection(): Promise<Memory> {
  const server = fork('build/bench/idle-server.js', { execArgv: ['--expose-gc', '--max-semi-space-size=32'] });
  const [{ url, token }] = (await once(server, 'message')) as [{ url: string; token: string }];
  const memory = async () => {
    server.send('memory');
    const [used] = (await once(server, 'message')) as [Memory];
    return used;
  };
  const clients: LeanClient[] = [];
  const connect = async (count: number) => {
    for (let made = 0; made < count; made++) {
      const client = await LeanClient.connect(url, token, `idle-${clients.length}`);
      await client.request('events.subscribe', {});
      clients.push(client);
    }
    return memory();
  };
  const few = await connect(before);
  const many = await connect(connections - before);
  for (const client of clients) client.close();
  server.send('stop');
  await once(server, 'exit');
  const each = (figure: keyof Memory) => (many[figure] - few[figure]) / (connections - before) / 1024;
  return { rss: each('rss'), heapUsed: each('heapUsed') };
}

export async function idle(): Promise<void> {
  const costs: Memory[] = [];
  for (let round = 0; round < rounds; round++) costs.push(await perConnection());
  const resident = costs.map(({ rss }) => rss);
  table(
    ['idle connections', 'KiB of RSS for each', 'KiB of heap for each'],
    [[connections.toLocaleString('en'), median(resident).toFixed(1), median(costs.map(({ heapUsed }) => heapUsed)).toFixed(1)]],
  );
  console.log(`RSS, each of ${rounds} runs: ${resident.map((cost) => cost.toFixed(1)).join(', ')} KiB; goal ≤ 15`);
}
