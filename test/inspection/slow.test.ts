import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { portOf, startTroupe } from '../stream/service.ts';
import { enter, isEvent, ticketUrl, valueOf } from './receiver.ts';
import type { Frame } from './receiver.ts';

/** A receiver that does not read, over real sockets: little is held for it, and it ends up with the truth. */

const framesOf = (raw: RawSocket): Frame[] =>
  raw.frames.filter(({ opcode }) => opcode === opcodes.text).map(({ payload }) => JSON.parse(payload.toString()) as Frame);

const roundOf = (frame: Frame): number =>
  isEvent(frame) ? -1 : Number((frame.snapshot as { context?: { spec: { title: string } } }).context?.spec.title.slice(1) ?? -1);

test('one that stops reading is held little for, and gets the latest state of each actor when it reads again', async () => {
  const highWaterBytes = 100_000;
  const service = await startTroupe({ windowEvents: 400, limits: { highWaterBytes } });
  const client = await enter(service);
  const made = Array.from({ length: 40 }, () => client.request('task.create', { title: 'r0', description: 'd'.repeat(16_000) }));
  const ids = (await Promise.all(made)).map(({ task }) => task.id);
  const sockets: Socket[] = [];
  const onSocket = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket);
  subscribe('net.server.socket', onSocket);
  onTestFinished(() => void unsubscribe('net.server.socket', onSocket));
  const url = await ticketUrl(client, service, { context: '1' });
  const raw = await upgrade(portOf(service), { path: url.slice(url.indexOf('/inspect')), protocols: null });
  onTestFinished(() => raw.destroy());
  raw.socket.pause();
  const [held] = sockets;
  let most = 0;
  let clogged = 0;
  let round = 0;
  // Buffers of the system take a few megabytes before the service notices; then it goes on for a while.
  while (clogged < 15 && round < 300) {
    round += 1;
    await Promise.all(ids.map((taskId) => client.request('task.edit', { taskId, set: { title: `r${round}` } })));
    most = Math.max(most, held?.writableLength ?? Infinity);
    if ((held?.writableLength ?? 0) > highWaterBytes) clogged += 1;
  }
  expect(clogged).toBe(15);
  // What it may hold, and one part on top of it.
  expect(most).toBeLessThan(highWaterBytes + 262_144 + 200_000);
  await client.request('task.block', { taskId: ids[0]!, reason: 'the last of all' });
  raw.socket.resume();
  await raw.frame(({ payload }) => payload.includes('"value":"blocked"'));
  await expect
    .poll(() => ids.every((id) => roundOf(framesOf(raw).findLast((frame) => frame.sessionId === id && !isEvent(frame))!) === round), {
      timeout: 10_000,
    })
    .toBe(true);
  const frames = framesOf(raw);
  for (const id of ids) {
    const rounds = frames.filter((frame) => frame.sessionId === id).map(roundOf);
    const known = rounds.filter((one) => one >= 0);
    expect(known).toEqual(known.toSorted((a, b) => a - b));
  }
  expect(valueOf(frames.findLast((frame) => frame.sessionId === ids[0] && !isEvent(frame))!)).toBe('blocked');
  // Not how it came there.
  expect(frames.filter(isEvent).length).toBeLessThan((round - 10) * ids.length);
  await client.close();
});
