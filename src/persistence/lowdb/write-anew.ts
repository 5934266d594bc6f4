import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactsOf } from '../resident/row.ts';
import type { Entry } from '../resident/row.ts';
import { noCheck } from '../resident/position.ts';
import type { Archive } from './archive.ts';
import { createSynced, syncDirectory } from './durable-file.ts';
import { Journal } from './journal.ts';
import { completeLayout, journalPattern } from './layout.ts';
import type { Layout } from './layout.ts';
import { Packs } from './packs.ts';
import { writeSnapshot } from './snapshot-file.ts';
import { entryText } from './stored-entry.ts';

/** A state that a store begins with. */
export interface Beginning {
  readonly entries: readonly Entry[];
  /** Lines of records that can't be taken in; they stay as they were found. */
  readonly setAside: readonly string[];
  readonly archive: Archive;
  /** Contents that no file holds. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Contents of deleted tasks; what nothing else needs is erased. */
  readonly erasable: ReadonlySet<string>;
}

/**
 * Makes the state the beginning of a new log in a directory that nobody else uses: what its checkpoint and its journals said before
 * is gone. The new epoch tells every client that knows a position of the old log to list again.
 */
export async function writeAnew(layout: Layout, { entries, setAside, archive, contents, erasable }: Beginning): Promise<void> {
  await completeLayout(layout);
  const needed = new Set(artifactsOf(entries).map(({ sha256 }) => sha256));
  const isNeeded = (sha256: string): boolean =>
    needed.has(sha256) || archive.isArtifactReferenced(sha256) || setAside.some((text) => text.includes(sha256));
  const dead = new Set([...erasable].filter((sha256) => !isNeeded(sha256)));
  const packs = await Packs.open(layout, () => {});
  await packs.write(
    [...contents].filter(([sha256]) => isNeeded(sha256)),
    dead,
  );
  for (const sha256 of dead) await rm(layout.artifact(sha256), { force: true });
  const start = { epoch: randomBytes(6).toString('hex'), seq: 0 };
  const temporary = layout.temporary('db.json');
  const handle = await createSynced(temporary, async (file) => {
    await writeSnapshot(file, {
      head: { ...start, check: noCheck, journal: 1 },
      actors: [...entries.map(entryText), ...setAside].map((line) => ({ id: null, place: null, text: () => line })),
      archived: archive.trees.map((tree) => JSON.stringify(tree)),
    });
  });
  await handle.close();
  for (const name of await readdir(layout.directory)) if (journalPattern.test(name)) await rm(join(layout.directory, name));
  await rename(temporary, layout.checkpoint);
  const prepared = await Journal.prepare(layout, { n: 1, ...start, previous: noCheck });
  await (await prepared.publish()).close();
  await syncDirectory(layout.directory);
}
