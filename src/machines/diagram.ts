import type { AnyStateMachine } from 'xstate';
import type { Output } from '../protocol/methods.ts';
import { sessionMachine, sessionMachineVersion } from './session.ts';
import { taskMachine, taskMachineVersion } from './task.ts';

/** A machine as data and as a Mermaid state diagram, read from the machine itself. */

export type MachineDescription = Output<'machine.get'>['machine'];

/** A guard's name, or the names that a conjunction is made of. */
function guardNames(guard: unknown): string[] {
  if (typeof guard === 'string') return [guard];
  if (typeof guard === 'function' && 'guards' in guard && Array.isArray(guard.guards)) return guard.guards.flatMap(guardNames);
  if (typeof guard === 'object' && guard !== null && 'type' in guard && typeof guard.type === 'string') return [guard.type];
  return [];
}

function mermaidOf(initial: string, transitions: MachineDescription['transitions']): string {
  // One arrow per pair of states; the diagram is for people, the guards are in the table.
  const arrows = new Map<string, string[]>();
  for (const { from, event, to } of transitions) {
    if (from === to) continue;
    const key = `    ${from} --> ${to}`;
    arrows.set(key, [...new Set([...(arrows.get(key) ?? []), event])]);
  }
  const lines = [...arrows].map(([arrow, events]) => `${arrow}: ${events.join(', ')}`);
  return ['stateDiagram-v2', `    [*] --> ${initial}`, ...lines, ''].join('\n');
}

function describe(machine: AnyStateMachine, version: number): MachineDescription {
  const transitions: MachineDescription['transitions'] = [];
  const initial = machine.root.initial.target[0]?.key ?? '';
  for (const [from, node] of Object.entries(machine.root.states)) {
    const ways = [...node.transitions.values()].flat().concat(node.always ?? []);
    for (const { eventType, target, guard } of ways)
      transitions.push({ from, event: eventType === '' ? 'always' : eventType, to: target?.[0]?.key ?? from, guards: guardNames(guard) });
  }
  return {
    id: machine.id,
    version,
    initial,
    states: Object.keys(machine.root.states),
    events: [...new Set([...transitions.map(({ event }) => event), ...machine.root.ownEvents.map(String)])],
    transitions,
    mermaid: mermaidOf(initial, transitions),
  };
}

/** Every machine of the service by id. */
export const machineDescriptions: ReadonlyMap<string, MachineDescription> = new Map([
  [taskMachine.id, describe(taskMachine, taskMachineVersion)],
  [sessionMachine.id, describe(sessionMachine, sessionMachineVersion)],
]);
