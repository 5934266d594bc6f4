import { describe, expect, test } from 'vitest';
import { EventLogEntry, openEventLog } from '../../src/actors/event-log.ts';
import { createClock } from '../../src/clock.ts';
import { TroupeError } from '../../src/errors.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import { newTask, taskId, unitOf, writeOf } from '../support/records.ts';

const open = async (windowEvents: number, before = 0) => {
  const store = createMemoryStore({ clock: createClock() });
  let tasks = 0;
  const commit = async (count: number) => {
    const [outcome] = await store.commit([unitOf(Array.from({ length: count }, () => newTask(taskId((tasks += 1)))))]);
    return outcome?.status === 'ok' ? outcome.position : 'none';
  };
  if (before > 0) await commit(before);
  return { store, commit, log: await openEventLog(store, { windowEvents }) };
};

const reasonOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => null,
    (fault: unknown) => fault,
  );
  return error instanceof TroupeError ? error.reason : error;
};

describe('the window', () => {
  test('holds what the store kept from before it was opened', async () => {
    const { log, store } = await open(100, 3);
    expect([log.first, log.end]).toEqual([0, 3]);
    expect(log.at(0).event.taskId).toBe(taskId(1));
    const { position } = await store.tail('now', () => {});
    expect(log.head).toBe(position);
  });

  test('keeps the newest events and refuses cursors outside', async () => {
    const { log, commit } = await open(5);
    await commit(3);
    await commit(4);
    expect([log.first, log.end]).toEqual([2, 7]);
    expect(Array.from({ length: 5 }, (_, index) => log.at(log.first + index).event.taskId)).toEqual([3, 4, 5, 6, 7].map(taskId));
    expect(() => log.at(1)).toThrow(RangeError);
    expect(() => log.at(7)).toThrow(RangeError);
  });

  test('finds a position by equality: inside, at its edge, and not beyond', async () => {
    const { log, commit } = await open(3);
    const first = await commit(1);
    expect(log.since(first)).toBe(1);
    await commit(3);
    // The window begins right after the first event: nothing is missing yet.
    expect(log.since(first)).toBe(1);
    expect(log.positionAt(log.first)).toBe(first);
    await commit(1);
    expect(log.since(first)).toBeNull();
    expect(log.since('another:1:0')).toBeNull();
    expect(log.since(log.head)).toBe(log.end);
  });

  test('before any event the head is where the store stands', async () => {
    const { log } = await open(3);
    expect(log.since(log.head)).toBe(0);
  });

  test('encodes an event once', () => {
    let reads = 0;
    const { event } = writeOf(newTask(taskId(1)));
    const counted = Object.defineProperty({ ...event }, 'by', { enumerable: true, get: () => `reader ${(reads += 1)}` });
    const entry = new EventLogEntry({ position: 'p', event: counted });
    expect(JSON.parse(entry.json)).toEqual({ ...event, by: 'reader 1' });
    expect(entry.json).toBe(entry.json);
    expect(reads).toBe(1);
  });

  test('tells its listeners once for events that came together, until they leave', async () => {
    const { log, commit } = await open(10);
    const ends: number[] = [];
    const leave = log.onAppend(() => ends.push(log.end));
    await commit(3);
    await commit(2);
    leave();
    await commit(1);
    expect(ends).toEqual([3, 5]);
  });
});

describe('waiting for a position', () => {
  test('ends at once for one that is in the window', async () => {
    const { log, commit } = await open(10);
    await expect(log.waitFor(await commit(1), 0)).resolves.toBeUndefined();
    await expect(log.waitFor(log.head, 0)).resolves.toBeUndefined();
  });

  test('ends at once for one that the window has left behind', async () => {
    const { log, commit } = await open(3);
    const old = await commit(1);
    await commit(5);
    expect(log.since(old)).toBeNull();
    await expect(log.waitFor(old, 0)).resolves.toBeUndefined();
  });

  test('ends when it is reached', async () => {
    const source = await open(10);
    const other = await openEventLog(source.store, { windowEvents: 10 });
    const position = await source.commit(2);
    const next = position.replace(':2:', ':3:');
    const waiting = Promise.all([other.waitFor(next, 5_000), other.waitFor(next, 5_000)]);
    await source.commit(1);
    await expect(waiting).resolves.toHaveLength(2);
  });

  test('gives up after its time, naming the head', async () => {
    const { log } = await open(10);
    await expect(log.waitFor('another:9:0', 1)).rejects.toMatchObject({ reason: 'NOT_YET_VISIBLE', details: { position: log.head } });
  });

  test('ends when the caller withdraws, before or while it waits', async () => {
    const { log } = await open(10);
    expect(await reasonOf(log.waitFor('another:9:0', 5_000, AbortSignal.abort()))).toBe('CANCELLED');
    const controller = new AbortController();
    const waiting = log.waitFor('another:9:0', 5_000, controller.signal);
    controller.abort(new TroupeError('DRAINING', 'the service stops'));
    expect(await reasonOf(waiting)).toBe('DRAINING');
  });

  test('ends when the log is closed', async () => {
    const { log } = await open(10);
    const waiting = log.waitFor('another:9:0', 5_000);
    log.close();
    expect(await reasonOf(waiting)).toBe('DRAINING');
  });
});
