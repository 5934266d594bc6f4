import { toDirectedGraph } from 'xstate/graph';
import type { DirectedGraphNode } from 'xstate/graph';
import type { AnyStateMachine, AnyStateNode } from 'xstate';

/** A machine's states and arrows as they are drawn: one arrow per pair of states, what stays inside its state, facts once. */

export interface StateNode {
  readonly id: string;
  readonly name: string;
  readonly stays: readonly string[];
  readonly children: readonly StateNode[];
  /** The first of the children. */
  readonly initial: string | null;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly events: readonly string[];
}

export interface Graph {
  readonly states: readonly StateNode[];
  readonly initial: string | null;
  readonly arrows: readonly Arrow[];
  readonly facts: readonly string[];
}

interface Way {
  readonly from: string;
  readonly to: string;
  readonly event: string;
}

const pathOf = (node: AnyStateNode): string => node.path.join('.');

/** What XState calls an event of its own, as a person would. */
function eventName(type: string): string {
  if (type === '') return 'always';
  const [, after] = /^xstate\.after\.([^.]+)\./.exec(type) ?? [];
  if (after !== undefined) return `after ${after}`;
  return /^xstate\.(done|error)\./.exec(type)?.[1] ?? type;
}

/** `toDirectedGraph` tells every transition but those that need no event. */
function waysOf({ stateNode, edges }: DirectedGraphNode): Way[] {
  const from = pathOf(stateNode);
  const always = (stateNode.always ?? []).flatMap(({ target }) =>
    (target ?? [stateNode]).map((to: AnyStateNode) => ({ from, to: pathOf(to), event: eventName('') })),
  );
  return [...always, ...edges.map(({ target, transition }) => ({ from, to: pathOf(target), event: eventName(transition.eventType) }))];
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

/** The initial state first, the others as the machine has them. */
const inOrder = (nodes: readonly StateNode[], initial: string | null): StateNode[] =>
  nodes.toSorted((a, b) => Number(b.id === initial) - Number(a.id === initial));

const initialOf = (node: AnyStateNode): string | null => {
  const [target] = node.type === 'compound' ? node.initial.target : [];
  return target === undefined ? null : pathOf(target);
};

export function graphOf(machine: AnyStateMachine): Graph {
  const root = toDirectedGraph(machine);
  const facts = unique(root.edges.filter(({ target }) => target === machine.root).map(({ transition }) => eventName(transition.eventType)));
  const arrows = new Map<string, Arrow>();
  const visit = (node: DirectedGraphNode): StateNode => {
    const id = pathOf(node.stateNode);
    const ways = waysOf(node);
    for (const { from, to, event } of ways) {
      // The root is no box that an arrow could leave or reach.
      if (from === to || from === '' || to === '') continue;
      const key = `${from} ${to}`;
      arrows.set(key, { from, to, events: unique([...(arrows.get(key)?.events ?? []), event]) });
    }
    const initial = initialOf(node.stateNode);
    return {
      id,
      name: node.stateNode.key,
      stays: unique(ways.filter(({ to, event }) => to === id && !facts.includes(event)).map(({ event }) => event)),
      children: inOrder(node.children.map(visit), initial),
      initial,
    };
  };
  const { children, initial } = visit(root);
  return { states: children, initial, arrows: [...arrows.values()], facts };
}
