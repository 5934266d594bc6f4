import { constants } from 'node:fs';
import { copyFile, mkdir, open, readdir, truncate } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { syncDirectory } from './durable-file.ts';
import { examine } from './examine.ts';
import type { Examined, Telling } from './examine.ts';
import { createLayout, journalPattern, temporarySuffix } from './layout.ts';
import { systemCode } from './system-error.ts';

/** What belongs to a process, to a moment, or to this machine. */
const left = new Set(['lock', 'owner.json', 'serve.log', 'serve.log.old', 'serve.starting', 'uploads', 'quarantine']);

/**
 * Copies a store, whether a service writes to it or not, into a folder that is there and empty, and reads the copy as a start would.
 * The order makes the copy a moment of the store: the checkpoint first, then the journals that were there then, which go on from it,
 * and after them what their lines count on. A checkpoint that comes between can break it; then the reading says so.
 */
export async function copyStore(from: string, to: string, tell: Telling = () => {}): Promise<Examined> {
  const names = await readdir(from);
  const journals = names.filter((name) => journalPattern.test(name)).toSorted((a, b) => numberOf(a) - numberOf(b));
  const folders = new Set([to]);
  const copy = async (path: string): Promise<void> => {
    const target = join(to, relative(from, path));
    await mkdir(dirname(target), { recursive: true });
    folders.add(dirname(target));
    await copyFile(path, target, constants.COPYFILE_FICLONE);
    const handle = await open(target, 'r+');
    await handle.sync().finally(() => handle.close());
  };
  const first = names.includes('db.json') ? ['db.json', ...journals] : journals;
  for (const name of first) await unlessGone(copy(join(from, name)));
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  for (const [at, entry] of entries.entries()) {
    tell('copying files', at, entries.length);
    const path = join(entry.parentPath, entry.name);
    const [top = ''] = relative(from, path).split(/[/\\]/);
    if (!entry.isFile() || left.has(top) || top === 'db.json' || journalPattern.test(top) || path.endsWith(temporarySuffix)) continue;
    await unlessGone(copy(path));
  }
  for (const folder of folders) await syncDirectory(folder);
  const examined = await examine(to, tell);
  // A line that was on its way is not part of this moment.
  const newest = examined.recovered?.newest;
  if (newest?.end.torn != null) await truncate(createLayout(to).journal(newest.n), newest.end.bytes);
  return examined;
}

const numberOf = (name: string): number => Number(journalPattern.exec(basename(name))?.[1] ?? 0);

/** What a service removed meanwhile is missed by the reading, if it is missed. */
async function unlessGone(copying: Promise<void>): Promise<void> {
  try {
    await copying;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
