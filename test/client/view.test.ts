import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { TroupeError } from '../../src/errors.ts';
import { Link } from '../../src/client/link.ts';
import type { LiveView, ViewChange } from '../../src/client/view.ts';
import type { TaskId } from '../../src/ids.ts';
import type { Task } from '../../src/protocol/task.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { randomFrom } from '../support/random.ts';
import { linkTo, scripted } from './scripted.ts';
import { serviceOn } from './serving.ts';
import { board, everyField, expectEqual, viewOf } from './viewing.ts';
import { Writer } from './writer.ts';

/** `SEED=…` repeats what is written, and where connections and services end. */

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));

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

/** Everything in the directory is replaced by what is in the other. */
async function replaceBy(data: string, other: string): Promise<void> {
  for (const name of await readdir(data)) await rm(join(data, name), { recursive: true });
  await cp(other, data, { recursive: true });
}

test('a directory that was restored is listed anew, and the view is never empty meanwhile', async () => {
  const [data, kept] = [await temporaryDirectory(), await temporaryDirectory()];
  const service = await serviceOn(data);
  const link = linkTo(service.address);
  const writer = new Writer(link, randomFrom(seed));
  await writer.session();
  await writer.write(40);
  await service.restart(() => cp(data, kept, { recursive: true }));
  await writer.write(120);
  const { task } = await link.call('task.create', { title: 'lost' });
  const view = viewOf(link, { fields: everyField });
  await expectEqual(link, view, {}, everyField);
  expect(view.items.has(task.id)).toBe(true);
  const sizes: number[] = [];
  const went = new Set<string>();
  const states = new Set<string>();
  view.subscribe(({ gone }) => {
    sizes.push(view.items.size);
    states.add(view.state);
    for (const id of gone) went.add(id);
  });
  await service.restart(() => replaceBy(data, kept));
  await expect.poll(() => went.has(task.id)).toBe(true);
  await expectEqual(link, view, {}, everyField);
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  expect([...states].toSorted()).toEqual(['live', 'loading', 'lost']);
});

test('a view of more tasks than it may hold has those that changed last, and says how many there are', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const link = linkTo(service.address);
  const made: TaskId[] = [];
  const changedAt = new Map<string, string>();
  for (let n = 0; n < 20; n += 1) {
    const { task } = await link.call('task.create', { title: `t${n}` });
    made.push(task.id);
    changedAt.set(task.title, task.updatedAt);
  }
  const view = viewOf(link, { fields: ['title'], limit: 6 });
  await expect.poll(() => view.state).toBe('live');
  const held = () => [...view.items.values()].map(({ title }) => title);
  // By their times: two may be of the same millisecond.
  const newest = [...changedAt.values()].toSorted().slice(-6);
  const times = held().map((title) => changedAt.get(title ?? '') ?? '');
  expect([times.toSorted(), view.total, view.truncated]).toEqual([newest, 20, true]);
  await link.call('task.edit', { taskId: made[3]!, set: { title: 'edited' } });
  await expect.poll(held).toContain('edited');
  expect([held().length, view.total]).toEqual([6, 20]);
  await link.call('task.create', { title: 'new' });
  await expect.poll(held).toContain('new');
  expect([held().length, view.total]).toEqual([6, 21]);
  await link.call('task.cancel', { taskId: made[5]! });
  await link.call('task.archive', { taskId: made[5]! });
  await expect.poll(() => view.total).toBe(20);
  const all = viewOf(link, { fields: ['title'] });
  await expect.poll(() => all.state).toBe('live');
  expect([all.items.size, all.total, all.truncated]).toEqual([20, 20, false]);
});

test('listeners hear once of what came together, which rows changed, which went, and the last event of each', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const link = linkTo(service.address);
  const ids: TaskId[] = [];
  for (let n = 0; n < 30; n += 1) ids.push((await link.call('task.create', { title: `t${n}` })).task.id);
  const view = viewOf(link, { fields: ['title', 'status', 'priority'] });
  await expect.poll(() => view.state).toBe('live');
  const heard: ViewChange[] = [];
  view.subscribe((change) => void heard.push(change));
  await Promise.all(ids.map((taskId, n) => link.call('task.edit', { taskId, set: { title: `edited ${n}`, priority: 9 } })));
  await expect.poll(() => [...view.items.values()].filter(({ priority }) => priority === 9).length).toBe(30);
  expect(new Set(heard.flatMap(({ changed }) => [...changed]))).toEqual(new Set(ids));
  expect(heard.length).toBeLessThan(30);
  expect(view.items.get(ids[0]!)).toMatchObject({ title: 'edited 0', rev: 2, last: { type: 'task.edited', by: 'default/w-1' } });
  await link.call('task.cancel', { taskId: ids[0]! });
  await link.call('task.archive', { taskId: ids[0]! });
  await expect.poll(() => view.items.has(ids[0]!)).toBe(false);
  expect(heard.at(-1)?.gone).toEqual(new Set([ids[0]]));
  const told = heard.length;
  view.close();
  expect([view.state, view.error?.reason, heard.length]).toEqual(['lost', 'CANCELLED', told + 1]);
});

test('a view of a project that the token does not open ends with the refusal', async () => {
  const service = await scripted((asking) => {
    if (asking.method === 'events.subscribe') asking.answer({ view: 'v', mode: 'live', position: 'p' });
    else asking.refuse(new TroupeError('FORBIDDEN', 'the token does not open it'));
  });
  const view = viewOf(linkTo(service.address), { fields: ['title'], filter: { project: 'secret' } });
  await expect.poll(() => view.error?.reason).toBe('FORBIDDEN');
  expect(view.state).toBe('lost');
});

test('a view of one plan follows the pauses of its session', async () => {
  const service = await serviceOn(await temporaryDirectory());
  const link = linkTo(service.address);
  const sessionId = (await link.call('session.create', { title: 'work' })).session.id;
  const { task } = await link.call('task.plan', { title: 'plan', sessionId });
  await link.call('session.pause', { sessionId });
  const filter = { rootId: task.id };
  const fields = ['ready', 'stage', 'status'] as const;
  const view = viewOf<keyof Task>(link, { filter, fields });
  await expectEqual(link, view, filter, fields);
  expect(view.items.get(task.id)?.ready).toBe(false);
  await link.call('session.resume', { sessionId });
  await expect.poll(() => view.items.get(task.id)?.ready).toBe(true);
  await link.call('session.pause', { sessionId });
  await expectEqual(link, view, filter, fields);
  await link.call('task.note', { taskId: task.id, text: 'while paused' });
  await expect.poll(() => view.items.get(task.id)?.last?.type).toBe('task.noted');
  expect(view.items.get(task.id)?.ready).toBe(false);
});
