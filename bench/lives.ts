import { run } from './load.ts';
import { median, table } from './report.ts';
import { startBare, startTroupe } from './service.ts';
import type { Measured } from './service.ts';

/** Whole durable lives over the WebSocket against a server that stores nothing, in fresh processes, interleaved. */

const shape = { connections: 32, inFlight: 8, workBytes: 2_048 };
const rounds = 5;
const warmUpLives = 12_000;
const lives = 8_000;

interface Sample {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p99Ms: number;
}

async function sample(start: () => Promise<Measured>): Promise<Sample> {
  const server = await start();
  try {
    // A service runs for days: what is measured is its pace once the engine has compiled what is hot.
    await run({ ...server, ...shape, lives: warmUpLives });
    const before = await server.cpuMs();
    const { commands, seconds, p99Ms } = await run({ ...server, ...shape, lives });
    const cpuMicros = (((await server.cpuMs()) - before) * 1000) / commands;
    return { perSecond: commands / seconds, cpuMicros, p99Ms };
  } finally {
    await server.stop();
  }
}

export async function lives32(): Promise<void> {
  const subjects = { troupe: () => startTroupe(), bare: startBare };
  const samples: { troupe: Sample[]; bare: Sample[] } = { troupe: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (['bare', 'troupe'] as const) : (['troupe', 'bare'] as const);
    for (const name of order) samples[name].push(await sample(subjects[name]));
  }
  const of = (name: 'troupe' | 'bare', figure: keyof Sample) => median(samples[name].map((one) => one[figure]));
  table(
    ['server', 'commands/s', 'server CPU µs/command', 'p99 ms'],
    (['bare', 'troupe'] as const).map((name) => [
      name,
      of(name, 'perSecond').toFixed(0),
      of(name, 'cpuMicros').toFixed(1),
      of(name, 'p99Ms').toFixed(1),
    ]),
  );
  const ratios = samples.troupe.map((one, index) => one.perSecond / (samples.bare[index]?.perSecond ?? Number.NaN));
  console.log(
    `ratio of commands/s, median of ${rounds} interleaved rounds: ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}); goal ≥ 0.35`,
  );
  console.log(`ratio of CPU per command, bare to troupe: ${(of('bare', 'cpuMicros') / of('troupe', 'cpuMicros')).toFixed(2)}`);
}
