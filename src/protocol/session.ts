import * as z from 'zod';
import { jsonObject, sessionId, sessionStatuses } from './values.ts';

/** The session as every client sees it. Members are added, never changed or removed. Times are RFC 3339 in UTC. */

const when = z.string();

/** How the tasks of a session stand. */
const taskCounts = z.object({
  pending: z.int(),
  in_progress: z.int(),
  blocked: z.int(),
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  archived: z.int(),
});

/** A row of a list. */
export const sessionSummary = z.object({
  id: sessionId,
  project: z.string(),
  title: z.string(),
  status: z.enum(sessionStatuses),
  /** A label that is stored and shown, never opened. */
  workingDirectory: z.string().nullable(),
  /** Tasks by status; those in archived trees count as archived. */
  tasks: taskCounts,
  /** Tasks that can be executed now; none while the session is paused. */
  ready: z.int(),
  /** Trees that are not archived. */
  plans: z.int(),
  rev: z.int(),
  createdAt: when,
  /** When the session or one of its tasks last changed. */
  lastActivity: when,
});

export const session = sessionSummary.extend({
  context: jsonObject(Number.MAX_SAFE_INTEGER),
  paused: z.object({ reason: z.string().nullable(), by: z.string(), since: when }).nullable(),
  summary: z.string().nullable(),
  /** The events that the session accepts now. */
  allowed: z.array(z.string()),
  createdBy: z.string(),
  updatedAt: when,
  completedAt: when.nullable(),
});

export type Session = z.infer<typeof session>;
export type SessionSummary = z.infer<typeof sessionSummary>;
