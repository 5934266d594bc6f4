import type { LeaseId, SessionId, TaskId } from '../ids.ts';
import type { Editable } from '../protocol/methods.ts';
import type { ArtifactRef } from '../protocol/task.ts';
import type { ArtifactType, TaskType } from '../protocol/values.ts';
import type { DependencyEntry } from './context.ts';
import type { StatusClass } from './readings.ts';

/** What a task can be told. Commands come from callers and may be refused; facts come from other tasks and never are. */

/** On every event: when it happens and who sends it. `rev` is the task's revision, for those that name one. */
interface Stamp {
  readonly at: number;
  readonly by: string;
}

interface RevisionBound {
  /** The revision that the caller decided on. */
  readonly ifRev?: number | undefined;
  readonly rev?: number;
}

interface LeaseProof {
  /** Left out by a holder who named its worker. */
  readonly lease?: LeaseId | undefined;
}

interface Work extends LeaseProof {
  readonly summary: string;
  readonly filePaths: readonly string[];
  readonly artifacts: readonly ArtifactRef[];
  readonly acceptance: readonly { readonly met: boolean; readonly note?: string | undefined }[];
  readonly feedback: string | null;
}

/** Whether an edge closes a circle of waiting; the path is found by whoever sends the event. */
export type WaitPath = readonly { readonly taskId: TaskId; readonly waitsAs: 'dependency' | 'parent' }[];

interface Payloads {
  START: {
    readonly lease: LeaseId;
    readonly lengthMs: number;
    readonly roleHash: string;
    /** The task's session, when that is paused; found by whoever sends the event. */
    readonly pausedIn?: SessionId | null;
  };
  PROGRESS: LeaseProof & {
    readonly value?: number | undefined;
    readonly total?: number | undefined;
    readonly message?: string | undefined;
  };
  COMPLETE: Work;
  'COMPLETE.continue': Work;
  'COMPLETE.needs_revision': Work;
  'COMPLETE.blocked': Work;
  FAIL: LeaseProof & { readonly message: string; readonly retryable: boolean };
  /** Time has passed. A lease whose holder was not heard of since `unheardSince` is over, however long it was given for. */
  TIMER: { readonly unheardSince?: number | undefined };
  BLOCK: { readonly reason: string | null; readonly question: string | null };
  ANSWER: { readonly answer: string };
  UNBLOCK: { readonly note: string | null };
  DEPENDENCY_ADD: RevisionBound & { readonly entries: readonly DependencyEntry[]; readonly cycle: WaitPath | null };
  DEPENDENCY_REMOVE: RevisionBound & { readonly ids: readonly TaskId[]; readonly reason: string | null };
  DEPENDENCY_WAIVE: RevisionBound & { readonly ids: readonly TaskId[]; readonly reason: string | null };
  CANCEL: RevisionBound & { readonly reason: string | null; readonly subtree: boolean };
  RETRY: unknown;
  REOPEN: RevisionBound & { readonly reason: string };
  /** A reviewer sends the work back to the task that it reviews. */
  REVISE: { readonly feedback: string };
  EDIT: RevisionBound & { readonly set: Editable };
  NOTE: RevisionBound & { readonly text: string };
  ARCHIVE: unknown;
  DELETE: unknown;
  /** The class of a task that this one depends on, or what an ancestor gives, takes or waives. */
  DEPENDENCY_CHANGED: {
    readonly id: TaskId;
    readonly state: StatusClass;
    readonly taskType: TaskType;
    readonly artifactTypes: readonly ArtifactType[];
    readonly inherit?: { readonly from: TaskId; readonly change: 'add' | 'remove' | 'waive'; readonly entries: readonly DependencyEntry[] };
  };
  DEPENDENT_CHANGED: { readonly ids: readonly TaskId[]; readonly on: boolean; readonly direct: boolean };
  CHILD_CHANGED: { readonly id: TaskId; readonly from: StatusClass | null; readonly to: StatusClass };
}

export type TaskEventName = keyof Payloads;
export type MachineEvent<N extends TaskEventName = TaskEventName> = { [K in N]: { readonly type: K } & Stamp & Payloads[K] }[N];

type FactName = 'DEPENDENCY_CHANGED' | 'DEPENDENT_CHANGED' | 'CHILD_CHANGED';
export type Fact = MachineEvent<FactName>;

export function isFact(event: MachineEvent): event is Fact {
  return event.type === 'DEPENDENCY_CHANGED' || event.type === 'DEPENDENT_CHANGED' || event.type === 'CHILD_CHANGED';
}

/** What a task says to others while it moves. */
export interface Message {
  readonly to: TaskId;
  readonly event: Fact | MachineEvent<'REVISE'>;
}

/** The only thing that the machine emits. */
export interface Tell {
  readonly type: 'tell';
  readonly messages: readonly Message[];
}

/** The name that callers know: the four ways to complete are one event to them. */
export function publicName(name: TaskEventName): string {
  return name.startsWith('COMPLETE') ? 'COMPLETE' : name;
}

/** What callers can send; the rest comes from time and from other tasks. */
export const callerEvents: readonly TaskEventName[] = [
  'START',
  'PROGRESS',
  'COMPLETE',
  'FAIL',
  'BLOCK',
  'ANSWER',
  'UNBLOCK',
  'DEPENDENCY_ADD',
  'DEPENDENCY_REMOVE',
  'DEPENDENCY_WAIVE',
  'CANCEL',
  'RETRY',
  'REOPEN',
  'EDIT',
  'NOTE',
  'ARCHIVE',
  'DELETE',
];
