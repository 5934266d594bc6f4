import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../crash/service-faults.ts';
import type { Life } from '../crash/service-life.ts';
import { carryOn, drive, serve } from '../crash/service-run.ts';
import { buildCommand } from '../support/command.ts';
import { copyImage, createImage, mountImage } from '../support/mount.ts';
import { randomFrom } from '../support/random.ts';
import { standStill } from '../support/stopped.ts';

/**
 * The power goes: the built service works in an ext4 file system in a file, stands still at some moment, and the file is copied.
 * The copy holds what was written through, and not what only waited in the cache of the file system. It is mounted, which has ext4
 * recover, and a service is started on it.
 */

const mebibyte = 1024 * 1024;
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const cuts = Number(process.env['CUTS'] ?? 20);
const cutsPerImage = 4;
/** Acknowledgements. */
const mostBetweenCuts = 150;

let command = '';
beforeAll(async () => {
  command = await buildCommand();
});

const done = { cuts: 0, acknowledged: 0, faults: 0 };
afterAll(() => console.log(`${done.cuts} power cuts; ${done.acknowledged} commands acknowledged before them; ${done.faults} faults`));

interface Disk {
  readonly file: string;
  readonly data: string;
}

/** A disk of 256 MB, or why there can be none. */
async function createDisk(): Promise<Disk | string> {
  try {
    const file = await createImage(256 * mebibyte);
    return { file, data: join((await mountImage(file)).directory, 'data') };
  } catch (error) {
    return `no ext4 image can be mounted here, which takes root and loop devices: ${String(error)}`;
  }
}

/** What is wrong after the power is back. */
async function faultsIn(copy: string, lives: readonly Life[]): Promise<readonly string[]> {
  const disk = await mountImage(copy);
  const service = await serve(command, join(disk.directory, 'data')).catch(String);
  if (typeof service === 'string') return [`no start: ${service}`];
  const faults = [...(await faultsOf(service, lives))];
  // Of a service that lost something not even that can be asked.
  if (faults.length === 0) {
    const carried = await carryOn(service, lives);
    faults.push(...(await faultsOf(service, lives, carried)));
  }
  service.child.kill('SIGTERM');
  expect(await service.exit).toEqual({ code: 0, signal: null });
  await disk.unmount();
  return faults;
}

interface Work {
  readonly random: () => number;
  readonly cuts: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Cuts the power of one service again and again, each time at another moment of its life. */
async function faultsOfCuts({ file, data }: Disk, { random, env, ...work }: Work): Promise<readonly string[]> {
  const lives: Life[] = [];
  const faults: string[] = [];
  const service = await serve(command, data, env);
  let acknowledged = 0;
  let wanted = 0;
  let arrive = () => {};
  const onAcknowledged = (count: number) => {
    acknowledged = count;
    if (count >= wanted) arrive();
  };
  const driving = drive(service, { prefix: 'p', seed: Math.floor(random() * 1_000_000), lives, onAcknowledged });
  for (let cut = 0; cut < work.cuts; cut++) {
    const reached = new Promise<void>((resolve) => (arrive = resolve));
    wanted = acknowledged + 1 + Math.floor(random() * mostBetweenCuts);
    await Promise.race([reached, driving.then(() => Promise.reject(new Error(`the service ended: ${service.err()}`)))]);
    await pause(random() * 15);
    await standStill(service.child);
    const copy = await copyImage(file);
    // What it said before it stood still has come by now, and it says no more.
    const known = structuredClone(lives);
    done.cuts += 1;
    faults.push(...(await faultsIn(copy, known)).map((fault) => `cut ${cut}: ${fault}`));
    await rm(copy);
    service.child.kill('SIGCONT');
  }
  service.child.kill('SIGKILL');
  await driving;
  await service.exit;
  done.acknowledged += acknowledged;
  return faults;
}

describe(`a power cut takes nothing that was acknowledged, and tears no unit (SEED=${seed})`, () => {
  const images = Array.from({ length: Math.ceil(cuts / cutsPerImage) }, (_, n) => Math.min(cutsPerImage, cuts - n * cutsPerImage));
  test.for(images.map((count, n) => ({ n, count })))('image $n, cut $count times', async ({ n, count }, { skip }) => {
    const disk = await createDisk();
    if (typeof disk === 'string') return skip(disk);
    const faults = await faultsOfCuts(disk, { random: randomFrom(seed + n), cuts: count, env: { TROUPE_CHECKPOINT_BYTES: '200000' } });
    done.faults += faults.length;
    expect(faults).toEqual([]);
  });

  test('which a service that does not wait for the disk would not survive', async ({ skip }) => {
    const disk = await createDisk();
    if (typeof disk === 'string') return skip(disk);
    const unsynced = `
      import { open } from 'node:fs/promises';
      const handle = await open('/dev/null');
      Object.getPrototypeOf(handle).datasync = async () => {};
      await handle.close();`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(unsynced)}` };
    expect(await faultsOfCuts(disk, { random: randomFrom(seed), cuts: 1, env })).not.toEqual([]);
  });
});
