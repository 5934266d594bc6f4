import { expect, test } from 'vitest';
import { openEventLog } from '../../src/actors/event-log.ts';
import { createClock } from '../../src/clock.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import { createTurn } from '../../src/transport/ws/turn.ts';
import { Views } from '../../src/transport/ws/views.ts';
import { connect } from '../support/client.ts';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import { newTask, taskId, unitOf } from '../support/records.ts';
import { withTransport } from '../support/transport.ts';

/** Subscribers whose connections are closing when the window leaves them behind. */

test.each([{}, { batchMs: 50 }])('a connection that is half closed costs nobody else anything: %j', (options) =>
  withTransport({ windowEvents: 10, limits: { closeMs: 5_000 } }, async ({ port, url, token, commit }) => {
    const raw = await upgrade(port);
    // It answers the end of the service's side with none of its own.
    raw.socket.allowHalfOpen = true;
    raw.request(0, 'session.hello', { token });
    raw.request(1, 'events.subscribe', options);
    await raw.frame(({ payload }) => payload.includes('"id":1,'));
    raw.write(opcodes.close, Buffer.from([3, 232]));
    expect(await raw.closed()).toBe(1000);
    await commit(11);
    const other = await connect(url, token);
    await other.request('events.subscribe', options);
    await commit(1);
    await other.until(() => other.events.length === 1);
    raw.destroy();
    await other.close();
  }),
);

/** Views over a window of ten events. */
async function openViews() {
  const store = createMemoryStore({ clock: createClock() });
  const log = await openEventLog(store, { windowEvents: 10 });
  let tasks = 0;
  const commit = (count: number) => store.commit([unitOf(Array.from({ length: count }, () => newTask(taskId((tasks += 1)))))]);
  return { views: new Views(log, createTurn(), 32), commit };
}

/** What a connection that is closing already is to the views: it takes no notice of being cut. */
const follower = () => {
  const got: Buffer[] = [];
  const frames = (bytes: Buffer): void => void got.push(bytes);
  return { projects: null, subscriptions: new Map(), clogged: false, text: () => {}, frames, cut: () => {}, got };
};

const turnOver = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

test('a view that ends because its subscribers are cut is not joined any more', async () => {
  const { views, commit } = await openViews();
  const [early, late] = [follower(), follower()];
  views.start(views.subscribe(early, { filter: {}, batchMs: 0 }).subscription);
  await commit(11);
  // The same turn: the early one was not sent to yet, and is cut now.
  views.start(views.subscribe(late, { filter: {}, batchMs: 0 }).subscription);
  expect(early.subscriptions.size).toBe(0);
  await commit(1);
  await turnOver();
  expect([early.got.length, late.got.length]).toEqual([0, 1]);
});

test('a heartbeat passes those by who are about to be cut, and the end of the service tells them nothing', async () => {
  const { views, commit } = await openViews();
  const [held, still] = [follower(), follower()];
  views.start(views.subscribe(held, { filter: {}, batchMs: 50 }).subscription);
  views.subscribe(still, { filter: {}, batchMs: 0 });
  await commit(11);
  views.bookmark();
  views.close('DRAINING');
  expect([held.got.length, still.got.length]).toEqual([0, 0]);
  expect([held.subscriptions.size, still.subscriptions.size]).toEqual([0, 0]);
});
