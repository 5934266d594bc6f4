import { LeanClient } from './load.ts';
import { median, table } from './report.ts';
import { startTroupe } from './service.ts';

/** What a connection that said hello and follows the events costs while nothing happens. */

const connections = 1_000;
const rounds = 5;

export async function idle(): Promise<void> {
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const server = await startTroupe();
    const clients: LeanClient[] = [];
    const connect = async (count: number) => {
      for (let made = 0; made < count; made++) {
        const client = await LeanClient.connect(server.url, server.token, `idle-${clients.length}`);
        await client.request('events.subscribe', {});
        clients.push(client);
      }
      return server.rssBytes();
    };
    // The first ones make the code warm and the heap grow.
    const few = await connect(20);
    costs.push(((await connect(connections)) - few) / connections / 1024);
    for (const client of clients) client.close();
    await server.stop();
  }
  table(['idle connections', 'KiB of RSS for each'], [[connections.toLocaleString('en'), median(costs).toFixed(1)]]);
  console.log(`each of ${rounds} runs: ${costs.map((cost) => cost.toFixed(1)).join(', ')} KiB; goal ≤ 15`);
}
