import * as z from 'zod';
import * as v from '../values.ts';
import { session, sessionSummary } from '../session.ts';
import { line, mutation, paging, position, read, rows } from './row.ts';

const target = { sessionId: v.sessionId };

export const sessionChanged = z.object({ session, position, repeated: z.boolean().optional() });

const cleanupKinds = ['completed', 'orphaned', 'old', 'all'] as const;

const cleanupItem = z.object({
  sessionId: v.sessionId,
  title: z.string(),
  project: z.string(),
  /** Before the clean-up. */
  status: z.enum(v.sessionStatuses),
  workingDirectory: z.string().nullable(),
  lastActivity: z.string(),
  /** Trees and tasks that are archived with the session. */
  plans: z.int(),
  tasks: z.int(),
});

/** Methods about sessions: named pieces of work that own their plans. */
export const sessions = rows({
  'session.create': {
    scope: 'write',
    summary: 'Makes a session: a named piece of work that plans and tasks can be given to.',
    input: z.strictObject({
      ...mutation,
      title: v.title,
      project: v.project.optional(),
      /** A label: it is stored and shown, never opened. */
      workingDirectory: line(v.limits.workingDirectoryLength).min(1).optional(),
      context: v.jsonObject(v.limits.contextBytes).default({}),
    }),
    output: sessionChanged,
  },
  'session.get': {
    scope: 'read',
    summary: 'One session, with how its tasks stand.',
    input: z.strictObject({ ...read, ...target }),
    output: z.object({ session }),
  },
  'session.list': {
    scope: 'read',
    summary: 'Sessions, newest first, page by page; archived ones only when `status` names them.',
    input: z.strictObject({
      ...read,
      status: z.array(z.enum(v.sessionStatuses)).min(1).max(8).optional(),
      project: v.project.optional(),
      ...paging,
    }),
    output: z.object({ items: z.array(sessionSummary), total: z.int(), nextCursor: z.string().nullable() }),
  },
  'session.pause': {
    scope: 'write',
    summary: 'Takes the tasks of a session out of ready, next and claim. No task changes; what runs goes on and can complete.',
    input: z.strictObject({ ...mutation, ...target, reason: v.text(2_000).min(1).optional() }),
    output: sessionChanged,
  },
  'session.resume': {
    scope: 'write',
    summary: 'Brings the tasks of a paused session back, or opens a completed session again.',
    input: z.strictObject({ ...mutation, ...target }),
    output: sessionChanged,
  },
  'session.complete': {
    scope: 'write',
    summary: 'Ends a session that has no open task; nothing more can be planned in it until it is resumed.',
    input: z.strictObject({ ...mutation, ...target, summary: v.text(v.limits.summaryBytes).min(1).optional() }),
    output: sessionChanged,
  },
  'session.cleanup': {
    scope: 'write',
    summary:
      'Archives sessions that nobody needs, with their finished trees; those with open tasks are kept. A dry run unless told otherwise.',
    input: z.strictObject({
      ...mutation,
      /** completed: completed sessions. orphaned: others without a tree that is not archived. old: others with one. */
      kind: z.enum(cleanupKinds).default('completed'),
      /** Only sessions in which nothing has happened for so long. */
      olderThanDays: z.int().min(0).max(36_500).default(7),
      dryRun: z.boolean().default(true),
      project: v.project.optional(),
      /** At most so many at once. */
      limit: paging.limit,
    }),
    output: z.object({
      kind: z.enum(cleanupKinds),
      olderThanDays: z.int(),
      dryRun: z.boolean(),
      /** Sessions of that kind and age. */
      found: z.int(),
      /** Of these, those that can be cleaned up: without open tasks. */
      cleanable: z.int(),
      /** Archived by this call; 0 in a dry run. */
      cleaned: z.int(),
      /** What was cleaned up, or in a dry run would be. */
      items: z.array(cleanupItem),
      kept: z.array(cleanupItem.omit({ plans: true, tasks: true }).extend({ open: z.int(), reason: z.string() })),
      /** Whether there are more of either than `limit`. */
      more: z.boolean(),
      position,
    }),
  },
});
