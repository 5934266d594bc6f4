import { execFile } from 'node:child_process';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './data-directory.ts';

const run = promisify(execFile);
const timeout = 30_000;

/** A file system of a test's own; it goes with the test. */
export interface Mounted {
  readonly directory: string;
  /** Mounts it again with other options, for example `ro`. */
  remount(options: string): Promise<void>;
  /** Before the test ends. */
  unmount(): Promise<void>;
}

async function mount(...args: readonly string[]): Promise<Mounted> {
  const directory = await temporaryDirectory();
  await run('mount', [...args, directory], { timeout });
  let mounted = true;
  const unmount = async () => {
    if (!mounted) return;
    mounted = false;
    await run('umount', [directory], { timeout });
  };
  onTestFinished(unmount);
  return {
    directory,
    remount: async (options) => void (await run('mount', ['-o', `remount,${options}`, directory], { timeout })),
    unmount,
  };
}

/** A file system in memory of that size. Rejects without the right to mount. */
export const mountMemory = (size: string): Promise<Mounted> => mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs');

/**
 * An ext4 file system in a file, which holds only what was synced: nothing is written out by the passing of time, as it would be
 * after 5 s. Rejects without the right to mount, or without loop devices.
 */
export const mountImage = (image: string): Promise<Mounted> => mount('-o', 'loop,commit=900', image);

export async function createImage(bytes: number): Promise<string> {
  const image = join(await temporaryDirectory(), 'image');
  await writeFile(image, '');
  await truncate(image, bytes);
  await run('mkfs.ext4', ['-q', '-F', image]);
  return image;
}

/** Copies an image as it is now: what a power cut would leave. */
export async function copyImage(image: string): Promise<string> {
  const folder = await temporaryDirectory();
  const copy = join(folder, 'image');
  await run('cp', ['--sparse=always', image, copy], { timeout });
  return copy;
}
