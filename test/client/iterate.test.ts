import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Client, EventItem } from '../../src/client/node.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { startTroupe } from '../stream/service.ts';
import { clientOf } from './running.ts';
import { serviceOn } from './serving.ts';

/** Iterations of events against a real service in this process. `SEED=…` repeats where connections end. */

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));

const titleOf = (item: EventItem): string => (item.kind === 'event' ? JSON.stringify(item.event.data['title']) : '').replaceAll('"', '');

/** The titles of tasks that were made, in the order in which they were told. */
const createdIn = (items: readonly EventItem[]): string[] =>
  items.flatMap((item) => (item.kind === 'event' && item.event.type === 'task.created' ? [titleOf(item)] : []));

/** Takes items until one passes, each after `pause`. */
async function take(events: AsyncGenerator<EventItem, void>, isLast: (item: EventItem) => boolean, pause = async () => {}) {
  const items: EventItem[] = [];
  for (;;) {
    const { value, done } = await events.next();
    if (done === true || value === undefined) throw new Error(`it ended after ${items.length} items`);
    items.push(value);
    if (isLast(value)) return items;
    await pause();
  }
}

const titled = (title: string) => (item: EventItem) => titleOf(item) === title;

async function make(client: Client, titles: readonly string[]): Promise<void> {
  for (const title of titles) await client.task.create({ title });
}

test('nothing is missed and nothing told twice while connections and the service end and come back', async () => {
  console.log(`SEED=${seed}`);
  const random = randomFrom(seed);
  const service = await serviceOn(await temporaryDirectory());
  const { client, cut } = clientOf(service.address);
  const events = client.events();
  expect(await events.next()).toMatchObject({ value: { kind: 'live' } });
  const titles: string[] = [];
  let cuts = 0;
  const making = (async () => {
    for (let round = 0; round < 12; round += 1) {
      const some = Array.from({ length: 10 }, (_, n) => `task ${round}-${n}`);
      titles.push(...some);
      const made = some.map((title) => client.task.create({ title }));
      if (round % 6 === 4) await service.restart();
      else if (random() < 0.5) cuts += cut();
      await Promise.all(made);
    }
    await client.task.create({ title: 'the last' });
  })();
  const items = await take(events, titled('the last'));
  await making;
  expect(cuts).toBeGreaterThan(0);
  expect(createdIn(items).toSorted()).toEqual([...titles, 'the last'].toSorted());
  expect(items.filter(({ kind }) => kind !== 'event')).toEqual([]);
});

test('a slow consumer makes the service wait: little is held here, and nothing is lost', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const { client, asked } = clientOf(service.address);
  const other = clientOf(service.address).client;
  // A quick one of the same filter shares the view of the connection, and goes on.
  const shared: unknown[] = [];
  client.link.follow((each) => void (each.kind === 'events' && shared.push(...each.events)));
  const events = client.events({}, { limit: 10 });
  expect((await events.next()).value?.kind).toBe('live');
  const titles = Array.from({ length: 200 }, (_, n) => `task ${n}`);
  await make(other, titles);
  const items = await take(events, titled('task 199'), () => new Promise((resolve) => setImmediate(resolve)));
  expect(createdIn(items)).toEqual(titles);
  // It was made to wait, and came back for the rest.
  expect(asked.filter((method) => method === 'events.subscribe').length).toBeGreaterThan(2);
  await expect.poll(() => shared.length, { timeout: 20_000 }).toBe(200);
  await events.return();
  await client.task.create({ title: 'after' });
  await expect.poll(() => shared.length, { timeout: 20_000 }).toBe(201);
});

test('one that is too slow for the window of the service is told to list, and goes on from there', async () => {
  const { client } = clientOf(async () => address, { patienceMs: 2_000 });
  const address = await startTroupe({ windowEvents: 50 });
  const events = client.events({}, { limit: 10 });
  expect((await events.next()).value?.kind).toBe('live');
  await make(
    client,
    Array.from({ length: 300 }, (_, n) => `early ${n}`),
  );
  const items = await take(events, ({ kind }) => kind === 'list');
  expect(createdIn(items).length).toBeLessThan(300);
  const rest = take(events, titled('late'));
  await client.task.create({ title: 'late' });
  expect(createdIn(await rest)).toContain('late');
});

test('another log is told as a list, in its place among the events', async () => {
  const data = await temporaryDirectory();
  const service = await serviceOn(data);
  const { client } = clientOf(service.address);
  const events = client.events();
  await events.next();
  await client.task.create({ title: 'lost' });
  await take(events, titled('lost'));
  const next = take(events, titled('new'));
  await service.restart(async () => {
    for (const name of ['db.json', 'journal.1.jsonl', 'journal.2.jsonl']) await rm(join(data, name), { force: true });
  });
  await client.link.ping();
  await expect.poll(async () => (await client.task.list()).items.length, { timeout: 20_000 }).toBe(0);
  await client.task.create({ title: 'new' });
  expect((await next).map(({ kind }) => kind)).toEqual(['list', 'event']);
});

test('it goes on behind the position of an event that was taken before', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const { client } = clientOf(service.address);
  const first = client.events();
  await first.next();
  await make(client, ['a', 'b', 'c']);
  const last = (await take(first, titled('a'))).at(-1);
  await first.return();
  const since = last?.kind === 'event' ? last.event.position : '';
  const items = await take(client.events({}, { since }), titled('c'));
  expect(createdIn(items)).toEqual(['b', 'c']);
});

test('a signal ends it, while it waits and between two items; the end of the client is an error', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const { client } = clientOf(service.address);
  const abort = new AbortController();
  const events = client.events({}, { signal: abort.signal });
  await events.next();
  const waiting = events.next();
  abort.abort();
  expect((await waiting).done).toBe(true);
  expect((await client.events({}, { signal: abort.signal }).next()).done).toBe(true);
  const open = client.events();
  await open.next();
  const ended = open.next().catch((error: unknown) => error);
  await client.close();
  expect(await ended).toMatchObject({ reason: 'CANCELLED', retryable: true });
});
