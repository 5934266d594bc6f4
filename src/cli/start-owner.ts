import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, fstatSync, openSync, readSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TroupeError } from '../errors.ts';
import { makeDirectory } from './make-directory.ts';

export interface StartOptions {
  /** After so long without a client the service ends by itself. Default 10m. */
  readonly idleExit?: string | undefined;
  /** The command line's JavaScript file. Default our own. */
  readonly program?: string | undefined;
}

/** How a service that was started ended. */
export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** The last it said, in one line. */
  readonly said: string;
}

export interface Started {
  readonly exit: Promise<Exit>;
}

/** A start that was announced and has not come to an end by then was given up. */
const announcedMs = 3_000;

const mostLogBytes = 1_048_576;
const mostSaid = 2_000;

/**
 * Says that this process starts a service, so that the others wait for it instead of starting one each. Only a hint: the lock decides.
 * Answers how to take it back; null when somebody else has said so.
 */
export function announceStart(data: string): (() => void) | null {
  const path = join(data, 'serve.starting');
  return inDirectory(data, () => {
    makeDirectory(data);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && Math.abs(Date.now() - stat.mtimeMs) > announcedMs) rmSync(path, { force: true });
    try {
      closeSync(openSync(path, 'wx', 0o600));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
      throw error;
    }
    return () => rmSync(path, { force: true });
  });
}

/**
 * Starts a service that outlives this process. What it says goes to `serve.log` in the data directory; a log of more than 1 MiB is
 * put aside before a start, and the one put aside before it is dropped.
 */
export function startOwner(data: string, { idleExit = '10m', program = ownProgram() }: StartOptions): Started {
  const log = openLog(data);
  const from = fstatSync(log).size;
  const args = ['--max-semi-space-size=32', program, 'serve', '--port', '0', '--idle-exit', idleExit, '--data', data, '--json'];
  const child = spawn(process.execPath, args, {
    cwd: data,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', log],
    // Nobody reads along: what matters only.
    env: { TROUPE_LOG: 'warn', ...process.env },
  });
  const exit = new Promise<Exit>((resolve) => {
    child.on('error', (error) => resolve({ code: 1, said: error.message }));
    child.on('exit', (code) => resolve({ code, said: lastSaid(join(data, 'serve.log'), from) ?? `exit code ${code}` }));
  });
  // Neither waited for nor taken along when this process ends.
  child.unref();
  closeSync(log);
  return { exit };
}

const ownProgram = (): string => fileURLToPath(new URL('main.js', import.meta.url));

function openLog(data: string): number {
  const path = join(data, 'serve.log');
  return inDirectory(data, () => {
    const log = openSync(path, 'a+', 0o600);
    if (fstatSync(log).size > mostLogBytes) {
      // A service that still ends may have it open, so it stays the same file.
      copyFileSync(path, `${path}.old`);
      truncateSync(path);
    }
    return log;
  });
}

function inDirectory<T>(data: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new TroupeError('START_FAILED', `the data directory ${data} can't be used: ${error instanceof Error ? error.message : ''}`, {
      fix: 'make the directory writable, or choose another with --data',
    });
  }
}

/** What was said for people since the start, else the last line of all. Null when the log is gone. */
function lastSaid(path: string, from: number): string | null {
  let log: number | null = null;
  try {
    log = openSync(path, 'r');
    const { size } = fstatSync(log);
    const start = Math.max(from <= size ? from : 0, size - mostSaid);
    const bytes = Buffer.alloc(size - start);
    readSync(log, bytes, 0, bytes.length, start);
    const lines = bytes
      .toString()
      .split('\n')
      .filter((line) => line.trim() !== '');
    return lines.findLast((line) => line.startsWith('troupe: '))?.slice('troupe: '.length) ?? lines.at(-1) ?? null;
  } catch {
    return null;
  } finally {
    if (log !== null) closeSync(log);
  }
}
