import type { LeaseId, SessionId, TaskId } from '../ids.ts';
import type { ArtifactRef, ChildCounts } from '../protocol/task.ts';
import type { ArtifactType, Complexity, DependencyKind, JsonObject, Status, TaskType } from '../protocol/values.ts';

/** What a task knows. Times are integer milliseconds; every object is replaced, never changed. */

/** What a task was given. Apart from EDIT it never changes, so that it costs nothing to carry along. */
export interface TaskSpec {
  readonly externalId: string | null;
  readonly project: string;
  readonly sessionId: SessionId | null;
  readonly rootId: TaskId;
  readonly parentId: TaskId | null;
  /** 0 at the root. */
  readonly depth: number;
  /** Place in the tree's reading order; siblings sort by it. */
  readonly position: number;
  readonly title: string;
  readonly description: string;
  readonly type: TaskType;
  readonly specialist: string;
  readonly complexity: Complexity;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly acceptance: readonly string[];
  /** The specialist who reviews this task, and the review task made with it. */
  readonly review: string | null;
  readonly reviewId: TaskId | null;
  /** For a review task: what it reviews. */
  readonly reviewOf: TaskId | null;
  readonly rollUp: 'execute' | 'auto';
  readonly context: JsonObject;
  readonly estimatedEffort: string | null;
  readonly dueAt: number | null;
  readonly maxAttempts: number;
  readonly createdAt: number;
  readonly createdBy: string;
}

export interface DependencyEntry {
  readonly id: TaskId;
  readonly kind: DependencyKind;
  readonly mandatory: boolean;
  readonly status: 'waiting' | 'satisfied' | 'failed';
  /** A flag of its own, which no fact clears. */
  readonly waived: boolean;
  readonly direct: boolean;
  /** The ancestors that gave the entry. */
  readonly via: readonly TaskId[];
  readonly artifactType?: ArtifactType;
  readonly reason?: string;
}

export interface Lease {
  readonly id: LeaseId;
  /** `name` or `name/worker`. */
  readonly holder: string;
  readonly expiresAt: number;
  /** How long PROGRESS renews it for. */
  readonly lengthMs: number;
  /** Expiry only marks a lease: id and holder stay until the next START. */
  readonly expired: boolean;
}

export interface Attempt {
  readonly number: number;
  readonly holder: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: 'running' | 'completed' | 'revision' | 'failed' | 'expired' | 'blocked' | 'cancelled';
  /** What it reported last: progress, saved summary, error or feedback. */
  readonly report: string | null;
  /** Content hash of the role that it was given. */
  readonly roleHash: string;
}

/** What people and reviewers tell the next worker. */
export interface Guidance {
  readonly kind: 'feedback' | 'answer' | 'reason';
  readonly question?: string;
  readonly text: string;
  readonly by: string;
  readonly at: number;
}

export interface Note {
  readonly text: string;
  readonly by: string;
  readonly at: number;
}

/** One field of `spec` and 16 beside it: V8 keeps an object of this size fast, and `assign` copies it on every transition. */
export interface TaskContext {
  readonly spec: TaskSpec;
  readonly attempt: number;
  readonly failures: number;
  readonly revision: number;
  readonly guidance: readonly Guidance[];
  readonly progress: { readonly value: number; readonly total: number | null; readonly message: string | null } | null;
  readonly blocked: { readonly reason: string | null; readonly question: string | null; readonly answer: string | null } | null;
  readonly lease: Lease | null;
  readonly notBefore: number | null;
  readonly dependsOn: readonly DependencyEntry[];
  /** Who waits for this task: by an edge of its own, or through an ancestor's. */
  readonly dependents: { readonly direct: readonly TaskId[]; readonly inherited: readonly TaskId[] };
  readonly children: ChildCounts;
  readonly result: { readonly summary: string; readonly filePaths: readonly string[] } | null;
  readonly artifacts: readonly ArtifactRef[];
  readonly notes: readonly Note[];
  readonly attempts: readonly Attempt[];
  readonly marks: {
    readonly updatedAt: number;
    readonly startedAt: number | null;
    readonly completedAt: number | null;
    /** The due date that was announced, so that it is announced once. */
    readonly dueAnnounced: number | null;
    readonly inputsChanged: boolean;
    readonly deletedBy: string | null;
  };
}

/** A task as its machine sees it. */
export interface TaskState {
  readonly value: Status;
  readonly context: TaskContext;
}
