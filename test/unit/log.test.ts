import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/persistence/resident/log.ts';
import type { Log } from '../../src/persistence/resident/log.ts';
import type { LogEntry } from '../../src/persistence/store.ts';
import { newTask, taskId, writeOf } from '../support/records.ts';

const { event } = writeOf(newTask(taskId(1)));
const entry = (n: number): LogEntry => ({ position: `p${n}`, event });

function append(log: Log, from: number, to: number): void {
  for (let n = from; n <= to; n++) log.append([entry(n)], `p${n}`);
}

/** So that nothing but the window holds back what came before. */
function sealTwice(log: Log): void {
  log.seal();
  log.seal();
}

function replay(log: Log, from: string) {
  const seen: string[] = [];
  const { mode, position, close } = log.tail(from, (entries) => void seen.push(...entries.map((one) => one.position)));
  close();
  return { mode, position, seen };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `p${from + index}`);

describe('log', () => {
  it('keeps the window and drops what is older, before long', () => {
    const log = createLog({ base: 'p0', windowEvents: 10 });
    append(log, 1, 98);
    sealTwice(log);
    append(log, 99, 100);
    const { mode, position, seen } = replay(log, 'oldest');
    expect(mode).toBe('resumed');
    expect(seen.length).toBeGreaterThanOrEqual(10);
    expect(seen.length).toBeLessThan(15);
    expect(seen).toEqual(numbers(101 - seen.length, 100));
    expect(position).toBe(`p${100 - seen.length}`);
    expect(replay(log, position)).toEqual({ mode: 'resumed', position, seen });
    expect(replay(log, 'p50')).toEqual({ mode: 'gone', position: 'p100', seen: [] });
  });

  it('keeps the last sealed journal and what came since, however much that is', () => {
    const log = createLog({ base: 'p0', windowEvents: 10 });
    append(log, 1, 20);
    expect(replay(log, 'oldest').seen).toEqual(numbers(1, 20));
    log.seal();
    append(log, 21, 60);
    expect(replay(log, 'oldest').seen).toEqual(numbers(1, 60));
    log.seal();
    append(log, 61, 200);
    expect(replay(log, 'p20')).toMatchObject({ mode: 'resumed', seen: numbers(21, 200) });
    log.seal();
    append(log, 201, 202);
    expect(replay(log, 'p60')).toMatchObject({ mode: 'resumed', seen: numbers(61, 202) });
    append(log, 203, 400);
    expect(replay(log, 'p60').mode).toBe('resumed');
    log.seal();
    append(log, 401, 401);
    expect(replay(log, 'p200')).toMatchObject({ mode: 'resumed', seen: numbers(201, 401) });
    expect(replay(log, 'p60').mode).toBe('gone');
  });

  it('moves its head without an entry, too', () => {
    const log = createLog({ base: 'p0', windowEvents: 10 });
    log.append([], 'q1');
    expect(log.head).toBe('q1');
    expect(replay(log, 'q1')).toEqual({ mode: 'resumed', position: 'q1', seen: [] });
  });

  it('replays and joins before tail returns, and brings all that waited in one go', async () => {
    const log = createLog({ base: 'p0', windowEvents: 100 });
    append(log, 1, 3);
    const deliveries: string[][] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    log.tail('p1', (entries) => {
      deliveries.push(entries.map(({ position }) => position));
      return held;
    });
    expect(deliveries).toEqual([numbers(2, 3)]);
    append(log, 4, 9);
    expect(deliveries).toEqual([numbers(2, 3)]);
    release();
    await held;
    expect(deliveries).toEqual([numbers(2, 3), numbers(4, 9)]);
  });

  it('tells nothing more to a reader whose place is no longer kept', async () => {
    const log = createLog({ base: 'p0', windowEvents: 10 });
    const seen: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    log.tail('now', (entries) => {
      seen.push(...entries.map(({ position }) => position));
      return held;
    });
    append(log, 1, 98);
    sealTwice(log);
    append(log, 99, 100);
    release();
    await held;
    append(log, 101, 102);
    expect(seen).toEqual(['p1']);
  });

  it('is silent once it is closed', () => {
    const log = createLog({ base: 'p0', windowEvents: 10 });
    const seen: LogEntry[] = [];
    log.tail('now', (entries) => void seen.push(...entries));
    log.close();
    append(log, 1, 3);
    log.tail('oldest', (entries) => void seen.push(...entries));
    append(log, 4, 5);
    expect(seen).toEqual([]);
  });
});
