import * as z from 'zod';
import * as v from '../values.ts';
import { line, mutation, paging, position, read, rows } from './row.ts';

/** Whose tasks: all that the token opens, or those of a project, of a session, or a task with everything below it. */
const within = { project: v.project.optional(), sessionId: v.sessionId.optional(), taskId: v.taskId.optional() };

/** Nothing happens until a caller says so. */
const dryRun = z.boolean().default(true);

const findingKinds = ['orphaned', 'stale', 'unanswered', 'blocked', 'failed', 'stuck'] as const;
const validationLevels = ['basic', 'comprehensive', 'full_audit'] as const;
const checks = ['record', 'tree', 'children', 'dependency', 'dependent', 'lease', 'timer', 'circle', 'history', 'artifact'] as const;
const treeKinds = ['completed', 'failed', 'stale', 'orphaned'] as const;

/** Instead of the limits of the roles. */
const staleHours = z.number().min(0).max(8_760).optional();
const days = z.number().min(0).max(36_500);
/** Pages of tasks are looked at until an answer is full or this many were seen; then the cursor goes on. */
const page = { examined: z.int(), nextCursor: z.string().nullable() };

/** Methods that look after the list as a whole. */
export const maintenance = rows({
  'maintenance.scan': {
    scope: 'read',
    summary: 'Work that does not go on: stale, blocked, failed, orphaned, or waiting for what failed.',
    input: z.strictObject({ ...read, ...within, ...paging, staleHours }),
    output: z.object({
      items: z.array(
        z.object({
          taskId: v.taskId,
          rootId: v.taskId,
          title: z.string(),
          kind: z.enum(findingKinds),
          status: z.enum(v.statuses),
          specialist: z.string(),
          since: z.string(),
          hours: z.number(),
          /** After how many hours it counts; null where the time does not matter. */
          limitHours: z.number().nullable(),
          holder: z.string().nullable(),
          detail: z.string(),
        }),
      ),
      ...page,
    }),
  },
  'maintenance.free': {
    scope: 'write',
    summary: 'Ends the leases of stale tasks, so that somebody else can go on. With `dryRun` (the default) it only says which.',
    input: z.strictObject({ ...mutation, ...within, ...paging, staleHours, dryRun }),
    output: z.object({
      dryRun: z.boolean(),
      items: z.array(
        z.object({
          taskId: v.taskId,
          title: z.string(),
          holder: z.string(),
          since: z.string(),
          hours: z.number(),
          /** What became of it; as it is with `dryRun`. */
          status: z.enum(v.statuses),
        }),
      ),
      ...page,
      position,
    }),
  },
  'maintenance.archive': {
    scope: 'write',
    summary:
      'Archives whole trees by age: completed, failed, stale (something is open, and nothing moved) and orphaned ones. With `dryRun` (the default) it only says which.',
    input: z.strictObject({
      ...mutation,
      project: within.project,
      sessionId: within.sessionId,
      ...paging,
      kinds: z
        .array(z.enum(treeKinds))
        .min(1)
        .max(treeKinds.length)
        .default([...treeKinds]),
      days: z
        .strictObject({ completed: days.default(90), failed: days.default(60), stale: days.default(30), orphaned: days.default(7) })
        .prefault({}),
      dryRun,
    }),
    output: z.object({
      dryRun: z.boolean(),
      items: z.array(
        z.object({
          taskId: v.taskId,
          title: z.string(),
          kind: z.enum(treeKinds),
          tasks: z.int(),
          /** How many were open, and are cancelled first. */
          open: z.int(),
          lastChangeAt: z.string(),
        }),
      ),
      ...page,
      position,
    }),
  },
  'maintenance.validate': {
    scope: 'read',
    summary: 'Holds what is stored against itself: trees, counters, dependencies, circles, revisions, artifacts.',
    input: z.strictObject({ ...read, ...within, ...paging, level: z.enum(validationLevels).default('basic') }),
    output: z.object({
      level: z.enum(validationLevels),
      items: z.array(z.object({ taskId: v.taskId, check: z.enum(checks), message: z.string() })),
      ...page,
    }),
  },
  'maintenance.handover': {
    scope: 'read',
    summary: 'A text in Markdown for whoever goes on: what is done, runs, is ready, waits and failed, notes, and where the work is.',
    input: z.strictObject({ ...read, ...within, maxBytes: z.int().min(2_048).max(131_072).default(8_192) }),
    output: z.object({ markdown: z.string(), bytes: z.int(), tasks: z.record(z.string(), z.int()), position }),
  },
});

const restart = z.object({
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  durationMs: z.int().nullable(),
  by: z.string(),
  reason: z.string(),
  graceful: z.boolean(),
  timeoutMs: z.int(),
  phase: z.enum(['draining', 'closing', 'opening', 'done', 'refused', 'failed']),
  error: z.string().nullable(),
});
export type Restart = z.output<typeof restart>;

const restarts = z.object({
  phase: z.enum(['running', 'draining', 'closing', 'opening', 'stopping', 'failed']),
  /** The newest first, those that were refused too. */
  history: z.array(restart),
});
export type Restarts = z.output<typeof restarts>;

const connections = z.object({
  open: z.int(),
  subscriptions: z.int(),
  /** Subscriptions that got everything they had missed, and those that had to list again. */
  resumed: z.int(),
  gone: z.int(),
  /** Those that the service closed, by code. */
  closed: z.record(z.string(), z.int()),
});
export type Connections = z.output<typeof connections>;

/** Methods about the process. */
export const operation = rows({
  'system.health': {
    scope: 'read',
    summary: 'Whether the service takes work and why not, with what was measured: store, connections, window, leases, restarts.',
    input: z.strictObject({}),
    output: z.object({
      version: z.string(),
      time: z.string(),
      startedAt: z.string(),
      uptimeMs: z.int(),
      healthy: z.boolean(),
      ready: z.boolean(),
      /** Why it is not healthy or not ready, a line each. */
      reasons: z.array(z.string()),
      store: z.object({
        kind: z.string(),
        writable: z.boolean(),
        problems: z.array(z.string()),
        quarantined: z.int(),
        journalBytes: z.int().nullable(),
        waitingBytes: z.int().nullable(),
        failedCheckpoints: z.int().nullable(),
      }),
      commands: z.object({ inFlight: z.int() }),
      /** Tasks that somebody works on; their leases outlive a restart. */
      leases: z.object({ running: z.int() }),
      /** Null without a transport. */
      connections: connections.nullable(),
      window: z.object({
        events: z.int(),
        limit: z.int(),
        oldest: position,
        newest: position,
        /** Whether a client that comes back with either of these misses nothing: looked up now. */
        resumable: z.boolean(),
      }),
      eventLoop: z.object({ p50Ms: z.number(), p99Ms: z.number() }),
      memory: z.object({ rssBytes: z.int(), heapUsedBytes: z.int() }),
      /** Null when nothing can restart the service. */
      restarts: restarts.nullable(),
    }),
  },
  'system.restart': {
    scope: 'admin',
    summary:
      'Restarts the service in its process: drains, opens the store again, reads the roles again. With `dryRun` (the default) it only says whether it could.',
    input: z.strictObject({
      ...mutation,
      graceful: z.boolean().default(true),
      timeoutMs: z.int().min(0).max(300_000).default(30_000),
      reason: line(200).min(1).default('manual_request'),
      dryRun,
    }),
    output: z.object({
      dryRun: z.boolean(),
      roles: z.int(),
      /** Null with `dryRun`. It goes on after this answer; system.health tells how it ended. */
      restart: restart.nullable(),
      repeated: z.boolean().optional(),
    }),
  },
});
