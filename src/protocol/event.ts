import type { JsonObject } from './values.ts';
import type { SessionId, TaskId } from '../ids.ts';

/** Every type of event, past tense; one event per write. New types and members may be added, none changes. */
export const eventTypes = [
  'task.created',
  'task.started',
  'task.progressed',
  'task.saved',
  'task.revision_requested',
  'task.completed',
  'task.failed',
  'task.retry_scheduled',
  'task.lease_expired',
  'task.blocked',
  'task.answered',
  'task.unblocked',
  'task.ready',
  'task.due',
  'task.cancelled',
  'task.retried',
  'task.reopened',
  'task.edited',
  'task.noted',
  'task.archived',
  'task.deleted',
  'dependency.changed',
  'dependency.added',
  'dependency.removed',
  'dependency.waived',
  'child.changed',
  'dependents.changed',
  'session.created',
  'session.changed',
] as const;

export type EventType = (typeof eventTypes)[number];
export type SessionEventType = Extract<EventType, `session.${string}`>;
type TaskEventType = Exclude<EventType, SessionEventType>;

/** What made the event: the command, and for a fact the task that it came from. */
interface Cause {
  readonly commandId: string;
  readonly taskId?: TaskId;
}

export interface TaskEvent {
  readonly v: 1;
  readonly type: TaskEventType;
  /** RFC 3339 in UTC. */
  readonly time: string;
  readonly taskId: TaskId;
  readonly rootId: TaskId;
  readonly project: string;
  readonly sessionId: SessionId | null;
  /** The task's revision after this event; dense per task, from 1. */
  readonly rev: number;
  readonly by: string;
  readonly cause: Cause;
  /** Always `status` and `ready`; `from` when the status changed; `facts` for what else the record took; the rest by type. */
  readonly data: JsonObject;
}

/** What became of a session. It is of no task. */
export interface SessionEvent {
  readonly v: 1;
  readonly type: SessionEventType;
  readonly time: string;
  readonly taskId: null;
  readonly rootId: null;
  readonly project: string;
  readonly sessionId: SessionId;
  /** The session's revision after this event; dense per session, from 1. */
  readonly rev: number;
  readonly by: string;
  readonly cause: Cause;
  /** Always `status`; `from` when it changed; the rest by type. */
  readonly data: JsonObject;
}

export type ActorEvent = TaskEvent | SessionEvent;

/** Filters select by what never changes. */
export interface EventFilter {
  readonly project?: string | undefined;
  readonly rootId?: TaskId | undefined;
  readonly taskId?: TaskId | undefined;
  readonly sessionId?: SessionId | undefined;
}
