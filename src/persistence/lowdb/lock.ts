import { closeSync, openSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { formatTime } from '../../clock.ts';
import type { Clock } from '../../clock.ts';
import { makeDirectory } from './durable-file.ts';
import { createLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { messageOf } from './system-error.ts';

export interface Owner {
  readonly pid: number;
  /** Where the owner can be reached; null when it does not listen. */
  readonly address: string | null;
  /** RFC 3339 in UTC. */
  readonly startedAt: string;
}

/** Another process owns the data directory. Nothing in it was changed. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
  /** Null when the owner has not written it yet. */
  readonly pid: number | null;
  readonly address: string | null;

  constructor(directory: string, owner: Owner | null) {
    const who = owner === null ? 'another process' : `process ${owner.pid}`;
    super(`${directory} belongs to ${who}, which listens on ${owner?.address ?? 'no address'}: use that service, or stop it first`);
    this.pid = owner?.pid ?? null;
    this.address = owner?.address ?? null;
  }
}

/** Ownership of a data directory, held by the operating system until it is released or the process dies. */
export interface Lock {
  describe(owner: Owner): Promise<void>;
  release(): Promise<void>;
}

const ownerSchema = z.object({ pid: z.int(), address: z.string().nullable(), startedAt: z.string() });

/** Takes the lock, or fails with LockedError. */
async function lockDirectory(layout: Layout): Promise<Lock> {
  const tryLock = await loadTryLock();
  const descriptor = openSync(layout.lock, 'a+');
  try {
    if (!tryLock(descriptor)) throw new LockedError(layout.directory, await readOwner(layout));
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return {
    async describe(owner) {
      const temporary = layout.temporary('owner');
      await writeFile(temporary, `${JSON.stringify(owner)}\n`);
      await rename(temporary, layout.owner);
    },
    async release() {
      await rm(layout.owner, { force: true });
      closeSync(descriptor);
    },
  };
}

/** Makes the directory when it is not there, takes it, and says for whom. */
export async function ownDirectory(
  directory: string,
  { clock, address }: { readonly clock: Clock; readonly address: string | null },
): Promise<Lock> {
  const layout = createLayout(resolve(directory));
  await makeDirectory(layout.directory);
  const lock = await lockDirectory(layout);
  try {
    await lock.describe({ pid: process.pid, address, startedAt: formatTime(clock.now()) });
  } catch (error) {
    await lock.release();
    throw error;
  }
  return lock;
}

async function loadTryLock(): Promise<(descriptor: number) => boolean> {
  try {
    const { tryLock } = await import('fs-native-extensions');
    return tryLock;
  } catch (error) {
    throw new Error(
      `no file lock on ${process.platform} ${process.arch}: the native module fs-native-extensions can't be loaded. ` +
        `There is no build of it for musl (Alpine): use a system with glibc (${messageOf(error)})`,
      { cause: error },
    );
  }
}

/** Trusted only because the lock is held: a file that a dead process left is overwritten by whoever locks next. */
async function readOwner(layout: Layout): Promise<Owner | null> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(layout.owner, 'utf8')));
  } catch {
    return null;
  }
}
