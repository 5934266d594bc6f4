import type { ActorId, TaskId } from '../ids.ts';
import type { ActorRecord } from '../persistence/store.ts';
import type { ActorEvent } from '../protocol/event.ts';
import { readTask } from './access.ts';
import type { Caller } from './caller.ts';
import type { Services } from './services.ts';
import { loadAll } from './within.ts';

/** What an inspector sees of the actors: committed records, of the projects that its token opens. */

/** One plan or one task; without either, all that is not archived. */
export interface InspectFilter {
  readonly rootId?: TaskId | undefined;
  readonly taskId?: TaskId | undefined;
}

const pageItems = 200;

/** Refuses what there is not, and what the caller may not see. */
export async function requireInspectable(services: Services, { rootId, taskId }: InspectFilter, caller: Caller): Promise<void> {
  for (const id of [rootId, taskId]) if (id !== undefined) await readTask(services, id, caller);
}

/** Page by page: sessions, then tasks, both in the order of their lists. A plan that was named comes with what is archived of it. */
export async function* actorsOf(services: Services, filter: InspectFilter, caller: Caller): AsyncGenerator<readonly ActorRecord[]> {
  const { store } = services;
  const { rootId, taskId } = filter;
  const projects = caller.projects ?? undefined;
  if (taskId !== undefined) return yield await recordsOf(services, [taskId]);
  if (rootId === undefined) {
    let cursor: string | undefined;
    do {
      const page = await store.sessions({ filter: {}, limit: pageItems, cursor, projects });
      yield page.items.map(({ record }) => record);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }
  const tasks = rootId === undefined ? {} : { rootId, includeArchived: true };
  let cursor: string | undefined;
  do {
    const page = await store.list({ filter: tasks, sort: 'created', limit: pageItems, cursor, projects });
    yield (await loadAll(services, page.items)).map(({ record }) => record);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

/** The records as they are now. */
export async function recordsOf({ store }: Services, ids: readonly ActorId[]): Promise<readonly ActorRecord[]> {
  return [...(await store.load(ids)).values()];
}

/** Which events belong to what `actorsOf` tells. */
export function inspects({ rootId, taskId }: InspectFilter, { projects }: Caller): (event: ActorEvent) => boolean {
  const allowed = projects === null ? null : new Set(projects);
  const isNamed = rootId !== undefined || taskId !== undefined;
  return (event) =>
    (allowed === null || allowed.has(event.project)) &&
    (rootId === undefined || event.rootId === rootId) &&
    (taskId === undefined || event.taskId === taskId) &&
    // What is erased after it was archived need never have been told.
    (isNamed || event.type !== 'task.deleted' || event.data['from'] !== undefined);
}
