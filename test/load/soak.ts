import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Follower } from './follower.ts';
import { capacity, Mix } from './mix.ts';
import { serve } from './serve.ts';
import { every, pace, table, Times } from './times.ts';
import { Wire } from './wire.ts';

/** Mixed load on the built service for a while, then `kill -9`: nothing grows, nothing is refused, nothing is lost. */

export interface SoakOptions {
  readonly command: string;
  readonly directory: string;
  readonly seconds: number;
  readonly seed: number;
  /** Of the capacity that is measured first. */
  readonly share: number;
  readonly periods: number;
  /** Finished trees that stay until they are archived or deleted. */
  readonly keep: number;
  readonly env?: NodeJS.ProcessEnv;
}

interface Period {
  readonly perSecond: number;
  readonly p99: number;
  readonly rss: number;
  readonly heap: number;
  readonly packs: number;
  readonly checkpoints: number;
}

export interface Soaked {
  readonly periods: readonly Period[];
  readonly refusals: ReadonlyMap<string, number>;
  readonly streamFaults: readonly string[];
  readonly lost: readonly string[];
}

const MiB = 1_024 ** 2;

async function disk(directory: string) {
  const bytesOf = async (names: readonly string[], below = '') => {
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(directory, below, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  const journals = (await readdir(directory)).filter((name) => name.startsWith('journal.'));
  const packs = (await readdir(join(directory, 'artifacts'))).filter((name) => name.endsWith('.pack'));
  return {
    journalBytes: await bytesOf(journals),
    checkpointBytes: await bytesOf(['db.json']),
    packs: packs.length,
    packBytes: await bytesOf(packs, 'artifacts'),
    archived: (await readdir(join(directory, 'archive'))).length,
  };
}

export async function soak({ command, directory, seconds, seed, share, periods: count, keep, env = {} }: SoakOptions): Promise<Soaked> {
  let served = await serve(command, directory, env);
  const follower = new Follower();
  const comer = new Follower();
  await follower.follow(served);
  await comer.follow(served);
  const watch = await Wire.connect(served, { worker: 'watch' });
  const wires = await Promise.all(Array.from({ length: 32 }, (_, index) => Wire.connect(served, { worker: `w${index}` })));
  const mix = new Mix({ wires, seed, maxTrees: 800, keep });

  // The first to get warm; others may have taken the machine during one of the others.
  let most = 0;
  for (let n = 0; n < 4; n++) most = Math.max(most, await capacity(() => mix.step(), 128, Math.max(0.5, seconds / 120)));
  const rate = most * share;
  let inode = 0;
  let checkpoints = 0;
  const looking = every(250, async () => {
    const { ino } = await stat(join(directory, 'db.json')).catch(() => ({ ino: 0 }));
    if (ino !== inode) checkpoints += 1;
    inode = ino;
  });
  const reconnecting = every(5_000, async () => {
    await comer.leave();
    await comer.follow(served);
  });

  const periods: Period[] = [];
  const rows: (string | number)[][] = [];
  const pending = new Set<Promise<void>>();
  for (let n = 0; n < count; n++) {
    mix.times = new Times();
    checkpoints = 0;
    await pace(rate, seconds / count, () => {
      const step = mix.step();
      pending.add(step);
      void step.finally(() => pending.delete(step));
    });
    const { memory, methods } = await watch.ask('system.status', {});
    const { times } = mix;
    const found = await disk(directory);
    const perSecond = times.count / (seconds / count);
    const p99 = times.percentile(0.99);
    periods.push({ perSecond, p99, rss: memory.rssBytes, heap: memory.heapUsedBytes, packs: found.packs, checkpoints });
    const [rss, heap, journal, checkpoint, pack] = [
      memory.rssBytes,
      memory.heapUsedBytes,
      found.journalBytes,
      found.checkpointBytes,
      found.packBytes,
    ];
    rows.push([
      `${n + 1}`,
      perSecond,
      times.percentile(0.5),
      p99,
      times.max,
      rss / MiB,
      heap / MiB,
      journal / MiB,
      checkpoint / MiB,
      `${checkpoints}`,
      `${found.packs}`,
      pack / MiB,
      `${found.archived}`,
      `${methods['task.complete']?.maxMs ?? 0}`,
    ]);
    console.log(`period ${n + 1} of ${count}: ${perSecond.toFixed(0)} commands/s, p99 ${p99.toFixed(1)} ms, ${(rss / MiB).toFixed(0)} MiB`);
  }
  await looking.stop();
  await reconnecting.stop();
  console.log(`capacity ${most.toFixed(0)} commands/s, offered ${rate.toFixed(0)}, ${mix.skipped} left out, ${follower.events} events`);
  const head = [
    'period',
    'cmd/s',
    'p50',
    'p99 ms',
    'max',
    'RSS MiB',
    'heap',
    'journals',
    'db.json',
    'checkpoints',
    'packs',
    'pack MiB',
    'archive',
    'complete max',
  ];
  console.log(table(head, rows));

  // The last commands are cut off by the kill: some of them acknowledged, some not.
  for (let n = 0; n < 200; n++) pending.add(mix.step());
  await Promise.race(pending);
  served.child.kill('SIGKILL');
  await served.exit;
  await Promise.all(pending);
  served = await serve(command, directory, env);
  for (const one of [follower, comer]) await one.follow(served);
  const check = await Wire.connect(served, { worker: 'check' });
  const lost = await mix.ledger.faults(check, Math.ceil(mix.ledger.size / 5_000));
  for (const one of [follower, comer]) await one.caughtUp(10_000);
  served.child.kill('SIGTERM');
  expect(await served.exit).toEqual({ code: 0, signal: null });
  return { periods, refusals: mix.refusals, streamFaults: [...follower.faults, ...comer.faults], lost };
}
