import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Files that only their owner may read (mode 0600), replaced as a whole: a reader sees the old content or the new one. */

const attempts = 100;
const pauseMs = 20;
/** A writer takes milliseconds; what is left after this long was left by a process that died. */
const abandonedMs = 10_000;

/** Replaces the file with the text. */
export function replaceFile(path: string, text: string): void {
  withFile(path, () => text);
}

/** Replaces the file with what `make` answers. One writer at a time: `make` reads what the writer before it left. */
export function withFile(path: string, make: () => string): void {
  const temporary = `${path}.tmp`;
  // Only one process can create the temporary file, so the file is the lock.
  const descriptor = createExclusive(temporary);
  try {
    try {
      const bytes = Buffer.from(make());
      for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Makes the new name survive a power cut; Windows has no such call. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function createExclusive(path: string): number {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return openSync(path, 'wx', 0o600);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat === undefined) continue;
      if (Date.now() - stat.mtimeMs > abandonedMs) rmSync(path, { force: true });
      else if (attempt === attempts) throw new Error(`${path} is being written by another process`, { cause: error });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}
