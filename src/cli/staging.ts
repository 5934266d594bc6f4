import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CommandFailure } from './command-failure.ts';
import { exits } from './exit-codes.ts';
import { makeDirectory } from './make-directory.ts';

/** A directory that appears whole or not at all, where there was none or an empty one. */
export async function staged<T>(target: string, fill: (directory: string) => Promise<T>): Promise<T> {
  const path = resolve(target);
  const there = await readdir(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR')
      throw new CommandFailure(exits.usage, `${path} is no directory: name one that is not there yet`);
    throw error;
  });
  if (there !== null && there.length > 0)
    throw new CommandFailure(exits.conflict, `${path} is not empty: name a directory that is not there yet`);
  makeDirectory(dirname(path));
  const directory = await mkdtemp(join(dirname(path), `.${basename(path)}-`));
  try {
    const filled = await fill(directory);
    // Takes the place of an empty directory, and of nothing else.
    await rename(directory, path);
    return filled;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
