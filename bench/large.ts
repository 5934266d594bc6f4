import { execFile } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { largeDirectory } from './large-directory.ts';
import { median, table } from './report.ts';
import { interleaved, tellRatio } from './rounds.ts';

/** A store of 100,000 tasks: how long a start takes, what a cold task costs, and what a checkpoint does to the event loop. */

const tasks = 100_000;
const rounds = 5;
const run = promisify(execFile);

async function measure<T>(mode: 'parse' | 'open' | 'stalls', directory: string): Promise<T> {
  const args = ['--expose-gc', '--max-semi-space-size=32', 'build/bench/large-child.js', mode, directory];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout) as T;
}

async function withLargeDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await largeDirectory(tasks);
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const start = (): Promise<void> =>
  withLargeDirectory(async (directory) => {
    const bytes = (await stat(join(directory, 'db.json'))).size;
    const heaps: number[] = [];
    const times = await interleaved(['open', 'parse'], rounds, async (name) => {
      const { ms, heap } = await measure<{ ms: number; heap?: number }>(name, directory);
      if (heap !== undefined) heaps.push(heap);
      return ms;
    });
    table(
      ['100,000 tasks', 'ms'],
      (['open', 'parse'] as const).map((name) => [
        name === 'open' ? 'store opened' : 'JSON.parse of its lines',
        median(times[name]).toFixed(0),
      ]),
    );
    tellRatio('ratio', times.open, times.parse, '≤ 1.5');
    tellRatio(
      'heap of a cold task to its JSON',
      heaps,
      heaps.map(() => bytes),
      '≤ 2.5',
    );
  });

interface Stall {
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const situations = {
  none: 'none',
  first: 'the first of a process: all written',
  later: 'a later one: unchanged lines copied',
} as const;

export const stalls = (): Promise<void> =>
  withLargeDirectory(async (directory) => {
    const taken: Record<keyof typeof situations, Stall>[] = [];
    for (let round = 0; round < 3; round++) taken.push(await measure('stalls', directory));
    const of = (which: keyof typeof situations, figure: keyof Stall) => median(taken.map((one) => one[which][figure]));
    table(
      ['checkpoint of 100,000 tasks under load', 'seconds', 'event loop p50 ms', 'p99 ms', 'max ms'],
      (['none', 'first', 'later'] as const).map((which) => [
        situations[which],
        ...(['seconds', 'p50Ms', 'p99Ms', 'maxMs'] as const).map((figure) => of(which, figure).toFixed(1)),
      ]),
    );
    console.log(`p99 of the event loop's delay, medians of ${taken.length} runs, as above; goal ≤ 20 ms`);
  });
