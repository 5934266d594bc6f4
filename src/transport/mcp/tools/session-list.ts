import * as z from 'zod';
import { TroupeError } from '../../../errors.ts';
import { methods } from '../../../protocol/methods.ts';
import type { Session } from '../../../protocol/session.ts';
import { project } from '../../../protocol/values.ts';
import { mutation, sessionId } from '../arguments.ts';
import { answerBytes, countWithin } from '../fit.ts';
import { tool } from '../tool.ts';
import { openOf, stepsOf } from './sessions.ts';

/** Tools that find sessions, read them, and clear old ones away. */

const cleaned = methods['session.cleanup'];

export const listSessions = tool({
  name: 'orchestrator_list_sessions',
  title: 'Find sessions',
  description: 'Sessions, newest first: active and paused ones, with include_completed those that ended as well.',
  effect: 'reads',
  input: z.strictObject({
    include_completed: z.boolean().default(false),
    limit: z.int().min(1).max(1_000).default(10),
    project: project.optional(),
    cursor: z.string().min(1).max(500).optional(),
  }),
  output: z.object({
    sessions: z.array(
      z.object({
        session_id: z.string(),
        title: z.string(),
        status: z.string(),
        created_at: z.string(),
        last_activity: z.string(),
        working_directory: z.string().nullable(),
        open_tasks: z.int(),
        ready_tasks: z.int(),
      }),
    ),
    total_count: z.int(),
    displayed_count: z.int(),
    limit_applied: z.int(),
    next_cursor: z.string().nullable(),
    message: z.string(),
  }),
  async run({ backend, signal }, { include_completed: ended, limit, project: name, cursor }) {
    const page = async (most: number) => {
      const status = ended ? undefined : (['active', 'paused'] as const);
      const found = await backend.call(
        'session.list',
        { limit: most, project: name, cursor, ...(status && { status: [...status] }) },
        { signal },
      );
      const sessions = found.items.map((session) => ({
        session_id: session.id,
        title: session.title,
        status: session.status,
        created_at: session.createdAt,
        last_activity: session.lastActivity,
        working_directory: session.workingDirectory,
        open_tasks: openOf(session),
        ready_tasks: session.ready,
      }));
      return { ...found, sessions };
    };
    const whole = await page(limit);
    const count = countWithin(whole.sessions, answerBytes - 1_000);
    const { sessions, total, nextCursor } = count === whole.sessions.length ? whole : await page(count);
    const more = nextCursor === null ? '' : '; go on with cursor = next_cursor';
    return {
      data: {
        sessions,
        total_count: total,
        displayed_count: sessions.length,
        limit_applied: limit,
        next_cursor: nextCursor,
        message: `${sessions.length} of ${total} sessions${more}`,
      },
    };
  },
});

const cleanupItem = z.object({ session_id: z.string(), title: z.string(), status: z.string(), last_activity: z.string(), tasks: z.int() });

export const cleanupSessions = tool({
  name: 'orchestrator_cleanup_sessions',
  title: 'Clean up sessions',
  description:
    'Archives old sessions with their finished trees; any with an open task is kept. completed: those that ended; orphaned: others without a plan; old: others with one. A dry run unless dry_run is false.',
  effect: 'ends',
  input: z.strictObject({
    cleanup_type: cleaned.input.shape.kind,
    older_than_days: cleaned.input.shape.olderThanDays,
    dry_run: cleaned.input.shape.dryRun,
    project: project.optional(),
    ...mutation,
  }),
  output: z.object({
    cleanup_type: z.string(),
    dry_run: z.boolean(),
    older_than_days: z.int(),
    sessions_found: z.int(),
    sessions_to_cleanup: z.int(),
    cleaned_sessions: z.array(cleanupItem),
    kept_sessions: z.array(z.object({ session_id: z.string(), title: z.string(), reason: z.string() })),
    total_cleaned: z.int(),
    message: z.string(),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, args) {
    const { cleanup_type: kind, older_than_days: olderThanDays, dry_run: dryRun, project: name, command_id: commandId } = args;
    const done = await backend.call('session.cleanup', { kind, olderThanDays, dryRun, project: name, commandId }, { signal });
    const toDo = done.cleanable > 0 && dryRun;
    return {
      data: {
        cleanup_type: kind,
        dry_run: dryRun,
        older_than_days: olderThanDays,
        sessions_found: done.found,
        sessions_to_cleanup: done.cleanable,
        cleaned_sessions: done.items.map((item) => ({
          session_id: item.sessionId,
          title: item.title,
          status: item.status,
          last_activity: item.lastActivity,
          tasks: item.tasks,
        })),
        kept_sessions: done.kept.map((item) => ({ session_id: item.sessionId, title: item.title, reason: item.reason })),
        total_cleaned: done.cleaned,
        message: dryRun ? `${done.cleanable} sessions would be archived` : `${done.cleaned} sessions are archived`,
        next_steps: toDo
          ? ['archive them with dry_run false']
          : done.more
            ? ['call it again: there are more']
            : ['see those that are left with orchestrator_list_sessions'],
      },
    };
  },
});

const isUnknown = (error: unknown): boolean => error instanceof TroupeError && error.reason === 'SESSION_NOT_FOUND';

/** One word, and why. */
function healthOf({ status, tasks }: Session): { health: string; message: string } {
  if (status === 'paused') return { health: 'paused', message: 'nobody can claim its tasks until it is resumed' };
  if (status !== 'active') return { health: 'ended', message: `the session is ${status}` };
  const troubles = [
    ...(tasks.failed > 0 ? [`${tasks.failed} tasks failed`] : []),
    ...(tasks.blocked > 0 ? [`${tasks.blocked} tasks are blocked`] : []),
  ];
  return troubles.length > 0
    ? { health: 'needs_attention', message: troubles.join(', ') }
    : { health: 'good', message: 'nothing is stuck' };
}

export const sessionStatus = tool({
  name: 'orchestrator_session_status',
  title: 'See where a session stands',
  description: 'One session with how its tasks stand, counted now; exists is false for an id that there is not.',
  effect: 'reads',
  input: z.strictObject({ session_id: sessionId }),
  output: z.object({
    session_id: z.string(),
    exists: z.boolean(),
    title: z.string().nullable(),
    session_status: z.string().nullable(),
    created_at: z.string().nullable(),
    last_modified: z.string().nullable(),
    last_activity: z.string().nullable(),
    working_directory: z.string().nullable(),
    session_context: z.record(z.string(), z.unknown()),
    tasks: z.record(z.string(), z.int()),
    ready_tasks: z.int(),
    health: z.string(),
    message: z.string(),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, { session_id: id }) {
    const session = await backend.call('session.get', { sessionId: id }, { signal }).then(
      (found) => found.session,
      (error: unknown) => {
        if (isUnknown(error)) return null;
        throw error;
      },
    );
    return {
      data: {
        session_id: id,
        exists: session !== null,
        title: session?.title ?? null,
        session_status: session?.status ?? null,
        created_at: session?.createdAt ?? null,
        last_modified: session?.updatedAt ?? null,
        last_activity: session?.lastActivity ?? null,
        working_directory: session?.workingDirectory ?? null,
        session_context: session?.context ?? {},
        tasks: { ...session?.tasks },
        ready_tasks: session?.ready ?? 0,
        ...(session === null ? { health: 'unknown', message: 'there is no such session' } : healthOf(session)),
        next_steps: session === null ? ['find the id with orchestrator_list_sessions'] : stepsOf(session),
      },
    };
  },
});
