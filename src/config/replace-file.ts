import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The name begins with a dot, so that whoever lists the folder passes over it. */
const temporaryOf = (path: string): string => join(dirname(path), `.${basename(path)}.tmp`);

/** Replaces a file as a whole: whatever happens meanwhile, it is the old one or the new one, and the new one when this resolves. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = temporaryOf(path);
  try {
    const handle = await open(temporary, 'w+', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes names and removals survive a power cut. */
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
