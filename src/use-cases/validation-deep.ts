import { createHash } from 'node:crypto';
import type { TaskId } from '../ids.ts';
import { isTaskId } from '../ids.ts';
import { TroupeError } from '../errors.ts';
import { findCycle, waitersOf } from '../machines/graph.ts';
import type { TaskContext } from '../machines/context.ts';
import type { ArtifactRef } from '../protocol/task.ts';
import type { Services } from './services.ts';
import type { Fault, Tell } from './validation.ts';
import type { Loaded } from './within.ts';

/** What takes more than the records of a page: histories, circles, and the bytes of artifacts. */

const historyEvents = 200;
const pageBytes = 65_536;
/** Tasks that a search for circles follows before it leaves the rest to be asked for by task. */
const mostFollowed = 20_000;

/** Revisions are dense: until the history is full nothing of it has aged out. */
export async function checkHistory({ store }: Services, { id, record }: Loaded, tell: Tell): Promise<void> {
  const { rev, snapshot } = record;
  const { items } = await store.history(id, { limit: historyEvents });
  const newest = items.at(-1)?.rev ?? 0;
  if (newest !== rev) tell('history', `is at revision ${rev}, its history at ${newest}`);
  if (snapshot.context.marks.deletedBy !== null) return;
  const isWhole = rev <= historyEvents;
  const gap = items.findIndex((event, index) => (isWhole ? event.rev !== index + 1 : event.rev <= (items[index - 1]?.rev ?? 0)));
  if (gap >= 0) tell('history', `its history goes from revision ${items[gap - 1]?.rev ?? 0} to ${items[gap]?.rev ?? 0}`);
}

/** The contexts of the tasks and of all who wait for them, directly or not. */
async function waitingFor({ store }: Services, starts: readonly TaskId[]): Promise<ReadonlyMap<TaskId, TaskContext> | null> {
  const contexts = new Map<TaskId, TaskContext>();
  let wanted: readonly TaskId[] = starts;
  while (wanted.length > 0) {
    if (contexts.size + wanted.length > mostFollowed) return null;
    const next = new Set<TaskId>();
    for (const [id, { snapshot }] of await store.load(wanted)) {
      if (!isTaskId(id)) continue;
      contexts.set(id, snapshot.context);
      const { spec, dependents } = snapshot.context;
      for (const other of [spec.parentId, ...dependents.direct, ...dependents.inherited]) if (other !== null) next.add(other);
    }
    wanted = [...next].filter((id) => !contexts.has(id));
  }
  return contexts;
}

/** A circle of waiting that the tasks lead to, told at that of its tasks whose id comes first, so that it is told once. */
export async function circleThrough(services: Services, starts: readonly TaskId[]): Promise<Fault | null> {
  const [start] = starts;
  if (start === undefined) return null;
  const contexts = await waitingFor(services, starts);
  const message = `more than ${mostFollowed} tasks wait for those of this page, so circles were not looked for: ask for a project or a task`;
  if (contexts === null) return { taskId: start, check: 'circle', message };
  const contextOf = (id: TaskId) => {
    const context = contexts.get(id);
    if (context === undefined) throw new Missing();
    return context;
  };
  const waiters = (id: TaskId) => {
    try {
      return waitersOf(id, contextOf);
    } catch (error) {
      // What is missing is told where it is named.
      if (error instanceof Missing) return [];
      throw error;
    }
  };
  const circle = findCycle(starts, waiters)?.map(({ taskId }) => taskId);
  const [taskId] = circle?.toSorted() ?? [];
  return circle === undefined || taskId === undefined
    ? null
    : { taskId, check: 'circle', message: `waits for itself: ${circle.join(' → ')}` };
}

class Missing extends Error {}

/** Reads the bytes page by page; answers how many there were. */
async function checkArtifact({ store }: Services, { id, bytes, sha256 }: ArtifactRef, tell: Tell): Promise<number> {
  const hash = createHash('sha256');
  let offset = 0;
  try {
    for (;;) {
      const page = await store.readArtifact(id, { offset, length: pageBytes });
      if (page.length === 0) break;
      hash.update(page);
      offset += page.length;
    }
  } catch (error) {
    if (!(error instanceof TroupeError)) throw error;
    tell('artifact', `${id} can't be read: ${error.message}`);
    return offset;
  }
  if (offset !== bytes) tell('artifact', `${id} has ${offset} bytes, should have ${bytes}`);
  else if (hash.digest('hex') !== sha256) tell('artifact', `${id} is not what was stored: its hash differs`);
  return offset;
}

export async function checkArtifacts(services: Services, { record }: Loaded, tell: Tell): Promise<number> {
  let read = 0;
  for (const artifact of record.snapshot.context.artifacts) read += await checkArtifact(services, artifact, tell);
  return read;
}
