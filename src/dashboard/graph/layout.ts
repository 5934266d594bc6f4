import { levelsOf } from './levels.ts';
import { settle } from './settle.ts';
import { waysOf } from './ways.ts';
import type { Edge, PlanGraph } from './plan-graph.ts';
import type { Item } from './ways.ts';

/**
 * A plan in levels from left to right: each task behind everything that it waits for, levels ordered so that edges are short and cross
 * little, long edges led around what stands between. The same graph is always laid out in the same way.
 */

const nodeWidth = 188;
const nodeHeight = 50;
const rowGap = 14;
const wayHeight = 6;
const wayGap = 8;
const sweeps = 8;
const settlings = 8;
/** How much of its lean a column is relieved of. */
const upright = 0.3;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface Node extends Box {
  readonly id: string;
  readonly level: number;
}

export interface DrawnEdge extends Edge {
  /** For `d` of a path. */
  readonly path: string;
  readonly box: Box;
}

export interface Layout {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly edges: readonly DrawnEdge[];
  /** The ids, each level from top to bottom. */
  readonly levels: readonly (readonly string[])[];
  /** Where the block of the tasks begins that nothing connects; null when there are none. */
  readonly block: Point | null;
  readonly width: number;
  readonly height: number;
  /** How much work it was: places looked at while the order was sought. */
  readonly steps: number;
}

/** So tall may a level be before it is broken into several columns. */
const tallest = (count: number): number => Math.max(10, Math.ceil(Math.sqrt(count) * 1.3));

export function layoutOf({ ids, edges }: PlanGraph): Layout {
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const linked = ids.filter((id) => connected.has(id));
  const places = new Map(linked.map((id, index) => [id, index]));
  const placeOf = (id: string): number => places.get(id) ?? 0;
  const levels = levelsOf(
    linked.length,
    edges.map(({ from, to }) => [placeOf(from), placeOf(to)]),
  );
  const { columnOf, starts } = intoColumns(levels);
  const { items, routes } = waysOf(columnOf, edges, placeOf);
  const columns: Item[][] = Array.from({ length: starts.length }, () => []);
  for (const item of items) columns[item.column]?.push(item);
  const steps = order(columns) + straighten(columns);

  const top = Math.min(0, ...items.map(({ y, isWay }) => y - heightOf(isWay) / 2));
  const bottom = Math.max(top, ...items.map(({ y, isWay }) => y + heightOf(isWay) / 2));
  const lefts = leftsOf(starts, bottom - top);
  const width = lefts.length === 0 ? 0 : (lefts.at(-1) ?? 0) + nodeWidth;
  const leftOf = ({ column }: Item): number => lefts[column] ?? 0;
  const boxOf = (item: Item): Box => ({
    x: leftOf(item),
    y: Math.round(item.y - top - nodeHeight / 2),
    width: nodeWidth,
    height: nodeHeight,
  });

  const nodes = new Map<string, Node>();
  for (const [index, id] of linked.entries()) {
    const item = items[index];
    if (item !== undefined) nodes.set(id, { id, level: levels[index] ?? 0, ...boxOf(item) });
  }
  const drawn = edges.flatMap((edge, index): DrawnEdge[] => {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
    if (edge.kind === 'inherits' || from === undefined || to === undefined) return [];
    const points = (routes[index] ?? []).flatMap((way) => [
      { x: leftOf(way), y: way.y - top },
      { x: leftOf(way) + nodeWidth, y: way.y - top },
    ]);
    return [{ ...edge, ...curve([outOf(from), ...points, inOf(to)]) }];
  });
  const alone = ids.filter((id) => !connected.has(id));
  const block = alone.length === 0 ? null : { x: 0, y: linked.length === 0 ? 0 : bottom - top + 60 };
  const size = block === null ? { width, height: bottom - top } : placeAlone(alone, block, width, nodes);
  return { nodes, edges: drawn, levels: inLevels(nodes), block, ...size, steps };
}

const heightOf = (isWay: boolean): number => (isWay ? wayHeight : nodeHeight);
const outOf = ({ x, y }: Node): Point => ({ x: x + nodeWidth, y: y + nodeHeight / 2 });
const inOf = ({ x, y }: Node): Point => ({ x, y: y + nodeHeight / 2 });

/** The column of each task, and of each column whether a level begins there. */
function intoColumns(levels: readonly number[]): { columnOf: number[]; starts: boolean[] } {
  const counts: number[] = [];
  for (const level of levels) counts[level] = (counts[level] ?? 0) + 1;
  const limit = tallest(levels.length);
  const first: number[] = [];
  const starts: boolean[] = [];
  for (let level = 0; level < counts.length; level++) {
    first.push(starts.length);
    const columns = Math.ceil((counts[level] ?? 0) / limit);
    for (let column = 0; column < columns; column++) starts.push(column === 0);
  }
  const taken = counts.map(() => 0);
  const columnOf = levels.map((level) => {
    const [begin, end] = [first[level] ?? 0, first[level + 1] ?? starts.length];
    const index = taken[level] ?? 0;
    taken[level] = index + 1;
    // In turn, so that neighbours of the plan stay at one height.
    return begin + (index % Math.max(1, end - begin));
  });
  return { columnOf, starts };
}

