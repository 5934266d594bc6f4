import { fstatSync, mkdirSync, mkdtempSync, readSync, writeFileSync } from 'node:fs';
import type * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';

/**
 * What a power cut would leave, by what was synced: content counts when its file was synced, names when their directory was.
 * It takes the place of `node:fs/promises`, and so imports nothing that does.
 */

/** What else may have reached the disk: nothing, all names and removals but no content, or removals alone. */
export const cuts = ['nothing', 'names', 'removals'] as const;
export type Cut = (typeof cuts)[number];

interface File {
  /** As it was when it was synced last; null for never. */
  durable: Buffer | null;
}

const live = new Map<string, File>();
/** The files of each directory as it was synced last. */
const synced = new Map<string, ReadonlyMap<string, File>>();
let syncs = 0;

const filesIn = (directory: string): Map<string, File> => new Map([...live].filter(([path]) => dirname(path) === directory));

function contentOf(fd: number): Buffer {
  const content = Buffer.alloc(fstatSync(fd).size);
  for (let done = 0; done < content.length;) {
    const read = readSync(fd, content, done, content.length - done, done);
    if (read === 0) break;
    done += read;
  }
  return content;
}

/** The functions of `node:fs/promises`, which keep a record of what is durable. */
export function simulatedDisk(actual: typeof promises): typeof promises {
  const open: typeof promises.open = async (path, flags, mode) => {
    const handle = await actual.open(path, flags, mode);
    const name = String(path);
    const isDirectory = (await handle.stat()).isDirectory();
    const file = live.get(name) ?? { durable: null };
    // A file that is begun anew has nothing that counts, and is another one.
    if (!isDirectory && flags !== 'r') live.set(name, flags === 'r+' ? file : { durable: null });
    const mine = live.get(name);
    const traced = (sync: () => Promise<void>) => async () => {
      const names = isDirectory ? filesIn(name) : null;
      const content = isDirectory ? null : contentOf(handle.fd);
      await sync.call(handle);
      syncs += 1;
      if (names !== null) synced.set(name, names);
      else if (mine !== undefined) mine.durable = content;
    };
    return Object.assign(handle, { sync: traced(handle.sync), datasync: traced(handle.datasync) });
  };
  const rename: typeof promises.rename = async (from, to) => {
    await actual.rename(from, to);
    const file = live.get(String(from));
    live.delete(String(from));
    if (file !== undefined) live.set(String(to), file);
  };
  const rm: typeof promises.rm = async (path, options) => {
    await actual.rm(path, options);
    live.delete(String(path));
  };
  return { ...actual, open, rename, rm };
}

/** How often something was synced so far. */
export const syncCount = (): number => syncs;

function* remaining(cut: Cut): Iterable<readonly [path: string, file: File]> {
  if (cut === 'names') return yield* live;
  for (const files of synced.values()) for (const [path, file] of files) if (cut === 'nothing' || live.has(path)) yield [path, file];
}

/** A copy of a directory as it is after a power cut now, for the caller to remove. */
export function powerCut(directory: string, cut: Cut): string {
  const copy = mkdtempSync(join(tmpdir(), 'troupe-cut-'));
  for (const [path, { durable }] of remaining(cut)) {
    const name = relative(directory, path);
    if (name.startsWith('..')) continue;
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    writeFileSync(join(copy, name), durable ?? '');
  }
  return copy;
}

/** A process was killed and its directory copied: what was durable in the one counts in the other. */
export function takeOver(directory: string, copy: string): void {
  const moved = (path: string) => join(copy, relative(directory, path));
  const known = new Map<File, File>();
  const twin = (file: File): File => {
    const other = known.get(file) ?? { durable: file.durable };
    known.set(file, other);
    return other;
  };
  const isOf = (path: string) => !relative(directory, path).startsWith('..') && basename(path) !== 'lock';
  for (const [path, file] of live) if (isOf(path)) live.set(moved(path), twin(file));
  for (const [folder, files] of synced)
    if (isOf(folder)) synced.set(moved(folder), new Map([...files].map(([path, file]) => [moved(path), twin(file)])));
}
