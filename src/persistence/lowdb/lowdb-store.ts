import { formatTime } from '../../clock.ts';
import type { Clock } from '../../clock.ts';
import { TroupeError } from '../../errors.ts';
import type { ActorId, ArtifactId, LeaseId, SessionId, TaskId } from '../../ids.ts';
import type { ActorEvent } from '../../protocol/event.ts';
import type { ArtifactRef, TaskSummary } from '../../protocol/task.ts';
import { pageHistory } from '../resident/history.ts';
import { precedes } from '../resident/position.ts';
import { sumOf } from '../resident/session-tally.ts';
import type * as port from '../store.ts';
import type { ArchivedTree } from './archive.ts';
import type { CheckpointParts } from './checkpoint.ts';
import type { Checkpointer } from './checkpointer.ts';
import { withArchived } from './cold-list.ts';
import type { Lock } from './lock.ts';
import type { Measures } from './measures.ts';
import type { Problems } from './problems.ts';
import { fileNameOf } from './quarantine.ts';
import { stageUnit } from './stage.ts';
import { messageOf } from './system-error.ts';

export interface StoreParts extends CheckpointParts {
  readonly checkpointer: Checkpointer;
  readonly problems: Problems;
  readonly measures: Measures;
  readonly lock: Lock;
  readonly clock: Clock;
}

