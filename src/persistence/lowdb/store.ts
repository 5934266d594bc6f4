import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { Low } from 'lowdb';
import type { Clock } from '../../clock.ts';
import { TroupeError } from '../../errors.ts';
import { defaults } from '../../protocol/defaults.ts';
import { createLog } from '../resident/log.ts';
import { createTables } from '../resident/tables.ts';
import type { Tables } from '../resident/tables.ts';
import { JournalAdapter } from './adapter.ts';
import { Archive } from './archive.ts';
import { Artifacts } from './artifacts.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { createCheckpointer } from './checkpointer.ts';
import { syncDirectory } from './durable-file.ts';
import type { FailPoint } from './fail-point.ts';
import { Journal } from './journal.ts';
import { completeLayout, createLayout, temporarySuffix } from './layout.ts';
import type { Layout } from './layout.ts';
import { tornText, toHex } from './line.ts';
import { refuseElsewhere } from './elsewhere.ts';
import { ownDirectory } from './lock.ts';
import type { Lock } from './lock.ts';
import { createMeasures } from './measures.ts';
import { Packs } from './packs.ts';
import { formatPosition, noCheck } from '../resident/position.ts';
import { createProblems } from './problems.ts';
import { createQuarantine } from './quarantine.ts';
import type { Quarantine } from './quarantine.ts';
import { recover } from './recovery.ts';
import type { Recovered } from './recovery.ts';
import { Revisions } from './revisions.ts';
import { createSettlement } from './settle.ts';
import { LowdbStore } from './lowdb-store.ts';
import { entryText } from './stored-entry.ts';
import { StoredLines } from './stored-lines.ts';
import { messageOf, systemCode } from './system-error.ts';
import { Uploads } from './uploads.ts';

export const defaultCheckpointBytes = 32 * 1024 * 1024;

export interface LowdbOptions {
  /** The data directory; made when it is not there. */
  readonly directory: string;
  readonly clock: Clock;
  /** Events that can be replayed at least while it is open; a start finds those since the last checkpoint but one. Default 10,000. */
  readonly windowEvents?: number;
  /** A journal is replaced by a checkpoint when it outgrows this and the last checkpoint. Default 32 MiB. */
  readonly checkpointBytes?: number;
  readonly failPoint?: FailPoint;
  /** Gets each problem as one line for a person, when it is found. */
  readonly onProblem?: (line: string) => void;
  /** What `owner.json` tells other processes. */
  readonly owner?: { readonly address?: string };
}

/**
 * Opens the embedded store of a data directory. LockedError when another process owns it; CorruptStoreError when it can't be
 * read whole; STORE_UNAVAILABLE when it can't be written; START_FAILED when its tasks are in a store elsewhere.
 */
export async function openLowdbStore(options: LowdbOptions): Promise<LowdbStore> {
  const layout = createLayout(resolve(options.directory));
  let lock: Lock | undefined;
  try {
    lock = await ownDirectory(options.directory, { clock: options.clock, address: options.owner?.address ?? null });
    await refuseElsewhere(layout);
    return await openLocked(layout, lock, options);
  } catch (error) {
    await lock?.release();
    // An error of the operating system names the call that failed, and rarely the reason that a person needs.
    if (systemCode(error) !== null) {
      throw new TroupeError('STORE_UNAVAILABLE', `the data directory ${layout.directory} can't be used: ${messageOf(error)}`, {
        fix: 'make the directory writable and see that there is space, or choose another with --data',
      });
    }
    throw error;
  }
}

