import { freshCommandId } from '../actors/derive.ts';
import { formatTime } from '../clock.ts';
import { TroupeError } from '../errors.ts';
import type { SessionId, TaskId } from '../ids.ts';
import { openStatuses } from '../machines/readings.ts';
import type { SessionView } from '../persistence/store.ts';
import type { Input, Output } from '../protocol/methods.ts';
import { nameOf, openTask, requireProject } from './access.ts';
import { archiveSubtree } from './archive.ts';
import type { Caller } from './caller.ts';
import type { Handler, Services } from './services.ts';
import { lastActivityOf } from './session-answer.ts';
import { countTasks, sendToSession } from './session-move.ts';

/** Archiving sessions that nobody needs, each with its finished trees. Whatever has an open task is kept as it is. */

type Cleanup = Input<'session.cleanup'>;
type Kept = Output<'session.cleanup'>['kept'][number];

const dayMs = 86_400_000;
const pageItems = 1_000;
const unarchived = [...openStatuses, 'completed', 'failed', 'cancelled'] as const;

function isOfKind({ record, tasks }: SessionView, kind: Cleanup['kind']): boolean {
  if (kind === 'all') return true;
  if (record.snapshot.value === 'completed') return kind === 'completed';
  return kind === (tasks.plans === 0 ? 'orphaned' : 'old');
}

const openOf = ({ tasks }: SessionView): number => openStatuses.reduce((sum, status) => sum + tasks.byStatus[status], 0);

const briefOf = ({ record: { id, project, snapshot }, tasks }: SessionView) => ({
  sessionId: id,
  title: snapshot.context.spec.title,
  project,
  status: snapshot.value,
  workingDirectory: snapshot.context.spec.workingDirectory,
  lastActivity: formatTime(lastActivityOf(snapshot, tasks)),
});

const itemOf = (view: SessionView) => ({
  ...briefOf(view),
  plans: view.tasks.plans,
  tasks: unarchived.reduce((sum, status) => sum + view.tasks.byStatus[status], 0),
});

const keptOf = (view: SessionView, open: number, reason: string): Kept => ({ ...briefOf(view), open, reason });

/** The sessions of that kind in which nothing has happened for so long. */
async function find({ store }: Services, { kind, olderThanDays, project }: Cleanup, caller: Caller): Promise<readonly SessionView[]> {
  const before = store.now() - olderThanDays * dayMs;
  const found: SessionView[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.sessions({ filter: { project }, limit: pageItems, cursor, projects: caller.projects ?? undefined });
    for (const view of page.items) if (isOfKind(view, kind) && lastActivityOf(view.record.snapshot, view.tasks) <= before) found.push(view);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return found;
}

async function rootsOf({ store }: Services, sessionId: SessionId): Promise<readonly TaskId[]> {
  const roots: TaskId[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ filter: { sessionId }, sort: 'created', limit: pageItems, cursor });
    for (const { id, parentId } of page.items) if (parentId === null) roots.push(id);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return roots;
}

/**
 * Completes the session first, so that nothing more can be planned in it; then its trees are archived, each in a unit of its own, and
 * the session last. What stops half-way leaves a completed session, for the next clean-up to go on with.
 */
async function cleanUp(services: Services, { record }: SessionView, commandId: string, caller: Caller): Promise<void> {
  const { id: sessionId } = record;
  if (record.snapshot.value !== 'completed') {
    const open = await countTasks(services, sessionId, openStatuses);
    await sendToSession(services, 'session.cleanup', { sessionId, commandId: `${commandId}:complete` }, caller, ({ at, by }) => ({
      type: 'COMPLETE',
      summary: null,
      open,
      at,
      by,
    }));
  }
  for (const root of await rootsOf(services, sessionId))
    await services.system.run({
      id: commandId,
      by: nameOf(caller),
      method: 'session.cleanup',
      payload: { sessionId },
      remembers: () => root,
      talk: (talk) => {
        talk.addressed = root;
        openTask(talk, root, caller);
        return archiveSubtree(talk, root);
      },
    });
  const left = await countTasks(services, sessionId, unarchived);
  await sendToSession(services, 'session.cleanup', { sessionId, commandId }, caller, ({ at, by }) => ({ type: 'ARCHIVE', left, at, by }));
}

/** What keeps one session says nothing about the others. */
const keeps: ReadonlySet<string> = new Set(['SESSION_UNFINISHED', 'CHILDREN_UNFINISHED', 'INVALID_TRANSITION', 'UNREADABLE']);

export const cleanUpSessions: Handler<'session.cleanup'> = async (services, input, caller) => {
  const { kind, olderThanDays, dryRun, project, limit, commandId = freshCommandId() } = input;
  if (project !== undefined) requireProject(caller, project);
  const found = await find(services, input, caller);
  const cleanable = found.filter((view) => openOf(view) === 0);
  const kept = found.filter((view) => openOf(view) > 0).map((view) => keptOf(view, openOf(view), 'it has open tasks'));
  const items: Output<'session.cleanup'>['items'] = [];
  for (const view of cleanable.slice(0, limit)) {
    try {
      if (!dryRun) await cleanUp(services, view, commandId, caller);
      items.push(itemOf(view));
    } catch (error) {
      if (!(error instanceof TroupeError) || !keeps.has(error.reason)) throw error;
      kept.push(keptOf(view, await countTasks(services, view.record.id, openStatuses), error.message));
    }
  }
  return {
    kind,
    olderThanDays,
    dryRun,
    found: found.length,
    cleanable: cleanable.length,
    cleaned: dryRun ? 0 : items.length,
    items,
    kept: kept.slice(0, limit),
    more: cleanable.length > limit || kept.length > limit,
    position: services.log.head,
  };
};
