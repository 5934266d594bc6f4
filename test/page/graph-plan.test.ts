import { describe, expect, test } from 'vitest';
import { criticalPath } from '../../src/dashboard/graph/critical-path.ts';
import { graphOf, shapeOf, withoutDone } from '../../src/dashboard/graph/plan-graph.ts';
import type { Edge, EdgeKind, PlanGraph } from '../../src/dashboard/graph/plan-graph.ts';
import type { Row } from '../../src/dashboard/row.ts';

type Member = Parameters<typeof graphOf>[0][number];
type Dependency = Row['dependsOn'][number];

const idOf = (name: string): Row['id'] => `t_${name}`;

function member(name: string, parent: string | null, dependsOn: readonly (string | Partial<Dependency>)[] = [], position = 0): Member {
  return {
    id: idOf(name),
    rootId: idOf('root'),
    parentId: parent === null ? null : idOf(parent),
    position,
    dependsOn: dependsOn.map((given) => ({
      taskId: idOf(typeof given === 'string' ? given : 'a'),
      kind: 'completion',
      mandatory: true,
      status: 'waiting',
      waived: false,
      direct: true,
      via: [],
      ...(typeof given === 'string' ? {} : given),
    })),
  };
}

const told = ({ edges }: PlanGraph): string[] =>
  edges.map(({ from, to, kind, isLoose }) => `${from.slice(2)} ${to.slice(2)} ${kind}${isLoose ? ' loose' : ''}`).sort();

describe('the graph of a plan', () => {
  test('goes from what is awaited to what waits, and to the parent from the last of its children', () => {
    const graph = graphOf([member('root', null), member('a', 'root'), member('b', 'root', ['a']), member('c', 'root', ['b'])]);
    expect(told(graph)).toEqual(['a b needs', 'b c needs', 'c root child']);
  });

  test('leaves a task alone that only the plan waits for, but not a child of another task', () => {
    const graph = graphOf([member('root', null), member('a', 'root'), member('p', 'root'), member('q', 'p')]);
    expect(told(graph)).toEqual(['p root child', 'q p child']);
  });

  test('keeps inherited edges apart, and marks what does not hold', () => {
    const rows = [
      member('root', null),
      member('a', 'root'),
      member('b', 'root', [{ mandatory: false }]),
      member('c', 'root', [{ waived: true }]),
      member('d', 'root', [{ direct: false, via: [idOf('root')] }]),
    ];
    expect(told(graphOf(rows)).filter((edge) => edge.startsWith('a '))).toEqual(['a b needs loose', 'a c needs loose', 'a d inherits']);
  });

  test('knows nothing of other plans and does not depend on the order in which it is told', () => {
    const rows = [member('root', null), member('b', 'root', ['a', 'elsewhere'], 1), member('a', 'root', [], 0), member('x', 'a')];
    const graph = graphOf(rows);
    expect(graph.ids).toEqual(['root', 'a', 'x', 'b'].map(idOf));
    expect(told(graph).join()).not.toContain('elsewhere');
    expect(shapeOf(graphOf(rows.toReversed()))).toBe(shapeOf(graph));
    expect(shapeOf(graphOf(rows.slice(0, 3)))).not.toBe(shapeOf(graph));
  });
});

/** `a b` says that b comes after a, `a b?` that it need not. */
function chain(...edges: string[]): PlanGraph {
  const ids = [...new Set(edges.flatMap((edge) => edge.replace('?', '').split(' ').slice(0, 2)))];
  return {
    ids,
    edges: edges.map((edge): Edge => {
      const [from = '', to = '', kind = 'needs'] = edge.replace('?', '').split(' ');
      return { from, to, kind: kind as EdgeKind, isLoose: edge.includes('?') };
    }),
  };
}

describe('the graph without what is done', () => {
  const without = (given: PlanGraph, done: string): string[] =>
    withoutDone(given, (id) => done.includes(id)).edges.map(({ from, to, kind }) => `${from} ${to} ${kind}`);

  test('still connects what was connected through it', () => {
    expect(without(chain('a b', 'b c', 'c d', 'd e'), 'bc')).toEqual(['d e needs', 'a d through'].toReversed());
    expect(without(chain('a x', 'b x', 'x y', 'y p', 'y q'), 'xy').sort()).toEqual(
      ['a p', 'a q', 'b p', 'b q'].map((edge) => `${edge} through`),
    );
  });

  test('says nothing twice', () => {
    expect(without(chain('a b', 'b c', 'a c'), 'b')).toEqual(['a c needs']);
    expect(without(chain('a b', 'a c', 'b d', 'c d'), 'bc')).toEqual(['a d through']);
  });

  test('ends on a circle', () => {
    expect(without(chain('b c', 'c b', 'c d'), 'bc')).toEqual([]);
  });
});

describe('the critical path', () => {
  const path = (given: PlanGraph, done = ''): string => criticalPath(given, (id) => !done.includes(id)).join(' ');

  test('is the longest chain', () => {
    expect(path(chain('a b', 'b c', 'a d', 'd e', 'e f'))).toBe('a d e f');
  });

  test('begins where the work stands', () => {
    expect(path(chain('a b', 'b c', 'x y', 'y z'), 'ab')).toBe('x y z');
    expect(path(chain('a b', 'b c'), 'ab')).toBe('');
  });

  test('goes over children and inherited edges, not over what does not hold', () => {
    expect(path(chain('a b inherits', 'b p child', 'x y?', 'y z', 'z w?'))).toBe('a b p');
  });

  test('leaves out what waits in a circle', () => {
    expect(path(chain('a b', 'x y', 'y x', 'y b', 'a c'))).toBe('a c');
  });
});
