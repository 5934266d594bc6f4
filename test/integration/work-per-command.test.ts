import { describe, expect, onTestFinished, test } from 'vitest';
import type { TaskId } from '../../src/ids.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import type { Store } from '../../src/persistence/store.ts';
import { openStore, temporaryDirectory } from '../support/data-directory.ts';
import { createManualClock, startService, worker } from '../support/service.ts';
import type { ManualClock, TestService } from '../support/service.ts';

/**
 * What a command costs does not depend on how many tasks there are. Counted, not timed: the steps that maps, sets and generators are
 * walked by, and the elements of arrays that are searched, sorted or mapped.
 */

interface Iteration {
  next(): unknown;
}

/** What all iterators of a kind inherit their `next` from. */
const walks: readonly Iteration[] = [new Map().values(), new Set().values(), (function* () {})()].map((iterator) => {
  let place: object = iterator;
  while (!Object.hasOwn(place, 'next')) place = Object.getPrototypeOf(place) as object;
  return place as Iteration;
});
const searches = [
  'filter',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'flatMap',
  'forEach',
  'map',
  'reduce',
  'some',
  'sort',
  'toSorted',
] as const;

/** Counts steps while something is done, and leaves everything as it was. */
async function stepsOf(work: () => Promise<unknown>): Promise<number> {
  let steps = 0;
  const undo: (() => void)[] = [];
  const replace = (owner: object, name: string, cost: (self: unknown) => number) => {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    const original: unknown = before?.value;
    if (before === undefined || typeof original !== 'function') throw new TypeError(`no ${name} to count`);
    const counted = function (this: unknown, ...args: unknown[]): unknown {
      steps += cost(this);
      return Reflect.apply(original, this, args);
    };
    Object.defineProperty(owner, name, { ...before, value: counted });
    undo.push(() => void Object.defineProperty(owner, name, before));
  };
  try {
    for (const walk of walks) replace(walk, 'next', () => 1);
    for (const name of searches) replace(Array.prototype, name, (self) => (Array.isArray(self) ? self.length : 0));
    await work();
  } finally {
    for (const back of undo) back();
  }
  return steps;
}

const stores: Readonly<Record<string, (clock: ManualClock) => Promise<Store>>> = {
  memory: async (clock) => createMemoryStore({ clock }),
  lowdb: async (clock) => openStore(await temporaryDirectory(), { clock }),
};

/** A service with so many trees of so many tasks, every second one running with a deadline. */
async function populated(open: (clock: ManualClock) => Promise<Store>, trees: number, perTree: number) {
  const clock = createManualClock();
  const store = await open(clock);
  const service = await startService({ clock, store, windowEvents: 100 });
  onTestFinished(async () => {
    await service.close();
    await store.close();
  });
  const { ask } = service;
  const tasks: TaskId[] = [];
  for (let tree = 0; tree < trees; tree++) {
    const planned = await ask('task.plan', {
      title: `tree ${tree}`,
      tasks: Array.from({ length: perTree - 1 }, (_, n) => ({ title: `task ${n}`, ref: `r${n}` })),
    });
    tasks.push(...Object.values(planned.tasks));
  }
  await Promise.all(tasks.filter((_, n) => n % 2 === 1).map((taskId) => ask('task.execute', { taskId }, worker('ada'))));
  // As many sessions as trees of ten; one of them with a plan of its own.
  const sessions = await Promise.all(Array.from({ length: (trees * perTree) / 10 }, (_, n) => ask('session.create', { title: `s ${n}` })));
  const sessionId = sessions[0]?.session.id;
  if (sessionId === undefined) throw new RangeError('no session');
  return { service, sessionId, pair: [tasks[4], tasks[6], tasks[8]] as const, running: tasks[1] };
}

type Population = Awaited<ReturnType<typeof populated>>;
type Work = (service: TestService, population: Population) => Promise<unknown>;

const ada = worker('ada');
const bob = worker('bob');
const id = (one: TaskId | undefined): TaskId => {
  if (one === undefined) throw new RangeError('no such task');
  return one;
};

