import { expect, test } from 'vitest';
import { Viewer } from '../../src/inspection/viewer.ts';
import type { ViewerOptions } from '../../src/inspection/viewer.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import type { Store } from '../../src/persistence/store.ts';
import { createGate } from '../support/data-directory.ts';
import { anyone, createManualClock, startService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';

/** One viewer over a store in memory, with a sink that takes what it is told to take. */

interface Frame {
  readonly type: string;
  readonly sessionId: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly value: string; readonly context?: { readonly spec: { readonly title: string } } };
}

class TestSink {
  readonly frames: Frame[] = [];
  /** While it is true whoever asks has to wait. */
  full = false;
  asked = 0;
  readonly #waiting: (() => void)[] = [];

  text(frame: string): void {
    this.frames.push(JSON.parse(frame) as Frame);
  }

  ready(): Promise<void> {
    this.asked += 1;
    return new Promise((resolve) => {
      if (this.full) this.#waiting.push(resolve);
      else setImmediate(resolve);
    });
  }

  drain(): void {
    this.full = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const everything: ViewerOptions = { context: false, definition: 'once' };

function counted(): { store: Store; calls: () => number; clock: ReturnType<typeof createManualClock> } {
  const clock = createManualClock();
  const store = createMemoryStore({ clock });
  let calls = 0;
  const counting = new Proxy(store, {
    get(target, name: keyof Store) {
      if (name === 'list' || name === 'load' || name === 'sessions') calls += 1;
      return target[name];
    },
  });
  return { store: counting, clock, calls: () => calls };
}

/** Until nothing more is shown: everything here is a matter of a few turns. */
async function settled({ frames }: TestSink): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < 10; quiet += 1) {
    if (before !== frames.length) quiet = 0;
    before = frames.length;
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

async function plan({ ask }: TestService, count: number): Promise<string[]> {
  const tasks = Array.from({ length: count }, (_, index) => ({ ref: `r${index}`, title: `Part ${index}` }));
  return Object.values((await ask('task.plan', { title: 'Plan', tasks })).tasks);
}

const namesOf = (frames: readonly Frame[], id: string) =>
  frames
    .filter(({ sessionId }) => sessionId === id)
    .map(({ type, event, snapshot }) => `${type.slice(8)} ${snapshot?.value ?? event?.type}`);

test('nothing is read and nothing is sent while nothing happens, nor for what it does not show', async () => {
  const { store, clock, calls } = counted();
  const service = await startService({ store, clock });
  const [one] = await plan(service, 3);
  const sink = new TestSink();
  const viewer = new Viewer(service.services, { ...everything, taskId: one as never, context: true }, anyone, sink);
  await settled(sink);
  expect(sink.frames.map(({ type }) => type)).toEqual(['@xstate.actor']);
  const before = [calls(), sink.asked];
  await settled(sink);
  expect([calls(), sink.asked]).toEqual(before);
  const other = await service.ask('task.create', { title: 'Other' });
  await service.ask('task.block', { taskId: other.task.id, reason: 'r' });
  const after = calls();
  await settled(sink);
  expect([calls(), sink.asked, sink.frames.length]).toEqual([after, before[1], 1]);
  viewer.close();
  await viewer.ended;
  await service.ask('task.block', { taskId: one as never, reason: 'r' });
  await settled(sink);
  expect(sink.frames).toHaveLength(1);
  await service.close();
});

test('a short wait costs no event; a long one shows what became of each actor, in order, and then events again', async () => {
  const service = await startService({ windowEvents: 100 });
  const [one, two] = (await plan(service, 2)) as [string, string];
  const sink = new TestSink();
  const viewer = new Viewer(service.services, everything, anyone, sink);
  await settled(sink);
  sink.full = true;
  const move = async (id: string) => {
    await service.ask('task.block', { taskId: id as never, reason: 'r' });
    await service.ask('task.unblock', { taskId: id as never });
  };
  for (let n = 0; n < 10; n += 1) await move(one);
  sink.drain();
  await settled(sink);
  expect(namesOf(sink.frames, one).filter((name) => name === 'event BLOCK')).toHaveLength(10);

  const short = sink.frames.length;
  sink.full = true;
  await service.ask('task.note', { taskId: one as never, text: 'n' });
  await settled(sink);
  for (let n = 0; n < 60; n += 1) await move(n % 2 === 0 ? one : two);
  const made = (await service.ask('task.create', { title: 'Made' })).task.id;
  await service.ask('task.block', { taskId: one as never, reason: 'r' });
  await service.ask('task.execute', { taskId: two as never });
  sink.drain();
  await settled(sink);
  const late = sink.frames.slice(short);
  expect(namesOf(late, one)).toEqual(['event NOTE', 'snapshot pending', 'snapshot blocked']);
  expect(late.at(-1)?.event).toBeDefined();
  expect(namesOf(late, two)).toContain('snapshot in_progress');
  expect(namesOf(late, two).some((name) => name.startsWith('event BLOCK'))).toBe(false);
  expect(namesOf(late, made)[0]).toBe('actor pending');
  await service.ask('task.unblock', { taskId: one as never });
  await settled(sink);
  expect(namesOf(sink.frames, one).slice(-3)).toEqual(['snapshot blocked', 'event UNBLOCK', 'snapshot pending']);
  viewer.close();
  await service.close();
});

test('events that the window has lost in one stride are made good by telling everything anew', async () => {
  const service = await startService({ windowEvents: 10 });
  const sink = new TestSink();
  const viewer = new Viewer(service.services, everything, anyone, sink);
  await settled(sink);
  const ids = await plan(service, 30);
  await settled(sink);
  for (const id of ids) expect(namesOf(sink.frames, id)).toEqual(['actor pending']);
  viewer.close();
  await service.close();
});

test('a context is of the state that it is told with', async () => {
  const service = await startService();
  const { task } = await service.ask('task.create', { title: 'v0' });
  const sink = new TestSink();
  const viewer = new Viewer(service.services, { ...everything, context: true }, anyone, sink);
  await settled(sink);
  sink.full = true;
  for (let n = 1; n <= 20; n += 1) await service.ask('task.edit', { taskId: task.id, set: { title: `v${n}` } });
  sink.drain();
  await settled(sink);
  const snapshots = sink.frames.filter(({ type }) => type === '@xstate.snapshot');
  expect(snapshots).toHaveLength(20);
  const titles = snapshots.map(({ snapshot }) => snapshot?.context?.spec.title);
  for (const [index, title] of titles.entries()) expect([undefined, `v${index + 1}`]).toContain(title);
  expect(titles.at(-1)).toBe('v20');
  viewer.close();
  await service.close();
});

test('what happens while it is told everything is told once', async () => {
  const { store, clock } = counted();
  const gate = createGate();
  let isGated = false;
  const slow = new Proxy(store, {
    get: (target, name: keyof Store) =>
      name === 'list' && isGated ? (query: Parameters<Store['list']>[0]) => gate.pass().then(() => target.list(query)) : target[name],
  });
  const service = await startService({ store: slow, clock });
  const { task } = await service.ask('task.create', { title: 'Before' });
  isGated = true;
  const sink = new TestSink();
  const viewer = new Viewer(service.services, everything, anyone, sink);
  await gate.reached;
  const made = (await service.ask('task.create', { title: 'Meanwhile' })).task.id;
  await service.ask('task.block', { taskId: task.id, reason: 'r' });
  gate.open();
  await settled(sink);
  expect(namesOf(sink.frames, task.id)).toEqual(['actor blocked']);
  expect(namesOf(sink.frames, made)).toEqual(['actor pending']);
  viewer.close();
  await service.close();
});

test('nothing is left of it in the log when it is closed', async () => {
  const service = await startService();
  const { log } = service;
  let listening = 0;
  const onAppend: typeof log.onAppend = (listener) => {
    const stop = log.onAppend(listener);
    listening += 1;
    return () => {
      listening -= 1;
      stop();
    };
  };
  const { first, end, windowEvents } = log;
  const services = { ...service.services, log: { ...log, first, end, windowEvents, onAppend } };
  const viewer = new Viewer(services, everything, anyone, new TestSink());
  expect(listening).toBe(1);
  viewer.close();
  await viewer.ended;
  expect(listening).toBeLessThanOrEqual(0);
  await service.close();
});

test('a store that can not be read ends it', async () => {
  const { store, clock } = counted();
  const broken = new Proxy(store, {
    get: (target, name: keyof Store) => (name === 'list' ? async () => Promise.reject(new Error('gone')) : target[name]),
  });
  const service = await startService({ store: broken, clock });
  const viewer = new Viewer(service.services, everything, anyone, new TestSink());
  await expect(viewer.ended).rejects.toThrow('gone');
  await service.close();
});