async function openLocked(layout: Layout, lock: Lock, options: LowdbOptions): Promise<LowdbStore> {
  const { clock, failPoint, windowEvents = defaults.windowEvents, checkpointBytes = defaultCheckpointBytes } = options;
  const problems = createProblems(options.onProblem);
  const measures = createMeasures();
  const archive = new Archive(layout, (line) => problems.raise(line, line));
  const recovered = await recover(layout, archive, windowEvents);
  // From here on everything is verified, and the directory may be changed.
  await completeLayout(layout);
  await removeTemporaries(layout);
  const quarantine = createQuarantine(layout, problems);
  const tables = createTables();
  if (recovered !== null) await takeIn(recovered, tables, quarantine);
  const journal = await openJournal(layout, recovered, quarantine);
  await syncDirectory(layout.directory);

  const artifacts = new Artifacts(layout, await Packs.open(layout, problems.report));
  for (const [sha256, content] of recovered?.contents ?? []) artifacts.add(sha256, content);
  for (const sha256 of recovered?.erasable ?? []) artifacts.mayErase(sha256);
  const uploads = new Uploads(layout, artifacts, clock);
  await uploads.restore((id) => tables.artifact(id) !== null || archive.holdsArtifact(id), problems.report);
  await reportMissingTrees(layout, archive, problems.report);

  const head = recovered?.head ?? { epoch: journal.epoch, seq: 0, check: noCheck };
  const log = createLog({ base: formatPosition(recovered?.base ?? head), windowEvents });
  for (const [index, events] of (recovered?.journals ?? []).entries()) {
    if (index > 0) log.seal();
    log.append(events.entries, formatPosition(events.head));
  }
  const revisions = new Revisions((id) => {
    if (quarantine.holds(id)) return Number.NaN;
    return tables.get(id)?.record.rev ?? archive.revisionOf(id) ?? 0;
  });
  const storedLines = new StoredLines();
  const checkpointer = createCheckpointer({
    write: () => writeCheckpoint(parts),
    checkpointBytes,
    lastBytes: recovered?.checkpointBytes ?? 0,
    problems,
    measures,
  });
  const hooks = createSettlement({ tables, log, artifacts, uploads, revisions, storedLines, checkpointer, problems, measures });
  const adapter = new JournalAdapter({ layout, tables, journal: journal.open, head, hooks, failPoint });
  const db = new Low<Tables>(adapter, tables);
  await db.read();
  const parts = { layout, db, adapter, log, archive, artifacts, uploads, quarantine, revisions, storedLines, failPoint };
  return new LowdbStore({ ...parts, checkpointer, problems, measures, lock, clock });
}

async function removeTemporaries(layout: Layout): Promise<void> {
  for (const name of await readdir(layout.directory)) {
    if (name.endsWith(temporarySuffix)) await rm(join(layout.directory, name), { force: true });
  }
}

async function takeIn({ entries, setAside }: Recovered, tables: Tables, quarantine: Quarantine): Promise<void> {
  for (const record of setAside) await quarantine.leaveOut(record);
  for (const entry of entries) {
    try {
      tables.restore(entry);
    } catch (error) {
      await quarantine.leaveOut({ id: entry.record.id, text: entryText(entry), reason: messageOf(error) });
    }
  }
}

/** Continues the newest journal behind its last whole line, or begins a log. */
async function openJournal(
  layout: Layout,
  recovered: Recovered | null,
  quarantine: Quarantine,
): Promise<{ readonly open: Journal; readonly epoch: string }> {
  if (recovered === null) {
    const epoch = randomBytes(6).toString('hex');
    const prepared = await Journal.prepare(layout, { n: 1, epoch, seq: 0, previous: noCheck });
    return { open: await prepared.publish(), epoch };
  }
  const { n, file, end } = recovered.newest;
  if (end.torn !== null) {
    const { offset, bytes } = end.torn;
    const line = `${basename(file)} ended at byte ${offset} in ${tornText(bytes)}; its ${bytes.length} bytes were cut`;
    // The same place can be torn again after another crash.
    await quarantine.keep(`${basename(file)}.byte-${offset}.${toHex(crc32(bytes))}`, bytes, line);
  }
  return { open: await Journal.continue(layout, n, end), epoch: recovered.head.epoch };
}

async function reportMissingTrees(layout: Layout, archive: Archive, report: (line: string) => void): Promise<void> {
  const names = new Set(await readdir(layout.archive));
  for (const { file } of archive.trees) if (!names.has(basename(file))) report(`${file} is missing: the archived tree in it can't be read`);
}
