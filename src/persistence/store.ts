import type { Distribution } from '../distribution.ts';
import type { TroupeError } from '../errors.ts';
import type { ActorId, ArtifactId, LeaseId, SessionId, TaskId } from '../ids.ts';
import type { TaskState } from '../machines/context.ts';
import type { SessionState } from '../machines/session-context.ts';
import type { ActorEvent, SessionEvent, TaskEvent } from '../protocol/event.ts';
import type { TaskFilter } from '../protocol/methods.ts';
import type { ArtifactRef, Sort, TaskSummary } from '../protocol/task.ts';
import type { SessionStatus, Status } from '../protocol/values.ts';

/** The one durable port. Whoever implements it passes `test/contract/store.ts`. */

/** A command that an actor took: enough to find it again when it is sent twice. */
export interface CommandMark {
  readonly id: string;
  readonly payloadHash: string;
  readonly rev: number;
}

/** An actor at rest. Immutable: a new object for each revision. */
interface Stored {
  readonly format: 1;
  readonly project: string;
  /** 1 at creation, one more with each write, without gaps. */
  readonly rev: number;
  readonly machine: { readonly id: string; readonly version: number };
  /** The command that made the actor, then the last 31. */
  readonly commands: readonly CommandMark[];
}

export interface TaskRecord extends Stored {
  readonly kind: 'task';
  readonly id: TaskId;
  readonly rootId: TaskId;
  readonly snapshot: TaskState;
  /** When the task wants a TIMER, in milliseconds. */
  readonly dueAt: number | null;
}

/** A session is of no tree: its tasks name it. */
export interface SessionRecord extends Stored {
  readonly kind: 'session';
  readonly id: SessionId;
  readonly snapshot: SessionState;
  readonly dueAt: null;
}

export type ActorRecord = TaskRecord | SessionRecord;

/** A record's next revision with its one event. */
export type Write =
  | { readonly expectedRev: number; readonly record: TaskRecord; readonly event: TaskEvent }
  | { readonly expectedRev: number; readonly record: SessionRecord; readonly event: SessionEvent };

/** Bytes that a unit brings along; `content` is null for an upload that `putArtifact` stored before. */
export interface ArtifactContent {
  readonly ref: ArtifactRef;
  readonly content: Uint8Array | null;
}

/** All or nothing. Every write and every check must find the revision that it names (0: no record). */
export interface Unit {
  readonly id: string;
  readonly checks: readonly { readonly id: ActorId; readonly rev: number }[];
  readonly writes: readonly Write[];
  readonly artifacts: readonly ArtifactContent[];
}

/** Opaque to everyone but its store. Names the log's place after an event. */
export type Position = string;

export type CommitOutcome =
  | { readonly status: 'ok'; readonly position: Position }
  /** Nothing of the unit was applied: these ids were at another revision. */
  | { readonly status: 'conflict'; readonly ids: readonly ActorId[] }
  /** Nothing of the unit was applied, for a reason of its own (it can't be written as JSON, it is over the limit). */
  | { readonly status: 'refused'; readonly error: TroupeError };

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null at the end. */
  readonly next: string | null;
  /** Only when it was asked for with `count`. */
  readonly total?: number;
}

export interface ListQuery {
  readonly filter: TaskFilter;
  /**
   * created: oldest first, then place in the tree. updated: least recently changed first. A minus turns it round.
   * next: what should be worked on first: priority from 10 to 1, then the order of `created`.
   */
  readonly sort: Sort;
  /** 0 or more. */
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly count?: boolean;
  /** Only tasks of these projects. */
  readonly projects?: readonly string[] | undefined;
}

export interface Counts {
  readonly byStatus: Readonly<Record<Status, number>>;
  readonly ready: number;
  /** Of the tasks that are not archived. */
  readonly byProject: Readonly<Record<string, number>>;
}

/** Newest first. */
export interface SessionQuery {
  /** Archived ones only when `status` names them. */
  readonly filter: { readonly status?: readonly SessionStatus[] | undefined; readonly project?: string | undefined };
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Only sessions of these projects. */
  readonly projects?: readonly string[] | undefined;
}

/** How the tasks of a session stand. */
export interface SessionTasks {
  readonly byStatus: Readonly<Record<Status, number>>;
  /** 0 while the session is paused. */
  readonly ready: number;
  /** Trees that are not archived; the review of a tree belongs to it. */
  readonly plans: number;
  /** When one of them last changed, in milliseconds; null when there was none. */
  readonly lastActivity: number | null;
}

export interface SessionView {
  readonly record: SessionRecord;
  readonly tasks: SessionTasks;
}

export interface DueTimer {
  readonly id: ActorId;
  readonly rev: number;
  readonly dueAt: number;
  /** Whether the actor holds a running lease, which gets a grace after a start. */
  readonly leased: boolean;
}

