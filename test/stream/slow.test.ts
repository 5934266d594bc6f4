import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { Follower, numberOf } from './follower.ts';
import { portOf, startTroupe } from './service.ts';
import type { InProcess } from './service.ts';

/** Clients that read little, late, or never. */

interface Sent {
  readonly position: string;
  readonly rev: number;
  readonly taskId: string;
}

const eventsOf = (raw: RawSocket): Sent[] =>
  raw.frames
    .filter(({ opcode, payload }) => opcode === opcodes.text && payload.subarray(0, 60).includes('events.event'))
    .map(({ payload }) => JSON.parse(payload.toString()).params as Sent);

/** Plans of 500 tasks each, so `count` times 501 events. */
async function plan(client: Client, count: number, description = ''): Promise<string> {
  let position = '';
  for (let n = 0; n < count; n += 1) {
    const tasks = Array.from({ length: 500 }, (_, index) => ({ title: `Part ${index} ${description}`.slice(0, 250) }));
    ({ position } = await client.request('task.plan', { title: `Plan ${n}`, tasks }));
  }
  return position;
}

async function subscribed(service: InProcess, params: object): Promise<RawSocket> {
  const raw = await upgrade(portOf(service));
  raw.request(0, 'session.hello', { token: service.token });
  raw.request(1, 'events.subscribe', params);
  await raw.frame(({ payload }) => payload.subarray(0, 50).includes('"id":1,'));
  return raw;
}

/** The service's end of every connection that is opened from now on. */
function serverSockets(): Socket[] {
  const sockets: Socket[] = [];
  const onSocket = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket);
  subscribe('net.server.socket', onSocket);
  onTestFinished(() => void unsubscribe('net.server.socket', onSocket));
  return sockets;
}

/** Reads until `done`, in sips: after every piece it looks away until the others had a turn. */
function sip(raw: RawSocket, meanwhile: () => Promise<unknown>, done: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (): void => {
      if (done()) {
        raw.socket.off('data', onData);
        return resolve();
      }
      raw.socket.pause();
      meanwhile().then(() => raw.socket.resume(), reject);
    };
    raw.socket.on('data', onData);
    raw.socket.on('close', () => reject(new Error('closed before it had everything')));
    raw.socket.resume();
  });
}

test('a long resume through a socket that is read in sips brings everything in order, and holds nobody back', async () => {
  const service = await startTroupe({ limits: { highWaterBytes: 100_000 }, windowEvents: 50_000 });
  const boss = await connect(service.url, service.token);
  const { position: since } = boss.hello;
  const quick = await connect(service.url, service.token);
  await quick.request('events.subscribe', {});
  await plan(boss, 12, 'x'.repeat(200));

  const raw = await subscribed(service, { since });
  raw.socket.pause();
  // More comes while it has hardly begun, and the others have it at once.
  const head = await plan(boss, 2);
  await quick.until(() => quick.events.at(-1)?.position === head);
  expect(eventsOf(raw).length).toBeLessThan(14 * 501);
  await sip(
    raw,
    () => quick.request('system.ping', {}),
    () => raw.frames.some(({ payload }) => payload.includes(`"position":"${head}"`)),
  );
  expect(eventsOf(raw).map(({ position }) => position)).toEqual(quick.events.map(({ position }) => position));
  expect(eventsOf(raw).map(({ position }) => numberOf(position))).toEqual(Array.from({ length: 14 * 501 }, (_, index) => index + 1));
  raw.destroy();
  await Promise.all([boss.close(), quick.close()]);
});

test('one that never reads is cut with 4410; little is held for it, the others go on, and it resumes without a gap', async () => {
  const highWaterBytes = 100_000;
  const service = await startTroupe({ limits: { highWaterBytes, drainMs: 1_500, closeMs: 10_000 }, windowEvents: 100_000 });
  const boss = await connect(service.url, service.token);
  const quick = await connect(service.url, service.token);
  await quick.request('events.subscribe', {});
  const sockets = serverSockets();
  const dead = await subscribed(service, {});
  dead.socket.pause();
  const [held] = sockets;
  let most = 0;
  const cut = () => service.lines.some((line) => line.includes('"code":4410'));
  let head = '';
  // Buffers of the system take a few megabytes before the service notices.
  for (let round = 0; round < 400 && !cut(); round += 1) {
    head = await plan(boss, 1, 'x'.repeat(200));
    await quick.until(() => quick.events.at(-1)?.position === head);
    most = Math.max(most, held?.writableLength ?? Infinity);
  }
  await expect.poll(cut, { timeout: 10_000 }).toBe(true);
  // What it may hold, and what one turn brings on top of it: a plan of half a megabyte, or two.
  expect(most).toBeGreaterThan(highWaterBytes);
  expect(most).toBeLessThan(highWaterBytes + 2_000_000);
  dead.socket.resume();
  expect(await dead.closed()).toBe(4410);
  const got = eventsOf(dead);
  expect(got.map(({ position }) => position)).toEqual(quick.events.slice(0, got.length).map(({ position }) => position));

  const again = new Follower({ isWhole: true });
  again.position = got.at(-1)?.position;
  for (const { taskId, rev } of got) {
    again.tasks.set(taskId as `t_${string}`, { rev, status: null, ready: null, title: null, priority: null, listed: false });
  }
  await again.follow(service, () => again.position === head);
  expect(again.faults).toEqual([]);
  expect(again.modes).toEqual({ live: 0, resumed: 1, list: 0 });
  expect(got.length + again.events).toBe(quick.events.length);
  dead.destroy();
  await Promise.all([boss.close(), quick.close()]);
});
