import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openEventLog } from '../../src/actors/event-log.ts';
import { createClock } from '../../src/clock.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import { Outbox } from '../../src/transport/ws/outbox.ts';
import type { Follower } from '../../src/transport/ws/subscription.ts';
import { createTurn } from '../../src/transport/ws/turn.ts';
import { Views } from '../../src/transport/ws/views.ts';
import { readFrame } from '../support/raw-socket.ts';
import { newTask, taskId, unitOf } from '../support/records.ts';

const turnOver = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

const open = async () => {
  const store = createMemoryStore({ clock: createClock() });
  const log = await openEventLog(store, { windowEvents: 1_000 });
  let tasks = 0;
  const commit = (count: number, project = 'default') =>
    store.commit([unitOf(Array.from({ length: count }, () => newTask(taskId((tasks += 1)), { spec: { project } })))]);
  const turn = createTurn();
  return { log, commit, turn, views: new Views(log, turn, 32) };
};

/** What a connection is to the views, keeping what it gets. */
const follower = (projects: readonly string[] | null = null) => {
  const got: Buffer[] = [];
  const kept: Follower = {
    projects,
    subscriptions: new Map(),
    clogged: false,
    text: (message) => void got.push(Buffer.from(message)),
    frames: (bytes) => void got.push(bytes),
    cut: () => {
      throw new Error('cut');
    },
  };
  return { ...kept, got };
};

describe('subscribers of equal filters', () => {
  test('share the very bytes, one piece for all events of a turn', async () => {
    const { views, commit, log } = await open();
    const followers = [follower(), follower(), follower()];
    for (const each of followers) views.start(views.subscribe(each, { filter: { project: 'web' }, batchMs: 0 }).subscription);
    await commit(2, 'web');
    await commit(1, 'api');
    await commit(3, 'web');
    await turnOver();
    const [first, ...others] = followers.map(({ got }) => got);
    expect(first).toHaveLength(1);
    for (const other of others) expect(other[0]).toBe(first?.[0]);
    let bytes = first?.[0] ?? Buffer.alloc(0);
    const positions: string[] = [];
    for (let frame = readFrame(bytes); frame !== null; frame = readFrame(bytes)) {
      positions.push(JSON.parse(frame.payload.toString()).params.position);
      bytes = bytes.subarray(frame.bytes);
    }
    expect(positions).toHaveLength(5);
    expect(positions.at(-1)).toBe(log.head);
  });

  test('who resume at different places share most of the replay', async () => {
    const { views, commit, log } = await open();
    await commit(600);
    const [early, late] = [follower(), follower()];
    views.start(views.subscribe(early, { filter: {}, batchMs: 0, since: log.positionAt(1) }).subscription);
    views.start(views.subscribe(late, { filter: {}, batchMs: 0, since: log.positionAt(70) }).subscription);
    await turnOver();
    const shared = late.got.filter((bytes) => early.got.includes(bytes));
    // Their first pieces differ, and each has a bookmark of its own.
    expect([early.got.length, late.got.length, shared.length]).toEqual([6, 6, 4]);
  });
});

describe('a subscription', () => {
  test('from the head of a turn that is not over gets nothing twice, and its bookmark', async () => {
    const { views, commit, log } = await open();
    const [old, late] = [follower(), follower()];
    views.start(views.subscribe(old, { filter: {}, batchMs: 0 }).subscription);
    await commit(2);
    const { subscription, answer } = views.subscribe(late, { filter: {}, batchMs: 0, since: log.head });
    expect(answer).toEqual({ view: 'v1', mode: 'resumed', position: log.head });
    views.start(subscription);
    await turnOver();
    expect(late.got.map((bytes) => JSON.parse(readFrame(bytes)?.payload.toString() ?? '').method)).toEqual(['events.bookmark']);
    expect(old.got).toHaveLength(1);
  });

  test('gets nothing before it was answered, whatever happens meanwhile', async () => {
    const { views, commit, log } = await open();
    const early = follower();
    const since = log.head;
    const { subscription } = views.subscribe(early, { filter: {}, batchMs: 0, since });
    await commit(2);
    views.resume(early);
    views.bookmark();
    await turnOver();
    expect(early.got).toEqual([]);
    views.start(subscription);
    expect(early.got).toHaveLength(2);
    views.subscribe(early, { filter: {}, batchMs: 0, since });
    views.resume(early);
    views.close('DRAINING');
    expect(early.got).toHaveLength(2);
  });
});

describe('an outbox', () => {
  const openOutbox = (highWaterBytes = 1_000) => {
    const writes: Buffer[][] = [];
    const waiting: (() => void)[] = [];
    const calls: string[] = [];
    const socket = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        writes.push([chunk]);
        waiting.push(done);
      },
      writev: (chunks, done) => {
        writes.push(chunks.map(({ chunk }) => chunk));
        waiting.push(done);
      },
    });
    const outbox = new Outbox({
      socket,
      turn: createTurn(),
      isOpen: () => !socket.writableEnded,
      highWaterBytes,
      drainMs: 60_000,
      onClogged: () => calls.push('clogged'),
      onDrained: () => calls.push('drained'),
      onStuck: () => calls.push('stuck'),
    });
    return { outbox, writes, calls, socket, drain: () => waiting.splice(0).forEach((done) => done()) };
  };
  const texts = (buffers: readonly Buffer[]) => {
    let bytes = Buffer.concat(buffers);
    const read: string[] = [];
    for (let frame = readFrame(bytes); frame !== null; frame = readFrame(bytes)) {
      read.push(frame.payload.toString());
      bytes = bytes.subarray(frame.bytes);
    }
    return read;
  };

  test('writes everything of a turn at once, in its order', async () => {
    const { outbox, writes } = openOutbox();
    const shared = Buffer.from([0x81, 1, 0x62]);
    outbox.text('a');
    outbox.frames(shared);
    outbox.text('c');
    outbox.text('d');
    expect(writes).toEqual([]);
    await turnOver();
    expect(writes).toHaveLength(1);
    expect(texts(writes[0] ?? [])).toEqual(['a', 'b', 'c', 'd']);
    expect(writes[0]?.[1]).toBe(shared);
  });

  test('frames the answers of a turn into one buffer', async () => {
    const { outbox, writes } = openOutbox();
    for (const text of ['a', 'b', 'c']) outbox.text(text);
    await turnOver();
    expect(writes.map((buffers) => buffers.length)).toEqual([1]);
    expect(texts(writes[0] ?? [])).toEqual(['a', 'b', 'c']);
  });

  test('tells when more waits than should, and when it is gone', async () => {
    const { outbox, calls, drain } = openOutbox(10);
    // More than a stream takes before it says that it is full, which is 64 KiB in newer versions of Node.
    outbox.text('x'.repeat(100_000));
    outbox.flush();
    expect([outbox.clogged, calls]).toEqual([true, ['clogged']]);
    drain();
    await turnOver();
    expect([outbox.clogged, calls]).toEqual([false, ['clogged', 'drained']]);
    outbox.close();
  });

  test('writes nothing after the end', async () => {
    const { outbox, writes, socket } = openOutbox();
    outbox.text('too late');
    socket.end();
    await turnOver();
    expect(writes).toEqual([]);
  });
});
