import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Low } from 'lowdb';
import type { ActorId, TaskId } from '../../ids.ts';
import type { Log } from '../resident/log.ts';
import type { Entry, TaskEntry } from '../resident/row.ts';
import type { Tables } from '../resident/tables.ts';
import type { JournalAdapter } from './adapter.ts';
import type { Archive, ArchivedTree } from './archive.ts';
import type { Artifacts } from './artifacts.ts';
import { createSynced, openIfThere, syncDirectory } from './durable-file.ts';
import type { FailPoint } from './fail-point.ts';
import { journalPattern } from './layout.ts';
import type { Layout } from './layout.ts';
import type { Head } from '../resident/position.ts';
import type { Quarantine } from './quarantine.ts';
import type { Revisions } from './revisions.ts';
import { writeSnapshot } from './snapshot-file.ts';
import type { ActorLine, WrittenSnapshot } from './snapshot-file.ts';
import { entryText, isTaskEntry } from './stored-entry.ts';
import type { StoredLines } from './stored-lines.ts';
import type { Uploads } from './uploads.ts';

/** Everything that a checkpoint is made of. */
export interface CheckpointParts {
  readonly layout: Layout;
  readonly db: Low<Tables>;
  readonly adapter: JournalAdapter;
  readonly log: Log;
  readonly archive: Archive;
  readonly artifacts: Artifacts;
  readonly uploads: Uploads;
  readonly quarantine: Quarantine;
  readonly revisions: Revisions;
  readonly storedLines: StoredLines;
  readonly failPoint: FailPoint | undefined;
}

/** The state between two batches. Entries are immutable, so a shallow copy stays what it is while commands go on. */
interface Moment {
  readonly head: Head;
  readonly journal: number;
  readonly entries: readonly Entry[];
  readonly trees: readonly ArchivedTree[];
  readonly setAside: readonly string[];
}

interface Tree {
  readonly index: ArchivedTree;
  readonly entries: readonly TaskEntry[];
}

const sliceMs = 3;

/**
 * Writes one checkpoint and resolves with its size in bytes when it is durable. The order is what makes it safe at every
 * step: a new journal, what the checkpoint will count on, the checkpoint, and only then the removal of what it replaces.
 */
export async function writeCheckpoint(parts: CheckpointParts): Promise<number> {
  const { layout, db, adapter, artifacts, archive, uploads, quarantine, storedLines, failPoint } = parts;
  const moment = await adapter.rotate((isNew) => capture(parts, isNew));
  const isNeeded = (sha256: string) =>
    db.data.isArtifactReferenced(sha256) || archive.isArtifactReferenced(sha256) || uploads.holds(sha256) || quarantine.mentions(sha256);

  const expired = uploads.expire();
  await artifacts.materialise(isNeeded);
  await uploads.removeNotes(expired);
  await failPoint?.('artifacts-synced');

  const trees = await archiveTrees(archive, moment.entries);
  if (trees.length > 0) await syncDirectory(layout.archive);
  await failPoint?.('archive-written');

  const { bytes, places } = await replaceCheckpoint(parts, moment, trees);
  storedLines.replace(places);
  adapter.resume();
  await inSlices(trees, (tree) => leaveMemory(tree, parts));

  await removeJournals(layout, moment.journal - 1);
  await failPoint?.('removed');
  // The journal failed while this checkpoint was written: only another one can follow on it.
  if (adapter.failure !== null) throw adapter.failure;
  return bytes;
}

function capture({ db, adapter, log, archive, quarantine, storedLines }: CheckpointParts, isNew: boolean): Moment {
  if (isNew) log.seal();
  storedLines.begin();
  return {
    head: adapter.head,
    journal: adapter.journal.n,
    entries: [...db.data.entries()],
    trees: archive.trees,
    setAside: [...quarantine.lines],
  };
}

/** Does a bit of work for each item, and lets everyone else have a turn every few milliseconds. */
async function inSlices<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  let since = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - since < sliceMs) continue;
    await nextTurn();
    since = performance.now();
  }
}

/** Writes every tree of which all is archived to a file of its own. */
async function archiveTrees(archive: Archive, entries: readonly Entry[]): Promise<readonly Tree[]> {
  const groups = new Map<TaskId, TaskEntry[] | null>();
  await inSlices(entries, (entry) => {
    if (!isTaskEntry(entry)) return;
    const { rootId, snapshot } = entry.record;
    const group = groups.get(rootId);
    if (snapshot.value !== 'archived') groups.set(rootId, null);
    else if (group === undefined) groups.set(rootId, [entry]);
    else group?.push(entry);
  });
  const trees: Tree[] = [];
  for (const [root, group] of groups) {
    // A root that was set aside keeps its tree where it is.
    if (group === null || !group.some(({ record }) => record.id === root)) continue;
    trees.push({ index: await archive.write(root, group), entries: group });
  }
  return trees;
}

async function replaceCheckpoint(
  { layout, storedLines, failPoint }: CheckpointParts,
  moment: Moment,
  trees: readonly Tree[],
): Promise<WrittenSnapshot> {
  const archived = new Set(trees.flatMap(({ index }) => index.records.map(([id]) => id)));
  const temporary = layout.temporary('db.json');
  const lines = {
    head: { ...moment.head, journal: moment.journal },
    actors: actorLines(moment, archived, storedLines),
    archived: treeLines([...moment.trees, ...trees.map(({ index }) => index)]),
  };
  const older = await openIfThere(layout.checkpoint);
  let written: WrittenSnapshot = { bytes: 0, places: new Map() };
  try {
    const handle = await createSynced(temporary, async (file) => {
      written = await writeSnapshot(file, lines, older);
      await failPoint?.('checkpoint-written');
    });
    await handle.close();
  } finally {
    await older?.close();
  }
  await failPoint?.('checkpoint-synced');
  // If something fails from here on, nobody knows which file is there.
  storedLines.replace(new Map());
  await rename(temporary, layout.checkpoint);
  await failPoint?.('renamed');
  await syncDirectory(layout.directory);
  await failPoint?.('directory-synced');
  return written;
}

function* actorLines({ entries, setAside }: Moment, archived: ReadonlySet<ActorId>, storedLines: StoredLines): Iterable<ActorLine> {
  for (const entry of entries) {
    const { id } = entry.record;
    if (!archived.has(id)) yield { id, place: storedLines.placeOf(id), text: () => entryText(entry) };
  }
  for (const line of setAside) yield { id: null, place: null, text: () => line };
}

function* treeLines(trees: readonly ArchivedTree[]): Generator<string, void, undefined> {
  for (const tree of trees) yield JSON.stringify(tree);
}

/** A tree that was written to meanwhile, or is about to be, stays: the journal holds what the file lacks. */
function leaveMemory({ index, entries }: Tree, { db, archive, revisions }: CheckpointParts): void {
  const isUnchanged = entries.every((entry) => db.data.get(entry.record.id) === entry && !revisions.isStaged(entry.record.id));
  if (!isUnchanged) return;
  archive.add(index);
  db.data.remove(index.records.map(([id]) => id));
}

/** The sealed journal stays: the event window is rebuilt from it. */
async function removeJournals(layout: Layout, sealed: number): Promise<void> {
  for (const name of await readdir(layout.directory)) {
    const n = journalPattern.exec(name)?.[1];
    if (n !== undefined && Number(n) < sealed) await rm(join(layout.directory, name), { force: true });
  }
}