/** Has an item wish for the middle of what it is connected with on one side or on both; answers how many places were looked at. */
function wish(item: Item, looksBack: boolean, looksAhead: boolean): number {
  let sum = 0;
  let count = 0;
  if (looksBack) for (const { y } of item.before) sum += y;
  if (looksBack) count += item.before.length;
  if (looksAhead) for (const { y } of item.after) sum += y;
  if (looksAhead) count += item.after.length;
  item.wish = count === 0 ? item.y : sum / count;
  return count + 1;
}

const byOwner = (one: Item, other: Item): number => one.owner - other.owner;
const byWish = (one: Item, other: Item): number => one.wish - other.wish || byOwner(one, other);

/** Brings every column into the order of what it is connected with, from the left and from the right in turn. */
function order(columns: readonly Item[][]): number {
  let steps = 0;
  const spread = (column: readonly Item[]): void => {
    for (const [index, item] of column.entries()) item.y = (index - (column.length - 1) / 2) * (nodeHeight + rowGap);
  };
  for (const column of columns) spread(column.sort(byOwner));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const isForward = sweep % 2 === 0;
    for (const column of isForward ? columns : columns.toReversed()) {
      for (const item of column) steps += wish(item, isForward, !isForward);
      spread(column.sort(byWish));
    }
  }
  return steps;
}

/** Moves what is in order to where its edges are straight. */
function straighten(columns: readonly Item[][]): number {
  let steps = 0;
  const apart = (one: Item, other: Item): number =>
    (heightOf(one.isWay) + heightOf(other.isWay)) / 2 + (one.isWay || other.isWay ? wayGap : rowGap);
  for (let round = 0; round < settlings; round++) {
    const isForward = round % 2 === 0;
    const isLast = round >= settlings - 2;
    for (const column of isForward ? columns : columns.toReversed()) {
      for (const item of column) steps += wish(item, isForward || isLast, !isForward || isLast);
      // Else what many columns lean to a little carries the last ones far away.
      const lean = column.reduce((sum, item) => sum + item.wish, 0) / Math.max(1, column.length);
      for (const item of column) item.wish -= lean * upright;
      settle(column, apart);
    }
  }
  return steps;
}

/** Where columns begin; the taller the drawing, the more room for the edges to bend. */
function leftsOf(starts: readonly boolean[], height: number): number[] {
  const between = Math.min(160, 56 + height / 24);
  let left = 0;
  return starts.map((isLevel, column) => {
    if (column > 0) left += nodeWidth + (isLevel ? between : Math.min(between, 56));
    return left;
  });
}

export function curve(points: readonly [Point, ...Point[]]): { path: string; box: Box } {
  const [first, ...others] = points;
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const box = {
    x: Math.min(...xs),
    y: Math.min(...ys),
    width: Math.max(...xs) - Math.min(...xs),
    height: Math.max(...ys) - Math.min(...ys),
  };
  const round = (value: number): number => Math.round(value * 10) / 10;
  let path = `M${round(first.x)} ${round(first.y)}`;
  let from = first;
  for (const to of others) {
    const middle = round((from.x + to.x) / 2);
    path += `C${middle} ${round(from.y)} ${middle} ${round(to.y)} ${round(to.x)} ${round(to.y)}`;
    from = to;
  }
  return { path, box };
}

/** Side by side below what is connected, as wide as that, or about as wide as high. */
function placeAlone(alone: readonly string[], block: Point, width: number, nodes: Map<string, Node>): { width: number; height: number } {
  const [right, down] = [nodeWidth + rowGap, nodeHeight + rowGap];
  const across = Math.max(1, Math.floor((width + rowGap) / right), Math.min(alone.length, Math.ceil(Math.sqrt(alone.length / 2))));
  for (const [index, id] of alone.entries()) {
    const at = { x: block.x + (index % across) * right, y: block.y + Math.floor(index / across) * down };
    nodes.set(id, { id, level: 0, ...at, width: nodeWidth, height: nodeHeight });
  }
  return {
    width: Math.max(width, Math.min(across, alone.length) * right - rowGap),
    height: block.y + Math.ceil(alone.length / across) * down - rowGap,
  };
}

function inLevels(nodes: ReadonlyMap<string, Node>): string[][] {
  const levels: Node[][] = [];
  for (const node of nodes.values()) (levels[node.level] ??= []).push(node);
  return levels.map((level) => level.sort((one, other) => one.y - other.y || one.x - other.x).map(({ id }) => id));
}
