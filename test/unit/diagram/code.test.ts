import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createActor } from 'xstate';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { expect, onTestFinished, test } from 'vitest';
import { codeOf } from '../../../src/machines/diagram/code.ts';
import { sessionMachine } from '../../../src/machines/session.ts';
import { taskMachine } from '../../../src/machines/task.ts';
import { nestedMachine } from './machines.ts';

/** The machine of the exported code: written into a module of its own, which finds XState as any project does. */
async function evaluated(code: string): Promise<AnyStateMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-code-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  const file = join(folder, 'machine.mjs');
  await writeFile(file, code);
  const { machine } = (await import(pathToFileURL(file).href)) as { machine: AnyStateMachine };
  return machine;
}

function guardOf(guard: unknown): unknown {
  if (typeof guard === 'function' && 'guards' in guard && Array.isArray(guard.guards)) return [guard.name, ...guard.guards.map(guardOf)];
  return guard;
}

/** What XState makes of a delay is a function that knows what it raises. */
const actionOf = (action: unknown): unknown => (typeof action === 'function' ? Object.fromEntries(Object.entries(action)) : action);

/** All that a machine does, in the words of XState's own nodes. */
function nodesOf(node: AnyStateNode): unknown[] {
  const { id, type, description, tags, entry, exit } = node;
  const ways = [...node.transitions.values()].flat().concat(node.always ?? []);
  const transitions = ways.map(({ eventType, target, guard, actions, reenter }) => ({
    eventType,
    target: target?.map(({ id: to }: AnyStateNode) => to),
    guard: guardOf(guard),
    actions: actions.map(actionOf),
    reenter,
  }));
  const initial = type === 'compound' ? node.initial.target.map(({ id: to }: AnyStateNode) => to) : [];
  return [
    { id, type, description, tags, entry: entry.map(actionOf), exit: exit.map(actionOf), initial, transitions },
    ...Object.values(node.states).flatMap(nodesOf),
  ];
}

test.each([taskMachine, sessionMachine, nestedMachine])(
  'the code of $id, evaluated, is the same machine',
  async (machine: AnyStateMachine) => {
    const copy = await evaluated(codeOf(machine));
    expect(nodesOf(copy.root)).toEqual(nodesOf(machine.root));
    const used = Object.keys(copy.implementations.guards).concat(Object.keys(copy.implementations.actions));
    const given = Object.keys(machine.implementations.guards).concat(Object.keys(machine.implementations.actions));
    expect(used.toSorted()).toEqual(given.toSorted());
  },
);

test('the code runs by itself: its guards let everything through', async () => {
  const actor = createActor(await evaluated(codeOf(sessionMachine))).start();
  for (const type of ['PAUSE', 'COMPLETE', 'ARCHIVE']) actor.send({ type });
  expect(actor.getSnapshot().value).toBe('archived');
});
