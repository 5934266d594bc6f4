import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './system-error.ts';

/** Writes all of it: a short write is no error. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Makes a directory's entries durable: new names, renames and removals. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows can't sync a directory.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a directory and what is missing above it; each is durable when the one above knows its name. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return;
    // `recursive` is of no use here: on a read-only file system it says ENOENT.
    if (code !== 'ENOENT') throw error;
    await makeDirectory(dirname(directory));
    await mkdir(directory);
  }
  await syncDirectory(dirname(directory));
}

/** Fills a new file and syncs it; nothing is left of it when that fails. Returns it open. */
export async function createSynced(path: string, fill: (handle: FileHandle) => Promise<void>): Promise<FileHandle> {
  const handle = await open(path, 'w+');
  try {
    await fill(handle);
    await handle.sync();
    return handle;
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
}

/** A file that appears whole or not at all, and is durable once its directory is synced. */
export async function replaceFile(path: string, temporary: string, bytes: Uint8Array): Promise<void> {
  const handle = await createSynced(temporary, (file) => writeAll(file, bytes, 0));
  await handle.close();
  await rename(temporary, path);
}

/** Bytes from `offset`, at most `length`; null when there is no such file. */
export async function readRange(path: string, offset: number, length: number): Promise<Uint8Array | null> {
  const handle = await openIfThere(path);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    return await readRangeOf(handle, offset, Math.max(0, Math.min(length, size - offset)));
  } finally {
    await handle.close();
  }
}

/** As many bytes as there are, up to `length`. */
export async function readRangeOf(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

/** Opens a file to read; null when there is none. */
export async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
