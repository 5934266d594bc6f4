import type { AnyStateMachine } from 'xstate';
import type { Output } from '../protocol/methods.ts';
import { codeOf } from './diagram/code.ts';
import type { Layout } from './diagram/layout.ts';
import { sessionLayout } from './diagram/layouts/session.ts';
import { taskLayout } from './diagram/layouts/task.ts';
import { svgOf } from './diagram/svg.ts';
import type { SvgOptions } from './diagram/svg.ts';
import { sessionMachine, sessionMachineVersion } from './session.ts';
import { taskMachine, taskMachineVersion } from './task.ts';

/** A machine as data, as a Mermaid state diagram, as a picture and as code, read from the machine itself. */

export type MachineDescription = Omit<Output<'machine.get'>['machine'], 'svg' | 'xstate'>;

/** A guard's name, or the names that a conjunction is made of. */
export function guardNames(guard: unknown): string[] {
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

interface Drawn {
  readonly machine: AnyStateMachine;
  readonly version: number;
  readonly layout: Layout;
}

const drawn: readonly Drawn[] = [
  { machine: taskMachine, version: taskMachineVersion, layout: taskLayout },
  { machine: sessionMachine, version: sessionMachineVersion, layout: sessionLayout },
];
const drawnById: ReadonlyMap<string, Drawn> = new Map(drawn.map((one) => [one.machine.id, one]));

/** Every machine of the service by id. */
export const machineDescriptions: ReadonlyMap<string, MachineDescription> = new Map(
  drawn.map(({ machine, version }) => [machine.id, describe(machine, version)]),
);

export type DiagramFormat = 'mermaid' | 'svg' | 'json' | 'xstate';

/** A machine's diagram as text; undefined when there is no such machine. `standalone`: the picture brings colours of its own. */
export function diagramOf(id: string, format: DiagramFormat, options: SvgOptions = {}): string | undefined {
  const [description, one] = [machineDescriptions.get(id), drawnById.get(id)];
  if (description === undefined || one === undefined) return undefined;
  switch (format) {
    case 'mermaid':
      return description.mermaid;
    case 'svg':
      return svgOf(one.layout, options);
    case 'json':
      return `${JSON.stringify({ ...description, layout: one.layout }, null, 2)}\n`;
    case 'xstate':
      return codeOf(one.machine);
  }
}
