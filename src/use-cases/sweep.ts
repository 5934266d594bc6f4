import { Buffer } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import { TroupeError } from '../errors.ts';
import type { ListQuery } from '../persistence/store.ts';
import type { TaskSummary } from '../protocol/task.ts';
import type { Within } from './within.ts';

/** A walk over tasks that takes as many calls as it needs: each ends when its answer is full, or when it has seen enough. */

export interface Phase {
  readonly filter: ListQuery['filter'];
  readonly sort: ListQuery['sort'];
  /** Nothing from this task on, in the order of the walk, is of interest. */
  readonly ends?: (task: TaskSummary) => boolean;
}

const pageItems = 200;
const mostExamined = 10_000;

/** The phase, the page of it and the last task on that page that was done with. */
const place = z.tuple([z.int().min(0).max(16), z.string().nullable(), z.string().nullable()]);
type Place = z.output<typeof place>;

function decode(cursor: string | undefined): Place {
  if (cursor === undefined) return [0, null, null];
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    const message = 'is not one that a page of this method ended with';
    throw new TroupeError('INVALID_PARAMS', `the cursor ${message}`, { issues: [{ path: 'cursor', message }], fix: 'begin without one' });
  }
}

const encode = (at: Place): string => Buffer.from(JSON.stringify(at)).toString('base64url');

/** What is left of a page that was begun before; all of it when the last one has moved on, so nothing is left out. */
function after(items: readonly TaskSummary[], last: string | null): readonly TaskSummary[] {
  return last === null ? items : items.slice(items.findIndex(({ id }) => id === last) + 1);
}

export interface Swept<T> {
  readonly items: T[];
  readonly examined: number;
  readonly nextCursor: string | null;
}

/**
 * Looks at the tasks of each phase in turn. `look` gets up to a page of them and answers, for each by its place, what was found.
 * The event loop is free between pages.
 */
export async function sweep<T>(
  scope: Within,
  phases: readonly Phase[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  look: (tasks: readonly TaskSummary[], room: number) => Promise<readonly (readonly T[])[]>,
): Promise<Swept<T>> {
  const items: T[] = [];
  let examined = 0;
  let [index, at, last]: Place = decode(cursor);
  for (;;) {
    const phase = phases[index];
    if (phase === undefined) return { items, examined, nextCursor: null };
    const page = await scope.list({ filter: phase.filter, sort: phase.sort, limit: pageItems, cursor: at ?? undefined });
    const end = phase.ends === undefined ? -1 : page.items.findIndex(phase.ends);
    const tasks = after(end < 0 ? page.items : page.items.slice(0, end), last);
    const found = await look(tasks, limit - items.length);
    for (const [n, task] of tasks.entries()) {
      const more = found[n];
      // What there was no room for is left to the next call.
      if (more === undefined || items.length >= limit || examined >= mostExamined)
        return { items, examined, nextCursor: encode([index, at, last]) };
      items.push(...more);
      examined += 1;
      last = task.id;
    }
    [index, at, last] = end >= 0 || page.next === null ? [index + 1, null, null] : [index, page.next, null];
    await nextTurn();
  }
}
