import { expect, test } from 'vitest';
import { connect } from '../support/client.ts';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import { portOf, startTroupe } from './service.ts';

/** What comes up together goes out together. */

/** Subscribes on a raw socket, plans 300 tasks in one unit, and tells how its events came. */
async function planned(params: object) {
  const service = await startTroupe();
  const boss = await connect(service.url, service.token);
  const raw = await upgrade(portOf(service));
  raw.request(0, 'session.hello', { token: service.token });
  raw.request(1, 'events.subscribe', params);
  await raw.frame(({ payload }) => payload.subarray(0, 50).includes('"id":1,'));
  const before = raw.frames.length;
  let pieces = 0;
  raw.socket.on('data', () => (pieces += 1));
  const tasks = Array.from({ length: 300 }, (_, index) => ({ title: `Part ${index}` }));
  const { position } = await boss.request('task.plan', { title: 'Many', tasks });
  await raw.frame(({ payload }) => payload.includes(`"position":"${position}"`));
  const frames = raw.frames.slice(before).filter(({ opcode }) => opcode === opcodes.text);
  const messages = frames.map(({ payload }) => JSON.parse(payload.toString()) as { method: string; params: { events?: unknown[] } });
  raw.destroy();
  await boss.close();
  return { messages, pieces, bytes: frames.reduce((sum, { payload }) => sum + payload.length, 0) };
}

test('the events of a unit are frames of their own in few writes', async () => {
  const { messages, pieces, bytes } = await planned({});
  expect(messages.map(({ method }) => method)).toEqual(Array.from({ length: 301 }, () => 'events.event'));
  // A socket hands over at most 64 KiB at a time; a write of its own for each event would come in hundreds of pieces.
  expect(pieces).toBeLessThanOrEqual(2 * Math.ceil(bytes / 65_536) + 2);
});

test('with batchMs they are one message', async () => {
  const { messages } = await planned({ batchMs: 20 });
  expect(messages.map(({ method }) => method)).toEqual(['events.batch']);
  expect(messages[0]?.params.events).toHaveLength(301);
});
