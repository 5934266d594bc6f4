import { expect, test } from 'vitest';
import { addToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import type { Client, Params, ReceivedEvent } from '../support/client.ts';
import { randomFrom } from '../support/random.ts';
import { startTroupe } from './service.ts';
import { Tally, write } from './writers.ts';

/** A filtered view has exactly what one gets who takes everything and filters by hand, live and replayed. */

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
type Filter = NonNullable<Params<'events.subscribe'>['filter']>;

const bare = ({ view, ...event }: ReceivedEvent): unknown => ({ ...event, isOfView: view !== '' });
const isPicked =
  (filter: Filter, projects: readonly string[] | null = null) =>
  (event: ReceivedEvent): boolean =>
    Object.entries(filter).every(([member, value]) => event[member] === value) && (projects?.includes(event.project) ?? true);

test(`filters and tokens select what filtering by hand selects (SEED=${seed})`, async () => {
  const service = await startTroupe({ limits: { heartbeatMs: 500 } });
  const boss = await connect(service.url, service.token);
  const { position: since } = boss.hello;
  const token = addToken(service.data, { name: 'narrow', scopes: ['read'], projects: ['web', 'ops'], now: 0 });
  const [all, narrow] = [await connect(service.url, service.token), await connect(service.url, token)];
  await all.request('events.subscribe', {});
  const plan = await boss.request('task.plan', { title: 'Web', project: 'web', tasks: [{ ref: 'a', title: 'A' }, { title: 'B' }] });
  const other = await boss.request('task.create', { title: 'Api', project: 'api' });
  const [rootId, taskId] = [plan.task.id, plan.tasks['a']];
  if (taskId === undefined) throw new TypeError('the plan has no first part');

  const filters: readonly Filter[] = [
    {},
    { project: 'web' },
    { rootId },
    { taskId },
    { project: 'web', rootId, taskId },
    { project: 'api', rootId },
  ];
  const allowed: readonly Filter[] = [{}, { project: 'ops' }, { rootId }];
  const views: { client: Client; view: string; picks: (event: ReceivedEvent) => boolean }[] = [];
  const follow = async (client: Client, filter: Filter, projects: readonly string[] | null, batchMs?: number): Promise<void> => {
    const params = { since, filter, ...(batchMs === undefined ? {} : { batchMs }) };
    const { view, mode } = await client.request('events.subscribe', params);
    expect(mode).toBe('resumed');
    views.push({ client, view, picks: isPicked(filter, projects) });
  };
  for (const filter of filters) await follow(boss, filter, null);
  for (const filter of allowed) await follow(narrow, filter, ['web', 'ops']);
  await follow(boss, { project: 'web' }, null, 5);
  // What a token does not open is refused by name, and a tree in it is as if it were not there.
  await expect(narrow.request('events.subscribe', { filter: { project: 'api' } })).rejects.toMatchObject({ reason: 'FORBIDDEN' });
  await expect(narrow.request('events.subscribe', { filter: { rootId: other.task.id } })).rejects.toMatchObject({
    code: expect.any(Number),
  });

  const tally = new Tally();
  const writing = write({ address: Promise.resolve(service) }, 'w', randomFrom(seed), tally);
  for (const id of [taskId, rootId]) await boss.request('task.note', { taskId: id, text: 'noted' });
  await tally.reached(400);
  tally.stopped = true;
  await writing;
  // Views of one connection are joined late as well: the whole of it is replayed to these.
  const late = await connect(service.url, service.token);
  for (const filter of filters) await follow(late, filter, null);
  const { position: head } = await boss.request('system.ping', {});
  const isThere = (client: Client, view: string) => () =>
    client.notifications.some(({ method, params }) => method === 'events.bookmark' && params.view === view && params['position'] === head);
  await all.until(() => all.events.at(-1)?.position === head);
  for (const { client, view, picks } of views) {
    await client.until(isThere(client, view), 10_000);
    expect(client.events.filter((event) => event.view === view).map(bare)).toEqual(all.events.filter(picks).map(bare));
  }
  await Promise.all([boss, all, narrow, late].map((client) => client.close()));
});
