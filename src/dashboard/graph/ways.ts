import type { Edge } from './plan-graph.ts';

/** What takes a place in a column: a task, or a long edge on its way past it. */
export interface Item {
  readonly column: number;
  readonly isWay: boolean;
  /** The place in the list of the task, or of the task whose edges share the way. */
  readonly owner: number;
  y: number;
  /** Where it would like to be. */
  wish: number;
  /** What it is connected with in the column before, and in the one after. */
  readonly before: Item[];
  readonly after: Item[];
}

interface Shared {
  readonly owner: number;
  first: number;
  last: number;
  readonly edges: number[];
}

const itemOf = (column: number, isWay: boolean, owner: number): Item => ({ column, isWay, owner, y: 0, wish: 0, before: [], after: [] });

function join(one: Item, other: Item): void {
  one.after.push(other);
  other.before.push(one);
}

/**
 * The items of all columns (those of the tasks first), joined from column to column, and for every edge the ways that it takes. Edges of
 * one task share their way: all to what depends on it, and all from its children. Where that would be too many, the longest go straight.
 */
export function waysOf(
  columnOf: readonly number[],
  edges: readonly Edge[],
  placeOf: (id: string) => number,
): { items: Item[]; routes: readonly (readonly Item[])[] } {
  const items = columnOf.map((column, place) => itemOf(column, false, place));
  const routes: (readonly Item[])[] = edges.map(() => []);
  const ends = edges.map(({ from, to }) => [placeOf(from), placeOf(to)] as const);
  const column = (place: number): number => columnOf[place] ?? 0;
  const shared = new Map<string, Shared>();
  for (const [index, { kind }] of edges.entries()) {
    const [from, to] = ends[index] ?? [0, 0];
    if (kind === 'inherits' || column(to) <= column(from)) continue;
    const [one, other] = [items[from], items[to]];
    if (column(to) === column(from) + 1) {
      if (one !== undefined && other !== undefined) join(one, other);
      continue;
    }
    const owner = kind === 'child' ? to : from;
    const key = `${kind === 'child' ? 'in' : 'out'} ${owner}`;
    const way = shared.get(key) ?? { owner, first: Infinity, last: -Infinity, edges: [] };
    way.first = Math.min(way.first, column(from) + 1);
    way.last = Math.max(way.last, column(to) - 1);
    way.edges.push(index);
    shared.set(key, way);
  }
  let room = 4 * columnOf.length + 100;
  for (const { owner, first, last, edges: those } of [...shared.values()].sort(
    (one, other) => one.last - one.first - other.last + other.first,
  )) {
    room -= last - first + 1;
    if (room < 0) break;
    const way = Array.from({ length: last - first + 1 }, (_, index) => itemOf(first + index, true, owner));
    items.push(...way);
    for (const [index, item] of way.entries()) {
      const next = way[index + 1];
      if (next !== undefined) join(item, next);
    }
    const joined = new Set<Item>();
    for (const index of those) {
      const [from, to] = ends[index] ?? [0, 0];
      const part = way.slice(column(from) + 1 - first, column(to) - first);
      routes[index] = part;
      const [start, end] = [part[0], part.at(-1)];
      const [one, other] = [items[from], items[to]];
      if (one === undefined || other === undefined || start === undefined || end === undefined) continue;
      if (!joined.has(one)) join(one, start);
      if (!joined.has(other)) join(end, other);
      joined.add(owner === from ? one : other);
    }
  }
  return { items, routes };
}