/** The embedded store: everything live in memory, every commit in the journal before anyone sees it. */
export class LowdbStore implements port.Store {
  readonly kind = 'lowdb';
  readonly ordered = true;
  readonly #parts: StoreParts;
  readonly #startedAt: string;
  /** Commits that wait for an archived tree, and those behind them: units are staged in the order in which they came. */
  #turn: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#startedAt = formatTime(parts.clock.now());
  }

  async load(ids: readonly TaskId[]): Promise<Map<ActorId, port.TaskRecord>>;
  async load(ids: readonly ActorId[]): Promise<Map<ActorId, port.ActorRecord>>;
  async load(ids: readonly ActorId[]): Promise<Map<ActorId, port.ActorRecord>> {
    const { db, archive } = this.#parts;
    const records = new Map<ActorId, port.ActorRecord>();
    for (const id of ids) {
      const cold = db.data.get(id) === undefined ? archive.treeOf(id) : undefined;
      const read = cold === undefined ? undefined : (await this.#read(cold)).entries.get(id);
      // A write may have brought the tree back while its file was read.
      const record = (db.data.get(id) ?? read)?.record;
      if (record !== undefined) records.set(id, record);
    }
    return records;
  }

  async commit(units: readonly port.Unit[]): Promise<readonly port.CommitOutcome[]> {
    this.#refuseUnlessWritable();
    if (this.#turn !== null || this.#archivedTrees(units).length > 0) await this.#bringBack(units);
    this.#refuseUnlessWritable();
    const { adapter, db } = this.#parts;
    const results = units.map((unit) => {
      const staged = stageUnit(unit, this.#parts);
      if ('unit' in staged) adapter.stage(staged);
      return staged;
    });
    // A refusal waits as well: it was decided on what is in flight.
    await db.write();
    return results.map((result) => ('unit' in result ? { status: 'ok', position: result.position } : result));
  }

  async list(query: port.ListQuery): Promise<port.Page<TaskSummary>> {
    const { archive, db } = this.#parts;
    return withArchived(
      archive,
      query,
      (tree) => this.#read(tree),
      (more) => db.data.list(query, more),
    );
  }

  async counts(): Promise<port.Counts> {
    const counts = this.#parts.db.data.counts();
    const { byStatus } = counts;
    return { ...counts, byStatus: { ...byStatus, archived: byStatus.archived + this.#parts.archive.size } };
  }

  async session(id: SessionId): Promise<port.SessionView | null> {
    const record = this.#parts.db.data.session(id)?.record;
    return record === undefined ? null : { record, tasks: this.#tasksOf(id) };
  }

  async sessions(query: port.SessionQuery): Promise<port.Page<port.SessionView>> {
    return this.#parts.db.data.sessions(query, (id) => this.#tasksOf(id));
  }

  async byLease(id: LeaseId): Promise<ActorId | null> {
    return this.#parts.db.data.byLease(id);
  }

  async history(id: ActorId, page: { readonly limit: number; readonly cursor?: string | undefined }): Promise<port.Page<ActorEvent>> {
    const { db, archive } = this.#parts;
    const tree = archive.treeOf(id);
    if (tree === undefined) return db.data.history(id, page);
    return pageHistory((await this.#read(tree)).entries.get(id)?.history ?? [], page);
  }

  async putArtifact(meta: port.UploadMeta, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ArtifactRef> {
    this.#refuseWhenClosed();
    return await this.#parts.uploads.put(meta, content);
  }

  async artifact(id: ArtifactId): Promise<ArtifactRef | null> {
    const { db, uploads, archive } = this.#parts;
    return db.data.artifact(id) ?? uploads.get(id) ?? (await unreadable(archive.artifact(id)));
  }

  async readArtifact(id: ArtifactId, { offset, length }: { readonly offset: number; readonly length: number }): Promise<Uint8Array> {
    const ref = await this.artifact(id);
    if (ref === null) throw new TroupeError('ARTIFACT_NOT_FOUND', `no artifact ${id}`);
    const content = await this.#parts.artifacts.read(ref.sha256, offset, length);
    if (content === null) throw new TroupeError('ARTIFACT_NOT_FOUND', `the content of artifact ${id} is missing: artifacts/${ref.sha256}`);
    if (content.length < Math.min(length, ref.bytes - offset))
      throw new TroupeError('UNREADABLE', `the content of artifact ${id} ends after ${offset + content.length} of ${ref.bytes} bytes`, {
        fix: `restore artifacts/${ref.sha256} from a backup`,
      });
    return content;
  }

  async tail(from: port.Position | 'oldest' | 'now', sink: port.TailSink): Promise<port.Tail> {
    this.#refuseWhenClosed();
    return this.#parts.log.tail(from, sink);
  }

  precedes(position: port.Position, other: port.Position): boolean {
    return precedes(position, other);
  }

  async claimDue(now: number, limit: number): Promise<readonly port.DueTimer[]> {
    return this.#parts.db.data.due(now, limit);
  }

  now(): number {
    return this.#parts.clock.now();
  }

  async setAside(record: unknown, reason: string): Promise<void> {
    const text = JSON.stringify(record) ?? 'null';
    const name = fileNameOf(record, text);
    await this.#parts.quarantine.keep(name, Buffer.from(text), `a record can't be restored (${reason})`);
  }

  keepsUnread(id: ActorId): boolean {
    return this.#parts.quarantine.holds(id);
  }

  health(): port.StoreHealth {
    const { adapter, problems, quarantine } = this.#parts;
    return { writable: adapter.failure === null && this.#closing === null, problems: problems.lines, quarantined: quarantine.count };
  }

  figures(): port.StoreFigures {
    const { measures, adapter, artifacts } = this.#parts;
    const { commits, batches, checkpoints, failedCheckpoints } = measures;
    return { commits, batches, journal: { checkpoints, failedCheckpoints, bytes: adapter.journal.bytes, waitingBytes: artifacts.bytes } };
  }

  /** Tells other processes, through `owner.json`, where this one can be reached. */
  setAddress(address: string): Promise<void> {
    return this.#parts.lock.describe({ pid: process.pid, address, startedAt: this.#startedAt });
  }

  /** Writes a checkpoint at once. After a failure of the journal that is what makes the store take commands again. */
  checkpoint(): Promise<void> {
    return this.#parts.checkpointer.run();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { adapter, db, artifacts, checkpointer, problems, log, lock } = this.#parts;
    await db.write().catch(() => {});
    await checkpointer.stop();
    // What was acknowledged is in the journal in any case.
    if (adapter.failure !== null || !adapter.journal.isEmpty) await checkpointer.run().catch(() => {});
    await artifacts.idle();
    log.close();
    await adapter.close().catch((error: unknown) => problems.report(`the journal could not be closed: ${messageOf(error)}`));
    await lock.release();
  }

  #tasksOf(id: SessionId): port.SessionTasks {
    const { db, archive } = this.#parts;
    return sumOf(db.data.tasksOf(id), archive.tasksOf(id));
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== null) throw new TroupeError('STORE_UNAVAILABLE', 'the store is closed');
  }

  #refuseUnlessWritable(): void {
    this.#refuseWhenClosed();
    const { failure } = this.#parts.adapter;
    if (failure !== null) throw new TroupeError('STORE_UNAVAILABLE', failure.message);
  }

  #archivedTrees(units: readonly port.Unit[]): readonly ArchivedTree[] {
    const { archive } = this.#parts;
    if (archive.size === 0) return [];
    return units.flatMap(({ writes }) => writes.flatMap(({ record }) => archive.treeOf(record.id) ?? []));
  }

  /** Takes the archived trees that the units write to back into memory; the next checkpoint archives them again. */
  async #bringBack(units: readonly port.Unit[]): Promise<void> {
    const before = this.#turn;
    const mine = (async () => {
      await before;
      for (let [tree] = this.#archivedTrees(units); tree !== undefined; [tree] = this.#archivedTrees(units)) {
        const { entries, setAside } = await this.#read(tree);
        const { db, archive, quarantine } = this.#parts;
        // What can't be taken in goes into the checkpoint, since the tree's file will be written anew without it.
        for (const record of setAside) await quarantine.leaveOut(record);
        archive.remove(tree);
        for (const entry of entries.values()) db.data.restore(entry);
      }
    })();
    const turn = mine.catch(() => {});
    this.#turn = turn;
    try {
      await mine;
    } finally {
      if (this.#turn === turn) this.#turn = null;
    }
  }

  #read(tree: ArchivedTree): ReturnType<CheckpointParts['archive']['read']> {
    return unreadable(this.#parts.archive.read(tree));
  }
}

/** An archived tree that can't be read fails what asked for it, and nothing else. */
async function unreadable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof TroupeError) throw error;
    throw new TroupeError('UNREADABLE', messageOf(error));
  }
}
