import * as z from 'zod';
import type { JsonObject, SessionStatus } from '../protocol/values.ts';

/** What a session knows, and what happens to it. Times are integer milliseconds; every object is replaced, never changed. */

/** What a session was given. */
export interface SessionSpec {
  readonly project: string;
  readonly title: string;
  /** A label, never opened. */
  readonly workingDirectory: string | null;
  readonly context: JsonObject;
  readonly createdAt: number;
  readonly createdBy: string;
}

export interface SessionContext {
  readonly spec: SessionSpec;
  readonly pause: { readonly reason: string | null; readonly by: string; readonly at: number } | null;
  readonly summary: string | null;
  readonly marks: { readonly updatedAt: number; readonly completedAt: number | null };
}

/** A session as its machine sees it. */
export interface SessionState {
  readonly value: SessionStatus;
  readonly context: SessionContext;
}

interface Payloads {
  PAUSE: { readonly reason: string | null };
  RESUME: unknown;
  /** `open`: how many of its tasks are. */
  COMPLETE: { readonly summary: string | null; readonly open: number };
  /** `left`: how many of its tasks are not archived. */
  ARCHIVE: { readonly left: number };
}

export type SessionEventName = keyof Payloads;
/** `at`: when it happens; `by`: who does it. */
export type SessionMachineEvent<N extends SessionEventName = SessionEventName> = {
  [K in N]: { readonly type: K; readonly at: number; readonly by: string } & Payloads[K];
}[N];

export function newSession(spec: SessionSpec): SessionContext {
  return { spec, pause: null, summary: null, marks: { updatedAt: spec.createdAt, completedAt: null } };
}

const ms = z.int();

/** The shape of a stored context. Sessions are few, so all of it is looked at when a record is taken in. */
export const storedSessionContext = z.object({
  spec: z.object({
    project: z.string(),
    title: z.string(),
    workingDirectory: z.string().nullable(),
    context: z.custom((value) => typeof value === 'object' && value !== null),
    createdAt: ms,
    createdBy: z.string(),
  }),
  pause: z.object({ reason: z.string().nullable(), by: z.string(), at: ms }).nullable(),
  summary: z.string().nullable(),
  marks: z.object({ updatedAt: ms, completedAt: ms.nullable() }),
});
