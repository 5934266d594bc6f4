import { WebSocket } from 'ws';
import { beforeAll, expect, test } from 'vitest';
import { subprotocol } from '../../src/protocol/subprotocol.ts';
import { defaultLimits } from '../../src/transport/ws/limits.ts';
import { gather } from '../load/crowd.ts';
import { serve } from '../load/serve.ts';
import { buildCommand } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const all = defaultLimits.maxConnections;
const heartbeats = 3;

const refusalOf = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(url, subprotocol);
    ws.on('error', ({ message }) => resolve(message));
    ws.on('open', () => reject(new Error('was let in')));
  });

test(`${all} connections at once: all answered, none cut, all alive after ${heartbeats} heartbeats; one more is refused`, async () => {
  const served = await serve(command, await temporaryDirectory());
  const { wires, cut, bytesEach, heartbeats: beaten } = await gather(served, all);
  console.log(`${(bytesEach / 1_024).toFixed(1)} KiB of resident memory for each connection that waits (goal 15)`);
  expect(await refusalOf(served.url)).toContain('503');
  expect((await served.health()).connections).toBe(all);
  await beaten(heartbeats, (heartbeats + 2) * defaultLimits.heartbeatMs);
  await Promise.all(wires.map((wire) => wire.ask('system.ping', {})));
  expect(cut).toEqual([]);
  expect(bytesEach).toBeLessThan(100 * 1_024);
});
