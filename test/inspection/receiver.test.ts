import { readFileSync } from 'node:fs';
import { createMachine } from 'xstate';
import { describe, expect, test } from 'vitest';
import { machineDescriptions } from '../../src/machines/diagram.ts';
import { framesVersion } from '../../src/inspection/frames.ts';
import type { Client } from '../support/client.ts';
import { startTroupe } from '../stream/service.ts';
import { contextOf, enter, inspect, isActor, isEvent, isSnapshot, valueOf } from './receiver.ts';
import type { Frame, Receiver } from './receiver.ts';

/** What Stately's own receiver gets from a real service. */

async function open() {
  const service = await startTroupe();
  return { service, client: await enter(service) };
}

/** A parent that rolls up, a first child and a second one that waits for it. */
async function plan(client: Client, title = 'Tea') {
  const { tasks, task } = await client.request('task.plan', {
    title,
    rollUp: 'auto',
    tasks: [
      { ref: 'boil', title: `${title}: boil` },
      { ref: 'pour', title: `${title}: pour`, dependsOn: ['boil'] },
    ],
  });
  return { root: task.id, boil: tasks['boil']!, pour: tasks['pour']! };
}

async function work(client: Client, taskId: string): Promise<void> {
  const { lease } = await client.request('task.execute', { taskId: taskId as never });
  await client.request('task.complete', { taskId: taskId as never, lease: lease.id, summary: 'MARKED-summary', detailedWork: 'w' });
}

const told = (frame: Frame): string => {
  const about = isEvent(frame) ? `${frame.event.type} from ${frame.sourceId ?? 'outside'}` : String(valueOf(frame));
  return `${frame.type.slice('@xstate.'.length)} ${about}`;
};
const tellings = (receiver: Receiver, id: string): string[] => receiver.of(id).map(told);

test('the frames are those of the package that is tested with', () => {
  const { version } = JSON.parse(readFileSync('node_modules/@statelyai/inspect/package.json', 'utf8')) as { version: string };
  expect(framesVersion).toBe(version);
});

describe('who comes later', () => {
  test('is told every actor as it is, in the order of the list, with its place in the tree', async () => {
    const { service, client } = await open();
    const { session } = await client.request('session.create', { title: 'Morning' });
    const { root, boil, pour } = await plan(client);
    await work(client, boil);
    const lone = (await client.request('task.create', { title: 'Lone' })).task.id;
    const receiver = await inspect(client, service);
    await receiver.until(() => receiver.frames.length >= 5);
    const { items } = await client.request('task.list', {});
    expect(receiver.frames.every(isActor)).toBe(true);
    expect(receiver.frames.map(({ sessionId }) => sessionId)).toEqual([session.id, ...items.map(({ id }) => id)]);
    expect(
      receiver.frames
        .filter(isActor)
        .map(({ sessionId, rootId, parentId, name, snapshot }) => ({ sessionId, rootId, parentId, name, snapshot })),
    ).toEqual([
      { sessionId: session.id, rootId: session.id, name: 'Morning', snapshot: { status: 'active', value: 'active' } },
      { sessionId: root, rootId: root, name: 'Tea', snapshot: { status: 'active', value: 'pending' } },
      { sessionId: boil, rootId: root, parentId: root, name: 'Tea: boil', snapshot: { status: 'active', value: 'completed' } },
      { sessionId: pour, rootId: root, parentId: root, name: 'Tea: pour', snapshot: { status: 'active', value: 'pending' } },
      { sessionId: lone, rootId: lone, name: 'Lone', snapshot: { status: 'active', value: 'pending' } },
    ]);
    await client.close();
  });

  test('gets tasks of many pages once each, whatever happens meanwhile', async () => {
    const { service, client } = await open();
    const ids: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      const tasks = Array.from({ length: 300 }, (_, index) => ({ ref: `r${index}`, title: `Part ${index}` }));
      ids.push(...Object.values((await client.request('task.plan', { title: `Plan ${n}`, tasks })).tasks));
    }
    const receiver = await inspect(client, service);
    const other = await enter(service);
    const moved = ids.filter((_, index) => index % 29 === 0);
    await Promise.all(moved.map((taskId) => other.request('task.block', { taskId: taskId as never, reason: 'wait' })));
    const made = (await other.request('task.create', { title: 'Last' })).task.id;
    await receiver.until(() => receiver.state(made) === 'pending' && moved.every((id) => receiver.state(id) === 'blocked'));
    const actors = receiver.frames.filter(isActor).map(({ sessionId }) => sessionId);
    expect(new Set(actors).size).toBe(actors.length);
    expect(new Set(actors)).toEqual(new Set([...(await all(client)), made]));
    // Each came before anything was told of it, and no state was told that was older than one told before.
    for (const id of moved) expect(tellings(receiver, id)[0]).toMatch(/^actor/);
    for (const id of moved) expect(tellings(receiver, id).join(' ')).not.toMatch(/blocked.*pending/);
    await Promise.all([client.close(), other.close()]);
  });
});

