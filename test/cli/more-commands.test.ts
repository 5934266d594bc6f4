import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/data-directory.ts';
import { troupe } from './troupe.ts';

const { run, out, json, url, data, token } = troupe();

const create = (title: string, ...more: readonly string[]) => out('create', title, ...more);
const taskOf = async (id: string) => (await json('show', id))['task'] as Record<string, unknown>;

test('a task is edited: what is not named stays', async () => {
  const id = await create('Draft', '--tags', 'a,b', '--due-at', '2030-01-01', '--description', 'Long');
  await out('edit', id, '--title', 'Final', '--priority', '9', '--due-at', 'none');
  expect(await taskOf(id)).toMatchObject({ title: 'Final', priority: 9, tags: ['a', 'b'], dueAt: null, description: 'Long' });
  const nothing = await run(['edit', id]);
  expect([nothing.code, nothing.err]).toEqual([2, expect.stringMatching(/^troupe: .*nothing to set.*\n$/)]);
});

test('a task waits for another, goes on without it, and waits no longer', async () => {
  const plan = await create('A plan');
  const [first, second] = [await create('First', '--parent', plan), await create('Second', '--parent', plan)];
  expect(await out('depend', second, first.slice(0, 14))).toContain('pending');
  const circle = await run(['depend', first, second]);
  expect([circle.code, circle.err]).toEqual([4, expect.stringMatching(/^troupe: .+\n$/)]);
  expect(await out('waive', second, first, 'not', 'needed')).toContain('ready');
  expect(await taskOf(second)).toMatchObject({ dependsOn: [{ taskId: first, waived: true }] });
  await out('undepend', second, first);
  expect(await taskOf(second)).toMatchObject({ dependsOn: [] });
  await out('depend', second, first, '--optional', '--kind', 'related');
  expect(await taskOf(second)).toMatchObject({ dependsOn: [{ taskId: first, kind: 'related', mandatory: false }] });
});

test('a task is deleted with its content', async () => {
  const id = await create('A secret', '--description', 'which nobody may keep');
  expect((await run(['delete', id])).code).toBe(4);
  await out('delete', id, '--force');
  expect(JSON.stringify(await taskOf(id))).not.toContain('nobody may keep');
});

test('a session goes its whole way', async () => {
  const id = await out('session', 'create', 'The move');
  const task = await create('Pack', '--session', id);
  expect(await out('session', 'list')).toContain(`${id}  active  1 pending  The move`);
  await out('session', 'pause', id, 'no', 'boxes');
  expect(await out('session', 'show', id)).toMatch(/^paused +by .*: no boxes$/m);
  expect((await run(['execute', task])).code).toBe(4);
  await out('session', 'resume', id);
  await out('cancel', task);
  expect(await out('session', 'complete', id, 'moved')).toContain('completed');
  const wrong = await run(['session', 'show', 's_1']);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/^troupe: s_1 is no id of a session: .+\n$/)]);
});

test('the work is printed as it was stored', async () => {
  const id = await create('Write');
  await out('execute', id);
  const work = `Ä line\n\u001B[31m${'x'.repeat(200_000)}\n\n`;
  expect((await run(['complete', id, '--summary', 'Done', '--work', '-'], { input: work })).code).toBe(0);
  const [{ id: artifact } = { id: '' }] = (await taskOf(id))['artifacts'] as { id: string }[];
  expect((await run(['artifact', artifact])).out).toBe(work);
  expect(await json('artifact', artifact)).toMatchObject({ troupe: 1, artifact: { id: artifact }, content: work });
  expect((await run(['artifact', `a_${'0'.repeat(26)}`])).code).toBe(3);
});

test('the service tells how it is', async () => {
  expect(await out('status')).toMatch(/^store +lowdb, writable$/m);
  expect(await json('status')).toMatchObject({ troupe: 1, healthy: true });
});

test('the page has its address only while the service runs', async () => {
  const whole = `${url()}/#token=${await token()}`;
  expect(await out('page')).toBe(whole);
  expect(await json('page')).toEqual({ troupe: 1, url: whole });
  expect((await fetch(await out('page'))).status).toBeLessThan(500);
  const left = join(await temporaryDirectory(), 'left');
  await out('backup', left);
  expect(await readFile(join(data(), 'owner.json'), 'utf8')).toContain('address');
  const none = await run(['page', '--data', left]);
  expect([none.code, none.out, none.err]).toEqual([
    6,
    '',
    expect.stringMatching(/^troupe: no service runs on .+: start one with troupe serve\n$/),
  ]);
});
