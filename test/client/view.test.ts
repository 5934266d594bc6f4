import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { Link } from '../../src/client/link.ts';
import { LiveView } from '../../src/client/view.ts';
import type { ViewFilter, ViewOptions } from '../../src/client/view.ts';
import type { Task } from '../../src/protocol/task.ts';
import { task as taskSchema } from '../../src/protocol/task.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { linkTo } from './scripted.ts';
import { serviceOn } from './serving.ts';
import { Writer } from './writer.ts';

/** `SEED=…` repeats what is written, and where connections and services end. */

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
const everyField = Object.keys(taskSchema.shape) as (keyof Task)[];

/** What a page would ask for. */
const board = ['title', 'status', 'ready', 'stage', 'attempt', 'progress', 'priority', 'specialist', 'children', 'updatedAt'] as const;

export function viewOf<F extends keyof Task>(link: Link, options: ViewOptions<F>): LiveView<F> {
  const view = new LiveView(link, options);
  onTestFinished(() => view.close());
  return view;
}

/** Everything that the list has for the filter. */
export async function listed(link: Link, filter: ViewFilter, fields: readonly (keyof Task)[]) {
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

export const shown = (view: LiveView<keyof Task>, fields: readonly (keyof Task)[]) =>
  new Map(
    [...view.items.values()].map((row) => {
      const { id, ...rest } = Object.fromEntries(fields.map((field) => [field, row[field]]));
      return [String(row.id), rest];
    }),
  );

const byId = (tasks: ReadonlyMap<string, object>) => [...tasks].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** In the end the view is the list, in every member. */
async function expectEqual(link: Link, view: LiveView<keyof Task>, filter: ViewFilter, fields: readonly (keyof Task)[]): Promise<void> {
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

test('a view equals the list, whatever is done while connections and the service end and come back', async () => {
  console.log(`SEED=${seed}`);
  const random = randomFrom(seed);
  const service = await serviceOn(await temporaryDirectory());
  const sockets = new Set<WebSocket>();
  const link = new Link({
    address: service.address,
    client: { name: 'test', version: '1' },
    giveUpMs: Infinity,
    openSocket(url, subprotocol) {
      const socket = new WebSocket(url, subprotocol);
      sockets.add(socket);
      return socket;
    },
  });
  onTestFinished(() => link.close());
  const writing = linkTo(service.address);
  const writer = new Writer(writing, random);
  const sessionId = await writer.session();
  const rootId = await writer.plan(sessionId);
  const views = [
    { fields: everyField, filter: {} },
    { fields: board, filter: {} },
    { fields: board, filter: { rootId } },
    { fields: ['ready', 'lease', 'blocked', 'failures'], filter: { sessionId } },
    { fields: ['stage', 'notBefore', 'completedAt', 'startedAt'], filter: { project: 'default' } },
    { fields: ['title'], filter: { project: 'another' } },
  ] as const;
  const open = views.map(({ fields, filter }) => {
    const view: LiveView<keyof Task> = viewOf(link, { fields, filter });
    return { fields, filter, view };
  });
  for (let round = 0; round < 6; round += 1) {
    const done = writer.write(60);
    if (round % 2 === 1) for (const socket of sockets) socket.terminate();
    if (round % 3 === 2) await service.restart();
    await done;
  }
  expect(writer.refused).toBeLessThan(writer.commands);
  for (const { view, filter, fields } of open) await expectEqual(writing, view, filter, fields);
  expect(open[0]!.view.items.size).toBeGreaterThan(20);
  expect([open[0]!.view.truncated, open[0]!.view.total]).toEqual([false, open[0]!.view.items.size]);
});