export interface LogEntry {
  readonly position: Position;
  readonly event: ActorEvent;
}

/** Takes entries in order. A promise holds the next ones back until it settles. */
export type TailSink = (entries: readonly LogEntry[]) => void | Promise<void>;

export interface Tail {
  /** `gone`: the position is not of this log or too old; nothing was replayed and entries follow from `position`. */
  readonly mode: 'resumed' | 'gone';
  /** Where the log stood when the tail was opened; with 'oldest' and a position, the place before the first entry replayed. */
  readonly position: Position;
  close(): void;
}

export interface StoreHealth {
  readonly writable: boolean;
  /** One line each, for a person. Empty when all is well. */
  readonly problems: readonly string[];
  readonly quarantined: number;
}

/** What a store measured of itself since it was opened; times in seconds. */
export interface StoreFigures {
  /** From the moment at which a unit was taken to the one at which it was durable. */
  readonly commits: Distribution;
  /** Units that became durable together. */
  readonly batches: Distribution;
  /** Of a store that keeps a journal. */
  readonly journal: JournalFigures | null;
}

export interface JournalFigures {
  readonly checkpoints: Distribution;
  readonly failedCheckpoints: number;
  readonly bytes: number;
  /** Content of artifacts that a journal holds and that waits in memory for a place of its own. */
  readonly waitingBytes: number;
}

export interface UploadMeta {
  readonly id: ArtifactId;
  readonly type: ArtifactRef['type'];
  readonly name: string;
  readonly mediaType: string;
  readonly createdBy: string;
  /** Refuses with UPLOAD_MISMATCH what hashes to something else. */
  readonly sha256: string;
}

export interface Store {
  readonly kind: 'memory' | 'lowdb' | 'postgres';
  /** Whether batches are ordered: one commits only if all before it did. */
  readonly ordered: boolean;
  /** Resolves with the reason when its log is no longer the one that was shown, so that it must be opened anew. Not there where that can't be. */
  readonly outdated?: Promise<string>;
  /** Committed records; ids that don't exist are left out. */
  load(ids: readonly TaskId[]): Promise<Map<ActorId, TaskRecord>>;
  load(ids: readonly ActorId[]): Promise<Map<ActorId, ActorRecord>>;
  /** Durable when it resolves. A rejection means unknown: reload, look for the command id, then answer. */
  commit(units: readonly Unit[]): Promise<readonly CommitOutcome[]>;
  /** Tasks, keyset-paged; none of a paused session is ready. A cursor of another sort order is INVALID_PARAMS. */
  list(query: ListQuery): Promise<Page<TaskSummary>>;
  /** Of now; or, by status, of what the log has shown when this is asked, to be carried on by what it shows from then. */
  counts(of?: 'now' | 'log'): Promise<Counts>;
  session(id: SessionId): Promise<SessionView | null>;
  /** Keyset-paged. `total` is always there. */
  sessions(query: SessionQuery): Promise<Page<SessionView>>;
  /** The task that holds, or last held, the lease. */
  byLease(id: LeaseId): Promise<ActorId | null>;
  /** An actor's last 200 events, oldest first; its creation and notes never age out, changes of state last. */
  history(id: ActorId, page: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<ActorEvent>>;
  /** Stores an upload, durable when it resolves; dropped after an hour unless a unit claims it. */
  putArtifact(meta: UploadMeta, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ArtifactRef>;
  /** A committed artifact, or an unclaimed upload (its `taskId` is null). */
  artifact(id: ArtifactId): Promise<ArtifactRef | null>;
  /** Bytes from `offset`, at most `length`; empty past the end. ARTIFACT_NOT_FOUND when there is none, UNREADABLE when less is left than was stored. */
  readArtifact(id: ArtifactId, range: { readonly offset: number; readonly length: number }): Promise<Uint8Array>;
  /** Gap-free, ordered per task, at least once. 'oldest' replays the whole window that the store keeps. */
  tail(from: Position | 'oldest' | 'now', sink: TailSink): Promise<Tail>;
  /** Whether a position is before another one of the same log; nobody asks whether it was ever given out. */
  precedes(position: Position, other: Position): boolean;
  /** Actors whose time has come, earliest first. The same one may come again until its record moves on. */
  claimDue(now: number, limit: number): Promise<readonly DueTimer[]>;
  /** The clock that decides about leases and due dates, in milliseconds. */
  now(): number;
  /** Keeps a copy of what could not be restored, as it was found, and reports it. The record itself stays. */
  setAside(record: unknown, reason: string): Promise<void>;
  /** Whether a record that can't be taken in is kept under the id, which `load` does not answer. */
  keepsUnread(id: ActorId): boolean;
  health(): StoreHealth;
  /** Null from a store that has no disk. */
  figures(): StoreFigures | null;
  /** Waits for what is in flight, leaves everything durable, and frees what it holds. */
  close(): Promise<void>;
}
