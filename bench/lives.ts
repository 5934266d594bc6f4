import { LeanClient, run } from './load.ts';
import { median, table } from './report.ts';
import { interleaved, tellRatio } from './rounds.ts';
import type { Samples } from './rounds.ts';
import { startBare, startOnMemory, startTroupe } from './service.ts';
import type { Measured } from './service.ts';

/** Whole lives over the WebSocket, in fresh processes, interleaved. */

const shape = { connections: 32, inFlight: 8, workBytes: 2_048 };
const rounds = 5;
/** A service runs for days: what is measured is its pace once the engine has compiled what is hot. */
const warmUpLives = 12_000;
const lives = 8_000;

export interface Sample {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p99Ms: number;
}

async function measured(server: Measured, work: () => Promise<{ commands: number; seconds: number; p99Ms: number }>): Promise<Sample> {
  const before = await server.cpuMs();
  const { commands, seconds, p99Ms } = await work();
  return { perSecond: commands / seconds, cpuMicros: (((await server.cpuMs()) - before) * 1000) / commands, p99Ms };
}

export async function livesOn(start: () => Promise<Measured>, warmUp = warmUpLives, count = lives): Promise<Sample> {
  const server = await start();
  try {
    await run({ ...server, ...shape, lives: warmUp });
    return await measured(server, () => run({ ...server, ...shape, lives: count }));
  } finally {
    await server.stop();
  }
}

export function tell<K extends string>(samples: Samples<K, Sample>, names: readonly [K, K], goal: string): void {
  const of = (name: K, figure: keyof Sample) => samples[name].map((one) => one[figure]);
  table(
    ['lives', 'commands/s', 'server CPU µs/command', 'p99 ms'],
    names.map((name) => [name, ...(['perSecond', 'cpuMicros', 'p99Ms'] as const).map((figure) => median(of(name, figure)).toFixed(1))]),
  );
  tellRatio('ratio of commands/s', of(names[0], 'perSecond'), of(names[1], 'perSecond'), goal);
  tellRatio('ratio of server CPU per command', of(names[0], 'cpuMicros'), of(names[1], 'cpuMicros'), 'none');
}

/** Against a server that stores nothing. */
export async function livesAgainstBare(): Promise<void> {
  const names = ['troupe', 'bare'] as const;
  const starts = { troupe: startTroupe, bare: startBare };
  tell(await interleaved(names, rounds, (name) => livesOn(starts[name])), names, '≥ 0.5');
}

/** Against the same service over the memory store. */
export async function livesAgainstMemory(): Promise<void> {
  const names = ['lowdb', 'memory'] as const;
  const starts = { lowdb: startTroupe, memory: startOnMemory };
  tell(await interleaved(names, rounds, (name) => livesOn(starts[name])), names, '≥ 0.7');
}

/** A tree has at most 1,000 tasks, so that many lives below one parent are lives below several, one after the other. */
const livesPerParent = 900;
const parents = 5;

/** All lives below one parent, against lives that have nothing to do with each other, on one service. */
export async function livesUnderOneParent(): Promise<void> {
  const server = await startTroupe();
  try {
    const client = await LeanClient.connect(server.url, server.token, 'planner');
    let made = 0;
    const together = async () => {
      const { task } = await client.request('task.create', { commandId: `parent-${made++}`, title: 'All of it' });
      return run({ ...server, ...shape, lives: livesPerParent, parentId: task.id });
    };
    const apart = () => run({ ...server, ...shape, lives: livesPerParent });
    const several = async (work: () => ReturnType<typeof run>) => {
      const total = { commands: 0, seconds: 0, p99Ms: 0 };
      for (let count = 0; count < parents; count++) {
        const { commands, seconds, p99Ms } = await work();
        total.commands += commands;
        total.seconds += seconds;
        total.p99Ms = Math.max(total.p99Ms, p99Ms);
      }
      return total;
    };
    await several(apart);
    await several(together);
    const names = ['together', 'apart'] as const;
    const works = { together, apart };
    tell(await interleaved(names, rounds, (name) => measured(server, () => several(works[name]))), names, '≥ 0.5');
    client.close();
  } finally {
    await server.stop();
  }
}
