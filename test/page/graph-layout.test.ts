import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/dashboard/graph/layout.ts';
import { overlap } from '../../src/dashboard/graph/viewport.ts';
import type { Layout, Node } from '../../src/dashboard/graph/layout.ts';
import type { Edge, PlanGraph } from '../../src/dashboard/graph/plan-graph.ts';
import { randomFrom } from '../support/random.ts';

const needs = (from: string, to: string): Edge => ({ from, to, kind: 'needs', isLoose: false });
/** `a b` says that b comes after a. */
const graph = (ids: string, ...edges: string[]): PlanGraph => ({
  ids: ids.split(' '),
  edges: edges.map((edge) => {
    const [from = '', to = ''] = edge.split(' ');
    return needs(from, to);
  }),
});

/** A graph without circles; some tasks have children, some wait for many, some for none. */
function randomGraph(random: () => number, count: number): PlanGraph {
  const ids = Array.from({ length: count }, (_, index) => `t${index}`);
  const edges: Edge[] = [];
  const kinds = ['needs', 'needs', 'child', 'inherits'] as const;
  for (let to = 1; to < count; to++) {
    if (random() < 0.1) continue;
    for (let edge = 0; edge < 1 + random() * 3; edge++) {
      const near = random() < 0.7 ? Math.max(0, to - 1 - Math.floor(random() * 20)) : Math.floor(random() * to);
      const kind = kinds[Math.floor(random() * kinds.length)] ?? 'needs';
      edges.push({ from: `t${near}`, to: `t${to}`, kind, isLoose: random() < 0.1 });
    }
  }
  return { ids: random() < 0.5 ? ids : ids.toReversed(), edges };
}

const levelOf = ({ nodes }: Layout, id: string): number => nodes.get(id)?.level ?? NaN;

function overlaps(nodes: readonly Node[]): string[] {
  const inOrder = nodes.toSorted((one, other) => one.x - other.x);
  return inOrder.flatMap((one, index) => {
    const found: string[] = [];
    for (const other of inOrder.slice(index + 1)) {
      if (other.x >= one.x + one.width) break;
      if (overlap(one, other)) found.push(`${one.id} ${other.id}`);
    }
    return found;
  });
}

describe('the layout of a plan', () => {
  const seed = Number(process.env['SEED'] ?? 20_251);
  test.each([1, 2, 7, 40, 200, 1_000].map((count, index) => ({ count, seed: seed + index })))(
    'of $count tasks (SEED=$seed): edges go to later levels, nothing overlaps, the same again',
    ({ count, seed: given }) => {
      const random = randomFrom(given);
      for (let run = 0; run < (count < 100 ? 30 : 2); run++) {
        const dealt = randomGraph(random, count);
        const layout = layoutOf(dealt);
        expect([...layout.nodes.keys()].sort()).toEqual([...dealt.ids].sort());
        for (const { from, to } of dealt.edges) {
          expect(levelOf(layout, from), `${from} → ${to}`).toBeLessThan(levelOf(layout, to));
          expect(layout.nodes.get(from)?.x).toBeLessThan(layout.nodes.get(to)?.x ?? 0);
        }
        expect(overlaps([...layout.nodes.values()])).toEqual([]);
        for (const { x, y, width, height } of layout.nodes.values()) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(layout.width);
          expect(y + height).toBeLessThanOrEqual(layout.height + 1);
        }
        expect(layoutOf(dealt)).toEqual(layout);
      }
    },
  );

  test('looks at each place so often, however large the plan is', () => {
    for (const count of [100, 1_000]) {
      const given = randomGraph(randomFrom(3), count);
      // Each of 16 sweeps sees an item and its neighbours; items are the tasks and at most 4 places on the way per task.
      const mostItems = 5 * count + 100;
      expect(layoutOf(given).steps).toBeLessThan(16 * 2 * (mostItems + 2 * (given.edges.length + mostItems)));
    }
  });

  test('breaks a level that is very tall into columns', () => {
    const ids = ['first', ...Array.from({ length: 100 }, (_, index) => `t${index}`)];
    const layout = layoutOf({ ids, edges: ids.slice(1).map((id) => needs('first', id)) });
    expect(new Set([...layout.nodes.values()].filter(({ level }) => level === 1).map(({ x }) => x)).size).toBeGreaterThan(4);
    expect(layout.height).toBeLessThan(1_500);
  });

  test('draws a chain as a straight line', () => {
    const { nodes } = layoutOf(graph('a b c d', 'a b', 'b c', 'c d'));
    expect(new Set([...nodes.values()].map(({ y }) => y)).size).toBe(1);
  });

  test('leads a long edge around what stands between', () => {
    const { edges, nodes } = layoutOf(graph('a b c', 'a b', 'b c', 'a c'));
    const long = edges.find(({ from, to }) => from === 'a' && to === 'c');
    const b = nodes.get('b');
    const way = long?.path
      .match(/C[^C]+/g)?.[0]
      ?.split(' ')
      .at(-1);
    expect(Math.abs(Number(way) - ((b?.y ?? 0) + 25))).toBeGreaterThan(25);
  });

  test('crosses nothing that need not cross', () => {
    const { levels } = layoutOf(graph('a b c x y z', 'a z', 'b y', 'c x'));
    const [first, second] = levels;
    const partner: Record<string, string> = { a: 'z', b: 'y', c: 'x' };
    expect(second).toEqual(first?.map((id) => partner[id]));
  });

  test('puts what nothing connects into a block below', () => {
    const layout = layoutOf(graph('a b x y', 'a b'));
    const bottom = Math.max(...['a', 'b'].map((id) => (layout.nodes.get(id)?.y ?? 0) + 50));
    expect(layout.block?.y).toBeGreaterThan(bottom);
    for (const id of ['x', 'y']) expect(layout.nodes.get(id)?.y).toBe(layout.block?.y);
  });

  test('ends on a circle too, and draws every task of it', () => {
    const { nodes, edges } = layoutOf(graph('a b c d', 'a b', 'b c', 'c a', 'c d'));
    expect(nodes.size).toBe(4);
    expect(edges).toHaveLength(4);
  });

  test('of nothing is empty', () => {
    expect(layoutOf({ ids: [], edges: [] })).toMatchObject({ width: 0, height: 0, levels: [], block: null });
  });
});
