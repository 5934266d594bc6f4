import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCommand } from '../support/command.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { faultsOf } from './service-faults.ts';
import type { Life } from './service-life.ts';
import { carryOn, drive, serve, spawnService } from './service-run.ts';

/** The built service, driven over the WebSocket by several clients, killed with commands in flight, started again without help. */

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

/** How often each step is passed at most before the service is killed there; at random, after how many acknowledgements. */
const places = {
  written: 60,
  synced: 60,
  rotated: 2,
  'artifacts-synced': 2,
  'archive-written': 2,
  'checkpoint-written': 2,
  'checkpoint-synced': 2,
  renamed: 2,
  'directory-synced': 2,
  removed: 2,
  random: 200,
  // Again, since no step has a name inside a write or a sync.
  'random again': 400,
} as const;
type Place = keyof typeof places;
const order = Object.keys(places) as Place[];

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
// In a quick run another half of the places each time; `lowdb-kill.test.ts` has all of them.
const kills = Number(process.env['KILLS'] ?? order.length / 2);
const killsPerDirectory = 3;

const done = { kills: 0, starts: 0, idle: 0, commands: 0, faults: 0 };
afterAll(() => {
  const { starts, idle, commands, faults } = done;
  console.log(
    `${done.kills} kills under load, ${starts} while it starts, ${idle} at rest; ${commands} acknowledged commands; ${faults} faults`,
  );
});

/** A moment in the near future, since a kill that follows an acknowledgement at once always falls behind a sync. */
const soon = (random: () => number, then: () => void): void => void setTimeout(then, random() * 15);

interface Run {
  readonly data: string;
  readonly random: () => number;
  readonly lives: Life[];
}

async function killAt(place: Place, prefix: string, { data, random, lives }: Run): Promise<void> {
  const isNamed = !place.startsWith('random');
  // The more there is, the longer a checkpoint is in coming.
  const most = isNamed && places[place] <= 2 && lives.length > 200 ? 1 : places[place];
  const hit = 1 + Math.floor(random() * most);
  const env = { TROUPE_CHECKPOINT_BYTES: '200000', ...(isNamed ? { TROUPE_FAIL_POINT: `${place}:${hit}` } : {}) };
  const service = await serve(command, data, env);
  await drive(service, {
    prefix,
    seed: Math.floor(random() * 1_000_000),
    lives,
    onAcknowledged: (count) => {
      done.commands += 1;
      if (!isNamed && count === hit) soon(random, () => service.child.kill('SIGKILL'));
    },
  });
  expect(await service.exit).toMatchObject({ signal: 'SIGKILL' });
  done.kills += 1;
}

/** What recovery does must bear a kill as well. */
async function killStart({ data, random }: Run): Promise<void> {
  const service = spawnService(command, data);
  setTimeout(() => service.child.kill('SIGKILL'), 100 + random() * 500);
  await service.exit;
  done.starts += 1;
}

/** Starts again, looks, sends everything that was not acknowledged once more, and looks again. */
async function faultsAfter({ data, random, lives }: Run): Promise<readonly string[]> {
  const service = await serve(command, data, { TROUPE_CHECKPOINT_BYTES: '200000' }).catch(String);
  if (typeof service === 'string') {
    done.faults += 1;
    return [`no start: ${service}`];
  }
  const found = await faultsOf(service, lives);
  const carried = await carryOn(service, lives);
  const faults = [...found, ...(await faultsOf(service, lives, carried))];
  // A clean stop writes a checkpoint; without one the next start reads the journal of this one too.
  const isClean = random() < 0.5;
  service.child.kill(isClean ? 'SIGTERM' : 'SIGKILL');
  expect(await service.exit).toEqual(isClean ? { code: 0, signal: null } : { code: null, signal: 'SIGKILL' });
  if (!isClean) done.idle += 1;
  done.faults += faults.length;
  return faults;
}

/** Each place once, and once more, with other neighbours each time. */
const placeOf = (kill: number): Place => order[(seed + kill + Math.floor(kill / order.length)) % order.length] ?? 'random';

const directories = Array.from({ length: Math.ceil(kills / killsPerDirectory) }, (_, directory) => {
  const first = directory * killsPerDirectory;
  const count = Math.min(killsPerDirectory, kills - first);
  const planned = Array.from({ length: count }, (__, kill) => placeOf(first + kill));
  return { directory, planned, steps: planned.join(', ') };
});

describe(`kill -9 with 32 commands in flight, again and again: nothing acknowledged is lost, no unit is torn (SEED=${seed})`, () => {
  test.each(directories)('directory $directory at $steps', { timeout: 180_000 }, async ({ directory, planned }) => {
    const run: Run = { data: await temporaryDirectory(), random: randomFrom(seed + directory), lives: [] };
    for (const [kill, place] of planned.entries()) {
      await killAt(place, `d${directory}k${kill}`, run);
      if (run.random() < 0.3) await killStart(run);
      expect(await faultsAfter(run), `after ${place}`).toEqual([]);
    }
  });
});
