import { expect, test } from 'vitest';
import { faultOf, mannerOf } from '../../src/dashboard/task/artifact.ts';
import { isLit } from '../../src/dashboard/state-machines/lit.ts';
import { latest } from '../../src/dashboard/task/latest.ts';
import { groupsOf } from '../../src/dashboard/task/others.ts';
import { readTask } from '../../src/dashboard/task/reading.ts';
import { holdsOf, leaseText } from '../../src/dashboard/task/standing.ts';
import { bytesText } from '../../src/dashboard/task/times.ts';
import type { Shown } from '../../src/dashboard/task/reading.ts';
import type { Call } from '../../src/dashboard/task/form.ts';
import type { Listener } from '../../src/client/following.ts';
import type { Task } from '../../src/protocol/task.ts';
import { diagramOf } from '../../src/machines/diagram.ts';
import { startService, worker } from '../support/service.ts';
import { rowOf } from './rows.ts';

const attributes = (element: string) => ({
  state: /data-state="([^"]*)"/.exec(element)?.[1],
  event: /data-event="([^"]*)"/.exec(element)?.[1],
  from: /data-from="([^"]*)"/.exec(element)?.[1],
});

test('of the drawn machine the state is lit, and the events that the task accepts there', async () => {
  const { ask } = await startService();
  const { task: created } = await ask('task.create', { title: 'One' });
  const { task } = await ask('task.execute', { taskId: created.id });
  const elements = (diagramOf('task', 'svg')?.match(/<[^>]*data-(?:state|event)="[^>]*>/g) ?? []).map(attributes);
  const lit = elements.filter((element) => isLit(task, element));
  expect(lit.filter(({ event }) => event === undefined).map(({ state }) => state)).toEqual(['in_progress']);
  expect(new Set(lit.flatMap(({ from }) => from ?? []))).toEqual(new Set(['in_progress']));
  const events = new Set(lit.flatMap(({ event }) => event ?? []));
  for (const event of ['PROGRESS', 'COMPLETE', 'COMPLETE.blocked', 'FAIL', 'CANCEL', 'NOTE']) expect(events).toContain(event);
  for (const event of ['START', 'TIMER', 'REVISE', 'CHILD_CHANGED', 'DELETE']) expect(events).not.toContain(event);
});

test('why a task cannot be started is told: tasks, children, a pause, a session', async () => {
  const { ask, clock } = await startService();
  const { task: plan, tasks } = await ask('task.plan', {
    title: 'Plan',
    tasks: [
      { ref: 'a', title: 'A' },
      { title: 'B', dependsOn: ['a', 'done'] },
      { ref: 'done', title: 'Done' },
    ],
  });
  const done = tasks['done'] ?? plan.id;
  await ask('task.execute', { taskId: done }, worker('ada'));
  await ask('task.complete', { taskId: done, summary: 'Done' }, worker('ada'));
  const get = async (taskId: Task['id'] | undefined): Promise<Task> => (await ask('task.get', { taskId: taskId ?? plan.id })).task;
  const now = clock.now();
  expect(holdsOf(await get(tasks['1']), now)).toEqual([{ what: 'waits for', taskId: tasks['a'] }]);
  expect(holdsOf(await get(plan.id), now)).toEqual([{ what: '2 of its children are open', taskId: null }]);
  expect(holdsOf(await get(tasks['a']), now)).toEqual([]);
  const { lease } = await ask('task.execute', { taskId: tasks['a'] ?? plan.id });
  expect(leaseText(await get(tasks['a']), false, now)).toMatch(/^test holds it until .*; only the holder/);
  await ask('task.fail', { taskId: tasks['a'] ?? plan.id, lease: lease.id, error: { message: 'no' } });
  expect(holdsOf(await get(tasks['a']), now)[0]?.what).toMatch(/^pauses after a failed attempt and goes on in \d/);
  const { session } = await ask('session.create', { title: 'S' });
  const { task: held } = await ask('task.create', { title: 'Held', sessionId: session.id });
  await ask('session.pause', { sessionId: session.id });
  expect(holdsOf(await get(held.id), now)).toEqual([{ what: 'its session is paused', taskId: null }]);
});

test('the tasks around a task, as far as the page holds them', () => {
  const parent = rowOf({ children: { open: 3, completed: 0, failed: 0, cancelled: 0 } });
  const [a, b] = [rowOf({ parentId: parent.id, position: 1 }), rowOf({ parentId: parent.id, position: 0, status: 'in_progress' })];
  const edge = {
    taskId: parent.id,
    kind: 'data' as const,
    mandatory: true,
    status: 'waiting' as const,
    waived: true,
    direct: true,
    via: [],
  };
  const waits = rowOf({ dependsOn: [edge] });
  const rows = new Map([parent, a, b, waits].map((row) => [row.id, row]));
  const [down, children] = groupsOf({ ...parent, dependents: 1 } as unknown as Task, rows);
  expect([down?.title, down?.items.map(({ id }) => id), down?.absent]).toEqual(['Unblocks', [waits.id], 0]);
  expect([children?.items.map(({ id, lane }) => [id, lane]), children?.absent]).toEqual([
    [
      [b.id, 'running'],
      [a.id, 'ready'],
    ],
    1,
  ]);
  expect(groupsOf(waits as unknown as Task, rows)[0]?.items).toMatchObject([
    { id: parent.id, words: 'waived, data', isDirect: true, isWaived: true },
  ]);
});

test.each([
  ['text/markdown', 'a.md', 10, 'markdown'],
  ['text/plain', 'README.md', 10, 'markdown'],
  ['text/markdown', 'a.md', 1_000_000, 'text'],
  ['text/html', 'a.html', 10, 'text'],
  ['application/json', 'a.json', 10, 'text'],
  ['application/ld+json', 'a', 10, 'text'],
  ['image/svg+xml', 'a.svg', 10, 'text'],
  ['image/png', 'a.md', 10, 'binary'],
  ['application/octet-stream', 'a', 10, 'binary'],
])('an artifact %s, %s of %d bytes is shown as %s', (mediaType, name, bytes, manner) =>
  expect(mannerOf({ mediaType, name, bytes })).toBe(manner),
);

test('what is wrong with a text is said', () => {
  const json = { mediaType: 'application/json', bytes: 9 };
  expect(faultOf(json, '{"a": 1}', true)).toBeNull();
  expect(faultOf(json, '{"a": ', true)).toMatch(/JSON/);
  expect(faultOf(json, '{"a": ', false)).toBeNull();
  expect(faultOf({ mediaType: 'text/plain', bytes: 3 }, 'a\u0000b', true)).toMatch(/no text/);
  expect(faultOf({ mediaType: 'text/plain', bytes: 3 }, 'a\uFFFD', true)).toMatch(/could not be read/);
  expect(faultOf({ mediaType: 'text/plain', bytes: 0 }, '', true)).toMatch(/empty/);
});

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_536, '1.5 KiB'],
  [1_034_000, '1010 KiB'],
  [67_108_864, '64 MiB'],
])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