async function all(client: Client): Promise<string[]> {
  return (await client.request('task.list', { limit: 1_000 })).items.map(({ id }) => id);
}

describe('who is there', () => {
  test('sees a whole life in the order of the log, and who told whom', async () => {
    const { service, client } = await open();
    await client.request('events.subscribe', {});
    const receiver = await inspect(client, service);
    const { root, boil, pour } = await plan(client);
    await work(client, boil);
    await work(client, pour);
    await receiver.until(() => receiver.state(root) === 'completed');
    expect(tellings(receiver, boil)).toEqual([
      'actor pending',
      `event xstate.init from ${root}`,
      'snapshot pending',
      'event START from outside',
      'snapshot in_progress',
      'event COMPLETE from outside',
      'snapshot completed',
    ]);
    expect(tellings(receiver, pour)).toEqual([
      'actor pending',
      `event xstate.init from ${root}`,
      'snapshot pending',
      `event DEPENDENCY_CHANGED from ${boil}`,
      'snapshot pending',
      'event START from outside',
      'snapshot in_progress',
      'event COMPLETE from outside',
      'snapshot completed',
    ]);
    expect(tellings(receiver, root)).toEqual([
      'actor pending',
      'event xstate.init from outside',
      'snapshot pending',
      `event CHILD_CHANGED from ${boil}`,
      'snapshot pending',
      `event CHILD_CHANGED from ${pour}`,
      'snapshot completed',
    ]);
    const order = receiver.frames.filter(isSnapshot).map(({ sessionId }) => sessionId);
    expect(order).toEqual(client.events.map(({ taskId }) => taskId));
    const ids = receiver.frames.filter(isEvent).map(({ id }) => id);
    expect(ids).toEqual(client.events.map(({ position }) => position));
    expect(JSON.stringify(receiver.frames)).not.toContain('MARKED');
    await client.close();
  });

  test('sees every fact that a write took, with its own source', async () => {
    const { service, client } = await open();
    const receiver = await inspect(client, service);
    const { root, boil, pour } = await plan(client);
    await client.request('task.cancel', { taskId: root, subtree: true });
    await receiver.until(() => receiver.state(root) === 'cancelled');
    const events = receiver.of(root).filter(isEvent).slice(1);
    expect(events.map(({ event, sourceId }) => [event.type, sourceId])).toEqual(
      expect.arrayContaining([
        ['CANCEL', undefined],
        ['CHILD_CHANGED', boil],
        ['CHILD_CHANGED', pour],
      ]),
    );
    expect(events).toHaveLength(3);
    await client.close();
  });

  test('sees sessions move, and a task that is sent back by its review', async () => {
    const { service, client } = await open();
    const receiver = await inspect(client, service);
    const { session } = await client.request('session.create', { title: 'Day' });
    await client.request('session.pause', { sessionId: session.id });
    await client.request('session.resume', { sessionId: session.id });
    const { task } = await client.request('task.create', { title: 'Poem', review: 'reviewer' });
    await work(client, task.id);
    const { task: review } = await client.request('task.execute', { taskId: task.reviewId! });
    await client.request('task.complete', { taskId: review.id, summary: 's', nextAction: 'needs_revision', feedback: 'again' });
    await receiver.until(() => receiver.frames.some((frame) => isEvent(frame) && frame.event.type === 'REVISE'));
    expect(tellings(receiver, session.id)).toEqual([
      'actor active',
      'event xstate.init from outside',
      'snapshot active',
      'event PAUSE from outside',
      'snapshot paused',
      'event RESUME from outside',
      'snapshot active',
    ]);
    expect(tellings(receiver, task.id)).toContain(`event REVISE from ${review.id}`);
    expect(tellings(receiver, review.id)).toContain('event COMPLETE.needs_revision from outside');
    await client.close();
  });
});

