import type { ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs/lib/elk.bundled.js';
import { metrics } from '../../src/machines/diagram/layout.ts';
import type { Arrow, Graph, StateNode } from './graph.ts';
import { widest, wrap } from './text.ts';

/** What ELK is asked: boxes as large as what is written into them, arrows with their labels on the line. */

const layered: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.considerModelOrder.strategy': 'PREFER_NODES',
  'elk.layered.layering.strategy': 'LONGEST_PATH',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.nodePlacement.favorStraightEdges': 'true',
  'elk.layered.spacing.nodeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.spacing.nodeNode': '14',
  'elk.spacing.edgeNode': '10',
  'elk.spacing.edgeEdge': '9',
  'elk.spacing.edgeLabel': '0',
  'elk.spacing.labelLabel': '4',
  'elk.padding': '[top=8,left=8,bottom=8,right=8]',
};

/** Above every other arrow's 0. */
const straight = '1000';
const smallestState = 96;

const { nameChar, nameLine, eventChar, eventLine, padding, labelPadding, dot } = metrics;

export const startId = (parent: string): string => `start of ${parent}`;
export const arrowId = (index: number): string => `arrow ${index}`;

function elkArrow({ from, to, events }: Arrow, index: number, isMain: boolean): ElkExtendedEdge {
  const weight = isMain ? straight : '0';
  const letters = Math.max(...events.map((name) => name.length));
  const label = {
    id: `label ${index}`,
    text: events.join('\n'),
    width: Math.ceil(letters * eventChar) + 2 * labelPadding,
    height: events.length * eventLine + labelPadding,
    layoutOptions: { 'elk.edgeLabels.inline': 'true' },
  };
  const priorities = ['straightness', 'shortness', 'direction'].map((name) => [`elk.layered.priority.${name}`, weight]);
  return { id: arrowId(index), sources: [from], targets: [to], labels: [label], layoutOptions: Object.fromEntries(priorities) };
}

/** The graph in the order in which its parts shall be placed. */
export function elkGraph(graph: Graph, isMain: (arrow: Arrow) => boolean): ElkNode {
  const edges: ElkExtendedEdge[] = [];
  // ELK 0.12 fails to break cycles by model order alone where arrows cross the border of a state.
  const isFlat = graph.states.every(({ children }) => children.length === 0);
  const options = { ...layered, 'elk.layered.cycleBreaking.strategy': isFlat ? 'MODEL_ORDER' : 'GREEDY_MODEL_ORDER' };

  const startOf = (parent: string, state: string | null): ElkNode[] => {
    if (state === null) return [];
    const id = startId(parent);
    edges.push({ id, sources: [id], targets: [state], layoutOptions: { 'elk.layered.priority.straightness': straight } });
    return [{ id, width: 2 * dot, height: 2 * dot, layoutOptions: { 'elk.layered.layering.layerConstraint': 'FIRST' } }];
  };

  const nodeOf = ({ id, name, stays, children, initial }: StateNode): ElkNode => {
    const lines = wrap(stays);
    const width = Math.ceil(Math.max(name.length * nameChar + 2 * padding, widest(lines) + 2 * padding, smallestState));
    const height = nameLine + lines.length * eventLine + 2 * padding - 2;
    if (children.length === 0) return { id, width, height };
    const [top, side] = [height + padding, padding + 4];
    return {
      id,
      children: [...startOf(id, initial), ...children.map(nodeOf)],
      layoutOptions: {
        ...options,
        'elk.padding': `[top=${top},left=${side},bottom=${side},right=${side}]`,
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        'elk.nodeSize.minimum': `(${width},${height})`,
      },
    };
  };

  const children = [...startOf('', graph.initial), ...graph.states.map(nodeOf)];
  edges.push(...graph.arrows.map((arrow, index) => elkArrow(arrow, index, isMain(arrow))));
  return { id: 'root', layoutOptions: options, children, edges };
}