/** In this order on each service; what one leaves behind the next finds. */
const works: readonly (readonly [string, Work])[] = [
  [
    'task.plan',
    ({ ask }) =>
      ask('task.plan', {
        title: 'P',
        tasks: [
          { ref: 'a', title: 'A' },
          { title: 'B', dependsOn: ['a'] },
        ],
      }),
  ],
  ['task.create', ({ ask }) => ask('task.create', { title: 'C' })],
  ['task.claim', ({ ask }) => ask('task.claim', { commandId: 'c1' }, bob)],
  ['task.claim sent again', ({ ask }) => ask('task.claim', { commandId: 'c1' }, bob)],
  ['task.next', ({ ask }) => ask('task.next', {})],
  ['task.ready', ({ ask }) => ask('task.ready', { limit: 5 })],
  ['task.list', ({ ask }) => ask('task.list', { limit: 5, sort: '-updated' })],
  ['task.get', ({ ask }, { running }) => ask('task.get', { taskId: id(running) })],
  ['task.history', ({ ask }, { running }) => ask('task.history', { taskId: id(running) })],
  ['task.progress', ({ ask }, { running }) => ask('task.progress', { taskId: id(running), value: 1 }, ada)],
  ['task.complete', ({ ask }, { running }) => ask('task.complete', { taskId: id(running), summary: 's', detailedWork: 'w' }, ada)],
  ['task.reopen', ({ ask }, { running }) => ask('task.reopen', { taskId: id(running), reason: 'r' })],
  ['task.note', ({ ask }, { pair }) => ask('task.note', { taskId: id(pair[0]), text: 'n' })],
  ['task.edit', ({ ask }, { pair }) => ask('task.edit', { taskId: id(pair[0]), set: { priority: 1 } })],
  ['dependency.add', ({ ask }, { pair }) => ask('dependency.add', { taskId: id(pair[0]), dependsOn: id(pair[1]) })],
  ['dependency.remove', ({ ask }, { pair }) => ask('dependency.remove', { taskId: id(pair[0]), dependsOn: id(pair[1]) })],
  ['task.block', ({ ask }, { pair }) => ask('task.block', { taskId: id(pair[1]), reason: 'r' })],
  ['task.cancel', ({ ask }, { pair }) => ask('task.cancel', { taskId: id(pair[2]), subtree: true })],
  ['task.archive', ({ ask }, { pair }) => ask('task.archive', { taskId: id(pair[2]) })],
  ['task.create in a session', ({ ask }, { sessionId }) => ask('task.create', { title: 'S', sessionId })],
  ['session.create', ({ ask }) => ask('session.create', { title: 'S' })],
  ['session.get', ({ ask }, { sessionId }) => ask('session.get', { sessionId })],
  ['session.pause', ({ ask }, { sessionId }) => ask('session.pause', { sessionId })],
  ['task.claim in a paused session', ({ ask }, { sessionId }) => ask('task.claim', { filter: { sessionId } }, bob).catch(() => null)],
  ['session.resume', ({ ask }, { sessionId }) => ask('session.resume', { sessionId })],
  ['task.claim in a session', ({ ask }, { sessionId }) => ask('task.claim', { filter: { sessionId } }, bob)],
  ['a look at the time', ({ timers }) => timers.tick()],
  ['system.status', ({ ask }) => ask('system.status', {})],
];

describe.each(Object.entries(stores))('with the %s store', (_, open) => {
  test('every command takes as many steps among 2,400 tasks as among 50', { timeout: 60_000 }, async () => {
    const few = await populated(open, 1, 50);
    const many = await populated(open, 4, 600);
    // What is made when a method is first asked for is made before anything is counted.
    const first = await populated(open, 1, 10);
    for (const [, work] of works) await work(first.service, first);
    expect((await many.service.store.counts()).ready).toBeGreaterThan(1_100);
    const dearer: string[] = [];
    for (const [name, work] of works) {
      const [small, large] = [await stepsOf(() => work(few.service, few)), await stepsOf(() => work(many.service, many))];
      // The process has a little to do besides.
      if (large > small + 100) dearer.push(`${name}: ${small} steps among 50, ${large} among 2,400`);
    }
    expect(dearer).toEqual([]);
  });

  test('the count would notice', async () => {
    const { service } = await populated(open, 1, 500);
    expect(await stepsOf(() => service.ask('task.list', { filter: { text: 'nothing has this' } }))).toBeGreaterThan(500);
  });
});
