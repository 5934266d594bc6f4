import type { Conversation } from '../actors/conversation.ts';
import { formatTime } from '../clock.ts';
import { TroupeError } from '../errors.ts';
import { classOf, openStatuses } from '../machines/readings.ts';
import type { Input, Output } from '../protocol/methods.ts';
import type { TaskSummary } from '../protocol/task.ts';
import { limits } from '../protocol/values.ts';
import { closedSubtree } from './archive.ts';
import { cancelTree } from './cancel.ts';
import type { Caller } from './caller.ts';
import { converse } from './mutate.ts';
import type { Handler, Services } from './services.ts';
import { clipped, orphanedBy } from './stale.ts';
import { sweep } from './sweep.ts';
import type { Phase } from './sweep.ts';
import { loadAll, within } from './within.ts';

type Archived = Output<'maintenance.archive'>['items'][number];
type Kind = Archived['kind'];
type Asked = Input<'maintenance.archive'>;

const dayMs = 86_400_000;
/** One call archives no more tasks than this, and whole the tree that passes it. */
const mostTasks = 2_000;

/** What the tree is old as; null while somebody may come back to it. */
async function kindOf(services: Services, root: TaskSummary, open: readonly TaskSummary[]): Promise<Kind | null> {
  if (open.length === 0) return root.status === 'completed' ? 'completed' : 'failed';
  const loaded = await loadAll(services, open);
  for (const task of loaded) if ((await orphanedBy(services, task)) !== null) return 'orphaned';
  // What is due one day was not forgotten.
  const now = services.store.now();
  return loaded.some(({ record }) => (record.snapshot.context.spec.dueAt ?? 0) > now) ? null : 'stale';
}

/** The tree, if it is old enough to be archived. */
async function oldTree(services: Services, root: TaskSummary, { kinds, days }: Asked): Promise<Archived | null> {
  const { store } = services;
  const { items } = await store.list({ filter: { rootId: root.id }, sort: 'updated', limit: limits.treeTasks });
  if (items.length === 0) return null;
  const last = Math.max(...items.map(({ updatedAt }) => Date.parse(updatedAt)));
  const age = store.now() - last;
  if (kinds.every((kind) => age < days[kind] * dayMs)) return null;
  const open = items.filter(({ status }) => classOf(status) === 'open');
  const kind = await kindOf(services, root, open);
  if (kind === null || !kinds.includes(kind) || age < days[kind] * dayMs) return null;
  const { id, title } = root;
  return { taskId: id, title: clipped(title, 120), kind, tasks: items.length, open: open.length, lastChangeAt: formatTime(last) };
}

/** Cancels what is open and archives the whole tree, in one unit, unless something in it has moved since it was looked at. */
function archiveTree(talk: Conversation, { taskId, kind, open, lastChangeAt }: Archived, days: number): boolean {
  const last = Date.parse(lastChangeAt);
  const tree = [taskId, ...talk.descendants(taskId)];
  if (tree.some((id) => talk.state(id).value !== 'archived' && talk.state(id).context.marks.updatedAt > last)) return false;
  if (open > 0) cancelTree(talk, taskId, { reason: `${kind}: nothing has moved for ${days} days`, subtree: true });
  for (const id of closedSubtree(talk, taskId))
    if (talk.state(id).value !== 'archived') talk.send(id, { type: 'ARCHIVE', at: talk.at, by: talk.by });
  return true;
}

async function archived(services: Services, tree: Archived, { commandId, days }: Asked, caller: Caller): Promise<boolean> {
  const own = commandId === undefined ? undefined : `${commandId}:${tree.lastChangeAt}`;
  const { taskId, kind } = tree;
  try {
    const done = await converse(services, 'maintenance.archive', { taskId, commandId: own }, caller, (talk) =>
      archiveTree(talk, tree, days[kind]),
    );
    return done.repeated || done.value;
  } catch (error) {
    // Somebody was quicker, or what is open can't be seen yet: it is looked at again another time.
    if (error instanceof TroupeError && (error.reason === 'INVALID_TRANSITION' || error.reason === 'CHILDREN_UNFINISHED')) return false;
    throw error;
  }
}

/** The least recently changed first; a root that is younger than every limit ends its phase, since its tree is no older. */
function phasesOf({ kinds, days }: Asked, now: number): readonly Phase[] {
  const youngest = Math.min(...kinds.map((kind) => days[kind])) * dayMs;
  const ends = ({ updatedAt }: TaskSummary) => now - Date.parse(updatedAt) < youngest;
  return (['completed', 'failed', 'cancelled', ...openStatuses] as const).map((status) => ({
    filter: { status: [status] },
    sort: 'updated',
    ends,
  }));
}

export const archiveOld: Handler<'maintenance.archive'> = async (services, input, caller) => {
  const scope = await within(services, input, caller);
  let tasksLeft = mostTasks;
  const swept = await sweep(scope, phasesOf(input, services.store.now()), input, async (tasks, room) => {
    const found: Archived[][] = [];
    let left = room;
    for (const task of tasks) {
      if (left === 0 || tasksLeft <= 0) break;
      const tree = task.parentId !== null ? null : await oldTree(services, task, input);
      const isDone = tree !== null && (input.dryRun || (await archived(services, tree, input, caller)));
      found.push(isDone ? [tree] : []);
      if (!isDone) continue;
      left -= 1;
      if (!input.dryRun) tasksLeft -= tree.tasks;
    }
    return found;
  });
  return { dryRun: input.dryRun, ...swept, position: services.log.head };
};
