import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { openLowdbStore } from '../../src/persistence/lowdb/store.ts';
import type { LowdbOptions } from '../../src/persistence/lowdb/store.ts';
import { systemCode } from '../../src/persistence/lowdb/system-error.ts';
import { noon } from './records.ts';

/** A new folder, removed with all that is in it when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Stands at noon until it is set. */
export function setClock(now = noon): Clock & { set(now: number): void } {
  return {
    now: () => now,
    set(next) {
      now = next;
    },
  };
}

export type OpenStore = Awaited<ReturnType<typeof openLowdbStore>>;

/** Opens a store that is closed when the test ends, if it isn't before. */
export async function openStore(directory: string, options: Partial<LowdbOptions> = {}): Promise<OpenStore> {
  const store = await openLowdbStore({ directory, clock: setClock(), ...options });
  onTestFinished(() => store.close());
  return store;
}

/**
 * A copy of a data directory as it is now: what a process that is killed now would leave. It is made without giving way, so that
 * at most what the operating system was already told to do happens meanwhile; and the journals come first, since whatever
 * a line counts on was there before the line.
 */
export async function copyOf(directory: string): Promise<string> {
  const copy = await temporaryDirectory();
  const entries = () => readdirSync(directory, { recursive: true, withFileTypes: true });
  const take = ({ name, parentPath }: Dirent) => {
    const place = join(copy, relative(directory, parentPath));
    mkdirSync(place, { recursive: true });
    try {
      copyFileSync(join(parentPath, name), join(place, name));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  };
  const isJournal = ({ name }: Dirent) => name.startsWith('journal.');
  for (const entry of entries()) if (entry.isFile() && isJournal(entry)) take(entry);
  for (const entry of entries()) if (entry.isFile() && !isJournal(entry)) take(entry);
  return copy;
}

/** A place where work stops until it is let through. */
export interface Gate {
  /** Resolves when something waits at the gate. */
  readonly reached: Promise<void>;
  pass(): Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let arrive = () => {};
  let open = () => {};
  const reached = new Promise<void>((resolve) => void (arrive = resolve));
  const opened = new Promise<void>((resolve) => void (open = resolve));
  return {
    reached,
    pass() {
      arrive();
      return opened;
    },
    open,
  };
}

/** Hash of each file below a directory by its relative path. */
export async function filesOf(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[relative(directory, path)] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  }
  return found;
}
