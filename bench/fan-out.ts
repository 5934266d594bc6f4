import { once } from 'node:events';
import { WebSocket } from 'ws';
import { LeanClient } from './load.ts';
import { median, table } from './report.ts';
import { interleaved, tellRatio } from './rounds.ts';
import { startLoop, startTroupe } from './service.ts';
import type { Measured } from './service.ts';

/** Ten events at a time to 1,000 subscribers, against a loop of `ws.send(string)`: what a delivery costs the server. */

const rounds = 5;
const subscribers = 1_000;
const eventsPerTick = 10;
const ticks = 60;

/** Connections that read and count, and nothing else. */
class Audience {
  readonly #sockets: readonly WebSocket[];
  #got = 0;
  #wanted = 0;
  #enough: () => void = () => {};

  private constructor(sockets: readonly WebSocket[]) {
    this.#sockets = sockets;
    for (const socket of sockets)
      socket.on('message', () => {
        this.#got += 1;
        if (this.#got === this.#wanted) this.#enough();
      });
  }

  static async gather({ url, token }: Measured): Promise<Audience> {
    const sockets: WebSocket[] = [];
    for (let made = 0; made < subscribers; made++) {
      const socket = new WebSocket(url, 'troupe.v1', { perMessageDeflate: false, skipUTF8Validation: true });
      await once(socket, 'open');
      for (const [id, method, params] of [
        [1, 'session.hello', { token }],
        [2, 'events.subscribe', {}],
      ] as const) {
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
        await once(socket, 'message');
      }
      sockets.push(socket);
    }
    return new Audience(sockets);
  }

  /** Resolves when everyone got that many messages more. */
  receive(each: number): Promise<void> {
    this.#wanted = this.#got + each * this.#sockets.length;
    return new Promise((resolve) => (this.#enough = resolve));
  }

  leave(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}

type Tick = (client: LeanClient, tick: number) => Promise<unknown>;

/** A plan of ten tasks is ten events of one moment. */
const plan: Tick = (client, tick) =>
  client.request('task.plan', {
    commandId: `tick-${tick}`,
    title: `Tick ${tick}`,
    tasks: Array.from({ length: eventsPerTick - 1 }, (_, index) => ({ title: `Part ${index} of ${tick}` })),
  });
const loop: Tick = (client) => client.request('send', { events: eventsPerTick });

/** Microseconds of server CPU per delivery, without what a tick costs when nobody listens. */
async function perDelivery(server: Measured, tick: Tick): Promise<number> {
  let ticked = 0;
  const client = await LeanClient.connect(server.url, server.token, 'driver');
  const cost = async (work: () => Promise<unknown>) => {
    for (let count = 0; count < ticks; count++) await work();
    const before = await server.cpuMs();
    for (let count = 0; count < ticks; count++) await work();
    return (await server.cpuMs()) - before;
  };
  try {
    const alone = await cost(() => tick(client, ticked++));
    const audience = await Audience.gather(server);
    const together = await cost(() => Promise.all([audience.receive(eventsPerTick), tick(client, ticked++)]));
    audience.leave();
    return ((together - alone) * 1000) / (ticks * eventsPerTick * subscribers);
  } finally {
    client.close();
    await server.stop();
  }
}

export async function fanOut(): Promise<void> {
  const works = { troupe: async () => perDelivery(await startTroupe(), plan), loop: async () => perDelivery(await startLoop(), loop) };
  const costs = await interleaved(['troupe', 'loop'], rounds, (name) => works[name]());
  table(
    ['1,000 subscribers, 10 events a tick', 'server CPU µs/delivery'],
    [
      ['a loop of ws.send(string)', median(costs.loop).toFixed(2)],
      ['troupe', median(costs.troupe).toFixed(2)],
    ],
  );
  tellRatio('ratio', costs.troupe, costs.loop, '≤ 0.15');
}