describe('a filter', () => {
  test('by plan shows that plan alone, also when it is archived; by task that task alone', async () => {
    const { service, client } = await open();
    const [tea, cake, old] = [await plan(client, 'Tea'), await plan(client, 'Cake'), await plan(client, 'Old')];
    await client.request('task.cancel', { taskId: old.root, subtree: true });
    await client.request('task.archive', { taskId: old.root });
    const ofPlan = await inspect(client, service, { rootId: tea.root });
    const ofTask = await inspect(client, service, { taskId: tea.pour });
    const ofOld = await inspect(client, service, { rootId: old.root });
    const everything = await inspect(client, service);
    await everything.until(() => everything.frames.length === 6);
    await client.request('task.execute', { taskId: cake.boil });
    await work(client, tea.boil);
    await everything.until(() => everything.state(tea.boil) === 'completed' && everything.frames.at(-1) !== undefined);
    await ofPlan.until(() => ofPlan.state(tea.boil) === 'completed');
    await ofTask.until(() => ofTask.of(tea.pour).length === 3);
    await ofOld.until(() => ofOld.frames.length === 3);
    expect(new Set(ofPlan.frames.map(({ rootId }) => rootId))).toEqual(new Set([tea.root]));
    expect(tellings(ofTask, tea.pour)).toEqual(['actor pending', `event DEPENDENCY_CHANGED from ${tea.boil}`, 'snapshot pending']);
    expect(ofTask.frames).toHaveLength(3);
    expect(ofOld.frames.map((frame) => [frame.sessionId, valueOf(frame)])).toEqual(
      [old.root, old.boil, old.pour].map((id) => [id, 'archived']),
    );
    expect(everything.of(old.root)).toEqual([]);
    await client.close();
  });
});

describe('what is told', () => {
  test('of a machine is told once, and is the machine', async () => {
    const { service, client } = await open();
    await client.request('session.create', { title: 'Day' });
    await plan(client);
    const receiver = await inspect(client, service);
    const each = await inspect(client, service, { definition: 'each' });
    for (const one of [receiver, each]) await one.until(() => one.frames.length === 4);
    expect(each.frames.filter(isActor).filter(({ definition }) => definition !== undefined)).toHaveLength(4);
    const definitions = receiver.frames.filter(isActor).flatMap(({ definition }) => definition ?? []);
    expect(definitions).toHaveLength(2);
    for (const definition of definitions) {
      // The very code that a tool would run: states, transitions, guards by name.
      const machine = createMachine(JSON.parse(definition) as Parameters<typeof createMachine>[0]);
      const described = machineDescriptions.get(machine.id)!;
      const transitions = Object.entries(machine.root.states).flatMap(([from, node]) =>
        [...node.transitions.values(), node.always ?? []].flat().map(({ eventType, target, guard }) => ({
          from,
          event: eventType === '' ? 'always' : eventType,
          to: target?.[0]?.key ?? from,
          guards: typeof guard === 'string' ? guard.split(' && ') : [],
        })),
      );
      expect(transitions).toEqual(described.transitions);
      expect(Object.keys(machine.root.states)).toEqual(described.states);
      expect(machine.root.initial.target[0]?.key).toBe(described.initial);
      expect(machine.root.ownEvents.every((name) => described.events.includes(name))).toBe(true);
    }
    await client.close();
  });

  test('of contexts is told only when it is asked for, then as the record has it', async () => {
    const { service, client } = await open();
    const { boil, pour, root } = await plan(client);
    const [bare, whole] = [await inspect(client, service), await inspect(client, service, { context: '1' })];
    await whole.until(() => whole.frames.length === 3);
    await client.request('task.note', { taskId: boil, text: 'MARKED-note' });
    await work(client, boil);
    await work(client, pour);
    for (const one of [bare, whole]) await one.until(() => one.state(root) === 'completed');
    expect(bare.frames.map(contextOf).filter((context) => context !== undefined)).toEqual([]);
    expect(JSON.stringify(bare.frames)).not.toContain('MARKED');
    for (const frame of whole.frames.filter(isActor)) expect(contextOf(frame)).toMatchObject({ spec: { rootId: root } });
    expect(contextOf(whole.of(boil).at(-1)!)).toMatchObject({
      result: { summary: 'MARKED-summary' },
      notes: [{ text: 'MARKED-note' }],
      attempt: 1,
    });
    expect(whole.of(boil).find((frame) => isEvent(frame) && frame.event.type === 'NOTE')).toMatchObject({
      event: { data: { text: 'MARKED-note' } },
    });
    await client.close();
  });
});
