import { expect, onTestFinished } from 'vitest';
import type { Link } from '../../src/client/link.ts';
import { LiveView } from '../../src/client/view.ts';
import type { ViewFilter, ViewOptions } from '../../src/client/view.ts';
import type { Task } from '../../src/protocol/task.ts';
import { task as taskSchema } from '../../src/protocol/task.ts';

/** Live views that are held against the list. */

export const everyField = Object.keys(taskSchema.shape) as (keyof Task)[];

/** What a page would ask for. */
export const board = [
  'title',
  'status',
  'ready',
  'stage',
  'attempt',
  'progress',
  'priority',
  'specialist',
  'children',
  'updatedAt',
] as const;

/** A view that ends with the test. */
export function viewOf<F extends keyof Task>(link: Link, options: ViewOptions<F>): LiveView<F> {
  const view = new LiveView(link, options);
  onTestFinished(() => view.close());
  return view;
}

/** Everything that the list has for the filter. */
async function listed(link: Link, filter: ViewFilter, fields: readonly (keyof Task)[]) {
  const found = new Map<string, object>();
  for (let cursor: string | null = '', pages = 0; cursor !== null && pages < 100; pages += 1) {
    const at = cursor;
    const page: { items: readonly ({ id: string } & object)[]; nextCursor: string | null } = await link.call('task.list', {
      filter,
      fields: [...fields],
      limit: 1_000,
      ...(at === '' ? {} : { cursor: at }),
    });
    for (const { id, ...rest } of page.items) found.set(id, rest);
    cursor = page.nextCursor;
  }
  return found;
}

const shown = (view: LiveView<keyof Task>, fields: readonly (keyof Task)[]) =>
  new Map(
    [...view.items.values()].map((row) => {
      const { id: _id, ...rest } = Object.fromEntries(fields.map((field) => [field, row[field]]));
      return [row.id, rest] as const;
    }),
  );

const byId = (tasks: ReadonlyMap<string, object>) => [...tasks].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** In the end the view is the list, in every member. */
export async function expectEqual(
  link: Link,
  view: LiveView<keyof Task>,
  filter: ViewFilter,
  fields: readonly (keyof Task)[],
): Promise<void> {
  const state = async () => {
    const all = ['id', ...fields] as const;
    return { state: view.state, items: byId(shown(view, all)), list: byId(await listed(link, filter, all)) };
  };
  await expect
    .poll(
      async () => {
        const { state: now, items, list } = await state();
        return now === 'live' && JSON.stringify(items) === JSON.stringify(list);
      },
      { timeout: 20_000 },
    )
    .toBe(true)
    .catch(async () => {
      const { items, list } = await state();
      expect(items).toEqual(list);
    });
}
