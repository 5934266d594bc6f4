import { chmod, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Task } from '../../src/protocol/task.ts';
import { buildCommand, start } from '../support/command.ts';
import { randomFrom } from '../support/random.ts';
import { builtLink, isAlive, ownedDirectory } from './owned.ts';
import { refusal } from './scripted.ts';
import { board, everyField, expectEqual, viewOf } from './viewing.ts';
import { Writer } from './writer.ts';

let command: string;
let openLink: Awaited<ReturnType<typeof builtLink>>;
beforeAll(async () => {
  command = await buildCommand();
  openLink = await builtLink(command);
});

test('nobody owns the directory: a service is started, and another process finds the same', async () => {
  const { data, pid } = await ownedDirectory();
  const first = openLink({ data });
  expect(first.data.line).toBe(`${data} (given by --data)`);
  expect(await pid()).toBeNull();
  const { task } = await first.link.call('task.create', { title: 'Made by the first' });
  const owner = await pid();
  expect(isAlive(owner!)).toBe(true);
  const second = openLink({ data });
  expect((await second.link.call('task.get', { taskId: task.id })).task.title).toBe('Made by the first');
  expect(await pid()).toBe(owner);
  expect(second.worker).not.toBe(first.worker);
  expect((await stat(join(data, 'serve.log'))).mode & 0o777).toBe(0o600);
});

test('several at once: one owner, and every command is there', async () => {
  const { data, pid } = await ownedDirectory();
  const links = Array.from({ length: 3 }, () => openLink({ data }).link);
  const made = await Promise.all(links.map((link, n) => link.call('task.create', { title: `Of ${n}` })));
  const { items } = await links[0]!.call('task.list', {});
  expect(items.map(({ id }) => id).sort()).toEqual(made.map(({ task }) => task.id).sort());
  expect(isAlive((await pid())!)).toBe(true);
});

test('the owner is killed: the next command starts another, which goes on', async () => {
  const owned = await ownedDirectory();
  const { link } = openLink({ data: owned.data });
  const { task } = await link.call('task.create', { title: 'Kept' });
  const first = await owned.pid();
  expect(await owned.kill()).toBe(true);
  expect((await link.call('task.get', { taskId: task.id })).task.title).toBe('Kept');
  expect(await owned.pid()).not.toBe(first);
});

test('the owner is killed again and again while a view is open: in the end it is the list', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
  console.log(`SEED=${seed}`);
  const random = randomFrom(seed);
  const owned = await ownedDirectory();
  const { link } = openLink({ data: owned.data });
  const writing = openLink({ data: owned.data, worker: 'w-1' }).link;
  const writer = new Writer(writing, random);
  await writer.session();
  const views = [everyField, board].map((fields) => ({ fields, view: viewOf<keyof Task>(link, { fields }) }));
  for (let round = 0; round < 3; round += 1) {
    const done = writer.write(40);
    await expect.poll(() => writer.commands, { timeout: 10_000 }).toBeGreaterThan(round * 40 + Math.floor(random() * 30));
    expect(await owned.kill()).toBe(true);
    await done;
  }
  for (const { fields, view } of views) await expectEqual(writing, view, {}, fields);
  expect(views[0]!.view.items.size).toBeGreaterThan(0);
});

test('owner.json of a process that is gone, or of another one: it is not believed', async () => {
  const { data } = await ownedDirectory();
  await mkdir(data, { recursive: true });
  // Of a process that lives but does not listen there, as when a number is used again.
  await writeFile(join(data, 'owner.json'), JSON.stringify({ pid: process.pid, address: 'http://127.0.0.1:9', startedAt: 'then' }));
  await openLink({ data }).link.call('task.create', { title: 'Works' });
  expect(JSON.parse(await readFile(join(data, 'owner.json'), 'utf8')).pid).not.toBe(process.pid);
});

test('without a client the owner ends by itself, and says goodbye', async () => {
  const owned = await ownedDirectory();
  const { link } = openLink({ data: owned.data, idleExit: '100ms' });
  await link.call('task.create', { title: 'One' });
  const pid = (await owned.pid())!;
  await link.close();
  await owned.gone(pid);
  expect(await owned.pid()).toBeNull();
});

test('a service that somebody else runs is used as it is', async () => {
  const { data, pid } = await ownedDirectory();
  const service = start(command, ['serve', '--port', '0', '--data', data, '--json']);
  await service.firstLine;
  await openLink({ data }).link.call('task.create', { title: 'There' });
  expect(await pid()).toBe(service.child.pid);
  service.child.kill('SIGTERM');
  await service.exit;
});

test('a directory that no service can use: the reason reaches the caller at once', async () => {
  const broken = await ownedDirectory();
  await mkdir(broken.data, { recursive: true });
  await writeFile(join(broken.data, 'db.json'), '{ "format": 99 }');
  const error = await refusal(openLink({ data: broken.data }).link.call('task.list', {}));
  expect([error.reason, error.retryable]).toEqual(['START_FAILED', false]);
  expect(error.message).toContain('db.json');
  const file = join(broken.data, 'a file');
  await writeFile(file, '');
  expect(() => openLink({ data: file })).toThrow(`${file} is no directory`);
});

test('a long log is put aside before a start', async () => {
  const { data } = await ownedDirectory();
  await mkdir(data, { recursive: true });
  await writeFile(join(data, 'serve.log'), 'old\n');
  await truncate(join(data, 'serve.log'), 2_000_000);
  await chmod(join(data, 'serve.log'), 0o600);
  await openLink({ data }).link.call('task.list', {});
  expect((await stat(join(data, 'serve.log'))).size).toBeLessThan(10_000);
  expect((await stat(join(data, 'serve.log.old'))).size).toBe(2_000_000);
});