test('one reading is on its way at a time, and whoever asked meanwhile is answered by one more', async () => {
  const gates: (() => void)[] = [];
  const read = latest(() => new Promise((resolve) => gates.push(resolve)));
  read();
  read();
  read();
  expect(gates).toHaveLength(1);
  gates[0]?.();
  await expect.poll(() => gates.length).toBe(2);
  gates[1]?.();
  await Promise.resolve();
  expect(gates).toHaveLength(2);
});

test('a task is read, follows its events, and never goes back to an older revision', async () => {
  const { ask } = await startService();
  const { task } = await ask('task.create', { title: 'One' });
  const call: Call = (method, input) => ask(method, input);
  let hear: Listener = () => {};
  let shown: Shown | undefined;
  const link = { call, follow: (listener: Listener) => ((hear = listener), () => {}) };
  const reading = readTask(task.id, link, (next) => (shown = next));
  hear({ kind: 'live', position: 'p' });
  await expect.poll(() => [shown?.task?.rev, shown?.events.length]).toEqual([1, 1]);
  await ask('task.note', { taskId: task.id, text: 'n' });
  const { items } = await ask('task.history', { taskId: task.id });
  hear({ kind: 'events', events: items.slice(1) as never });
  await expect.poll(() => [shown?.task?.rev, shown?.events.length]).toEqual([2, 2]);
  reading.take(task);
  expect(shown?.task?.rev).toBe(2);
  // Another log: what was known is forgotten, even of a higher revision.
  hear({ kind: 'list', position: 'q' });
  expect(shown?.task).toBeNull();
  await expect.poll(() => shown?.task?.rev).toBe(2);
  reading.close();
  const last = shown;
  hear({ kind: 'list', position: 'r' });
  expect(shown).toBe(last);
});

test('a task that there is not is told as such', async () => {
  const { ask } = await startService();
  let shown: Shown | undefined;
  let hear: Listener = () => {};
  readTask(
    't_00000000000000000000000000',
    { call: (method, input) => ask(method, input), follow: (listener) => ((hear = listener), () => {}) },
    (next) => (shown = next),
  );
  hear({ kind: 'live', position: 'p' });
  await expect.poll(() => shown?.error?.reason).toBe('TASK_NOT_FOUND');
});
