import type { SessionId, TaskId } from '../ids.ts';
import type { ActorRecord, Position, TaskRecord } from '../persistence/store.ts';
import type { Conversation, Part } from './conversation.ts';
import type { SessionPart } from './session-talk.ts';

export interface Command<R, A extends ActorRecord = TaskRecord> {
  /** Without one the command gets a fresh id, and a resend is a new command. */
  readonly id?: string | undefined;
  /** `name` or `name/worker`. */
  readonly by: string;
  readonly method: string;
  /** What the same id must be sent with again; anything that JSON can write. */
  readonly payload: unknown;
  /** The task or session whose record tells whether the command was taken before. */
  readonly remembers: () => A['id'] | null | Promise<A['id'] | null>;
  /** Synchronous, and run again when something it needs was absent or changed under it. */
  readonly talk: (conversation: Conversation) => R;
}

export type Done<R, A extends ActorRecord = TaskRecord> =
  | {
      readonly repeated: false;
      readonly value: R;
      readonly commandId: string;
      /** Null when nothing changed. */
      readonly position: Position | null;
      readonly parts: ReadonlyMap<TaskId, Part>;
      readonly sessions: ReadonlyMap<SessionId, SessionPart>;
    }
  | { readonly repeated: true; readonly record: A; readonly commandId: string };
