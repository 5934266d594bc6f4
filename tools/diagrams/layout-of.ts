import elk from 'elkjs/lib/elk.bundled.js';
import type { ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { AnyStateMachine } from 'xstate';
import { metrics } from '../../src/machines/diagram/layout.ts';
import type { Box, Layout, PlacedFacts, PlacedStart, PlacedState, Point } from '../../src/machines/diagram/layout.ts';
import { arrowId, elkGraph, startId } from './elk-graph.ts';
import { graphOf } from './graph.ts';
import type { Arrow, Graph, StateNode } from './graph.ts';
import { wrap } from './text.ts';

/** The places of a machine's states, arrows and labels, found by ELK. The same machine has the same layout every time. */

const { nameSize, eventLine, padding, dot } = metrics;

const margin = 8;

const round = (value = 0): number => Math.round(value * 10) / 10;
const boxOf = ({ x, y, width, height }: { x?: number; y?: number; width?: number; height?: number }): Box => ({
  x: round(x),
  y: round(y),
  width: round(width),
  height: round(height),
});

/** The graph with the main way in front: what comes first is placed first. */
function inFront({ states, arrows, ...rest }: Graph, mainWay: readonly string[]) {
  const rank = (id: string): number => (mainWay.includes(id) ? mainWay.indexOf(id) : mainWay.length);
  const isMain = ({ from, to }: Arrow): boolean => rank(to) < mainWay.length && rank(to) === rank(from) + 1;
  const graph: Graph = {
    ...rest,
    states: states.toSorted((a, b) => rank(a.id) - rank(b.id)),
    arrows: arrows.toSorted((a, b) => Number(isMain(b)) - Number(isMain(a))),
  };
  return { graph, isMain };
}

function factsOf(events: readonly string[], width: number, bottom: number): PlacedFacts | null {
  if (events.length === 0) return null;
  const lines = wrap(events, width - 2 * margin - 2 * padding);
  const height = nameSize + 2 + lines.length * eventLine + padding;
  return { x: margin, y: round(bottom) + margin / 2, width: round(width - 2 * margin), height, lines };
}

/** `mainWay`: states that shall stand straight below each other. */
export async function layoutOf(machine: AnyStateMachine, { mainWay }: { readonly mainWay: readonly string[] }): Promise<Layout> {
  const { graph, isMain } = inFront(graphOf(machine), mainWay);
  const asked = elkGraph(graph, isMain);
  const placed: ElkNode = await new elk.default().layout(asked);

  const nodes = new Map<string, ElkNode>();
  const keep = (node: ElkNode): void => {
    nodes.set(node.id, node);
    for (const child of node.children ?? []) keep(child);
  };
  keep(placed);
  const edges = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  const pointsOf = (id: string): Point[] =>
    (edges.get(id)?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
      [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x: round(x), y: round(y) })),
    );

  const starts: PlacedStart[] = [];
  const begin = (parent: string, state: string | null): void => {
    if (state === null) return;
    const id = startId(parent);
    const { x = 0, y = 0 } = nodes.get(id) ?? {};
    starts.push({ state, dot: { x: round(x + dot), y: round(y + dot) }, points: pointsOf(id) });
  };
  const stateOf = ({ id, name, stays, children, initial }: StateNode): PlacedState => {
    begin(id, initial);
    return { id, name, ...boxOf(nodes.get(id) ?? {}), stays: wrap(stays), children: children.map(stateOf) };
  };

  begin('', graph.initial);
  const states = graph.states.map(stateOf);
  const [width, bottom] = [round(placed.width), round(placed.height)];
  const facts = factsOf(graph.facts, width, bottom);
  return {
    machine: machine.id,
    width,
    height: facts === null ? bottom : facts.y + facts.height + margin,
    states,
    edges: graph.arrows.map(({ from, to, events }, index) => ({
      from,
      to,
      points: pointsOf(arrowId(index)),
      label: boxOf(edges.get(arrowId(index))?.labels?.[0] ?? {}),
      events,
    })),
    starts,
    facts,
  };
}
