import type { Done } from '../actors/system.ts';
import { formatTime } from '../clock.ts';
import type { SessionId } from '../ids.ts';
import type { SessionState } from '../machines/session-context.ts';
import { allowedSessionEvents } from '../machines/session-refusal.ts';
import type { SessionRecord, SessionTasks, SessionView } from '../persistence/store.ts';
import type { Session, SessionSummary } from '../protocol/session.ts';
import type { Services } from './services.ts';

/** How a session is told to the caller. */

/** When the session or one of its tasks last changed, in milliseconds. */
export const lastActivityOf = ({ context }: SessionState, { lastActivity }: SessionTasks): number =>
  Math.max(context.marks.updatedAt, lastActivity ?? 0);

function summaryOf(id: SessionId, rev: number, state: SessionState, tasks: SessionTasks): SessionSummary {
  const { spec } = state.context;
  return {
    id,
    project: spec.project,
    title: spec.title,
    status: state.value,
    workingDirectory: spec.workingDirectory,
    tasks: { ...tasks.byStatus },
    ready: tasks.ready,
    plans: tasks.plans,
    rev,
    createdAt: formatTime(spec.createdAt),
    lastActivity: formatTime(lastActivityOf(state, tasks)),
  };
}

export const tellSummary = ({ record: { id, rev, snapshot }, tasks }: SessionView): SessionSummary => summaryOf(id, rev, snapshot, tasks);

function whole(id: SessionId, rev: number, state: SessionState, tasks: SessionTasks): Session {
  const { spec, pause, summary, marks } = state.context;
  return {
    ...summaryOf(id, rev, state, tasks),
    context: spec.context,
    paused: pause === null ? null : { reason: pause.reason, by: pause.by, since: formatTime(pause.at) },
    summary,
    allowed: [...allowedSessionEvents(state)],
    createdBy: spec.createdBy,
    updatedAt: formatTime(marks.updatedAt),
    completedAt: marks.completedAt === null ? null : formatTime(marks.completedAt),
  };
}

export const tellSession = ({ record: { id, rev, snapshot }, tasks }: SessionView): Session => whole(id, rev, snapshot, tasks);

/** The session as the command left it, or, when the command was sent twice, as it is now; its tasks as they are now. */
export async function tellSessionDone(
  { store, log }: Services,
  id: SessionId,
  done: Done<unknown, SessionRecord>,
): Promise<{ session: Session; position: string; repeated?: true }> {
  const view = await store.session(id);
  if (view === null) throw new Error(`session ${id} was addressed and is not there`);
  if (done.repeated) return { session: whole(id, done.record.rev, done.record.snapshot, view.tasks), position: log.head, repeated: true };
  const part = done.sessions.get(id);
  if (part === undefined || done.position === null) throw new Error(`${id} was addressed by a command that left it alone`);
  return { session: whole(id, part.rev, part.state, view.tasks), position: done.position };
}
