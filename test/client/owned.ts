import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { openLink as OpenLink, OpenedLink, OpenLinkOptions } from '../../src/cli/open-link.ts';

/** A data directory that links of real processes own: whatever serves it ends with the test. */
export interface Owned {
  readonly data: string;
  /** The pid of the owner; null when nobody says that he is it. */
  pid(): Promise<number | null>;
  /** Ends the owner as the system does. Answers whether there was one. */
  kill(): Promise<boolean>;
  /** Resolves when there is no process of that number any more. */
  gone(pid: number): Promise<void>;
}

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

export async function ownedDirectory(): Promise<Owned> {
  const parent = await mkdtemp(join(tmpdir(), 'troupe-owned-'));
  const data = join(parent, '.troupe');
  const owned: Owned = {
    data,
    async pid() {
      const text = await readFile(join(data, 'owner.json'), 'utf8').catch(() => null);
      return text === null ? null : (JSON.parse(text) as { pid: number }).pid;
    },
    async kill() {
      const pid = await owned.pid();
      if (pid === null || !isAlive(pid)) return false;
      process.kill(pid, 'SIGKILL');
      return true;
    },
    async gone(pid) {
      await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    },
  };
  onTestFinished(async () => {
    const pid = await owned.pid();
    if (await owned.kill()) await owned.gone(pid!);
    await rm(parent, { recursive: true, force: true });
  });
  return owned;
}

/** `openLink` of the built package, so that it starts the built service. */
export async function builtLink(command: string): Promise<(options: Partial<OpenLinkOptions> & { data: string }) => OpenedLink> {
  const { openLink } = (await import(join(dirname(command), 'open-link.js'))) as { openLink: typeof OpenLink };
  return (options) => {
    // What a failing test leaves ends by itself.
    const opened = openLink({ client: { name: 'test', version: '1' }, idleExit: '20s', ...options });
    onTestFinished(() => opened.link.close());
    return opened;
  };
}
