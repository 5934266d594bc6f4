import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { createClock } from '../src/clock.ts';
import { openLowdbStore } from '../src/persistence/lowdb/store.ts';
import { nextTask, unitOf } from '../test/support/records.ts';

/** One measurement on a data directory, in a process of its own: `large-child.js MODE DIRECTORY`, with the garbage collector exposed. */

const [mode = '', directory = ''] = process.argv.slice(2);

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Parses what the store has to parse, and keeps it as the store does. */
async function parse(): Promise<object> {
  const start = performance.now();
  const values: unknown[] = [];
  const lines = createInterface({ input: createReadStream(join(directory, 'db.json')), crlfDelay: Infinity });
  for await (const line of lines) if (line.startsWith('{"record"')) values.push(JSON.parse(line.replace(/,$/, '')));
  return { ms: performance.now() - start, count: values.length };
}

async function openIt(): Promise<object> {
  const before = heapBytes();
  const start = performance.now();
  const store = await openLowdbStore({ directory, clock: createClock() });
  const ms = performance.now() - start;
  const heap = heapBytes() - before;
  await store.close();
  return { ms, heap };
}

const lanes = 8;

/** How long the event loop is held up while tasks are written to all the time, with a checkpoint under way and without one. */
async function stalls(): Promise<object> {
  const store = await openLowdbStore({ directory, clock: createClock() });
  const { items } = await store.list({ filter: {}, sort: 'created', limit: 20_000 });
  const stop = new AbortController();
  let next = 0;
  const lane = async () => {
    while (!stop.signal.aborted) {
      const id = items[next++ % items.length]?.id ?? 't_';
      const record = (await store.load([id])).get(id);
      if (record !== undefined) await store.commit([unitOf([nextTask(record)])]);
    }
  };
  const load = Array.from({ length: lanes }, lane);
  const during = async (work: () => Promise<void>) => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    await work();
    delay.disable();
    const ms = (nanoseconds: number) => nanoseconds / 1e6;
    return {
      seconds: (performance.now() - start) / 1000,
      p50Ms: ms(delay.percentile(50)),
      p99Ms: ms(delay.percentile(99)),
      maxMs: ms(delay.max),
    };
  };
  const none = await during(() => setTimeout(3_000));
  const first = await during(() => store.checkpoint());
  const later = await during(() => store.checkpoint());
  stop.abort();
  await Promise.all(load);
  await store.close();
  return { none, first, later };
}

const modes: Readonly<Record<string, () => Promise<object>>> = { parse, open: openIt, stalls };
const measured = await modes[mode]?.();
if (measured === undefined) throw new Error(`no mode ${mode}`);
if (!process.stdout.write(`${JSON.stringify(measured)}\n`)) await once(process.stdout, 'drain');
