import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TaskId } from '../../src/ids.ts';
import { newContext } from '../../src/machines/birth.ts';
import type { DependencyEntry, TaskContext } from '../../src/machines/context.ts';
import type { WaitPath } from '../../src/machines/events.ts';
import { findCycle, levelsOf, waitersOf } from '../../src/machines/graph.ts';
import type { Waiter } from '../../src/machines/graph.ts';
import { taskId, taskSpec } from '../support/records.ts';

/** Letters stand for tasks: `a > b` says that a depends on b, `p ^ c` that p is the parent of c. */

const letters = 'abcdefghijklmnopqrstuvwxyz'.split('');
const idOf = (letter: string): TaskId => taskId(letters.indexOf(letter) + 1);
const letterOf = (id: TaskId): string => letters.find((letter) => idOf(letter) === id) ?? '?';

function waitersIn(edges: readonly string[]): (id: TaskId) => readonly Waiter[] {
  return (id) =>
    edges.flatMap((edge) => {
      const [waiter = '', how = '', awaited = ''] = edge.split(' ');
      return idOf(awaited) === id ? [{ id: idOf(waiter), waitsAs: how === '>' ? ('dependency' as const) : ('parent' as const) }] : [];
    });
}

/** The path as edges, from the task whose letter comes first. */
function told(path: WaitPath | null): readonly string[] | null {
  if (path === null) return null;
  const edges = path.map(({ taskId: id, waitsAs }, index) => {
    const next = path[(index + 1) % path.length]!;
    return `${letterOf(id)} ${waitsAs === 'dependency' ? '>' : '^'} ${letterOf(next.taskId)}`;
  });
  const first = edges.indexOf(edges.toSorted()[0]!);
  return [...edges.slice(first), ...edges.slice(0, first)];
}

describe('findCycle', () => {
  test.each<{ name: string; edges: string[]; starts: string; path: string[] | null }>([
    { name: 'a task that waits for itself', edges: ['a > a'], starts: 'a', path: ['a > a'] },
    { name: 'two that wait for each other', edges: ['a > b', 'b > a'], starts: 'a', path: ['a > b', 'b > a'] },
    { name: 'a child that depends on its parent', edges: ['p ^ c', 'c > p'], starts: 'c', path: ['c > p', 'p ^ c'] },
    { name: 'a grandchild that depends on the root', edges: ['p ^ c', 'c ^ g', 'g > p'], starts: 'g', path: ['c ^ g', 'g > p', 'p ^ c'] },
    { name: 'a parent whose child inherits an edge on itself', edges: ['p ^ c', 'p > c', 'c > c'], starts: 'c', path: ['c > c'] },
    {
      name: 'two trees that wait for each other through their parents',
      edges: ['p ^ c', 'q ^ d', 'c > q', 'd > p'],
      starts: 'c',
      path: ['c > q', 'q ^ d', 'd > p', 'p ^ c'],
    },
    { name: 'a diamond, which is none', edges: ['d > b', 'd > c', 'b > a', 'c > a'], starts: 'a', path: null },
    {
      name: 'a parent that waits for a child and the child for an uncle',
      edges: ['p ^ c', 'r ^ p', 'r ^ u', 'c > u'],
      starts: 'ucpr',
      path: null,
    },
    {
      name: 'the shorter of two ways into it',
      edges: ['b > a', 'c > b', 'a > c', 'x > a'],
      starts: 'xa',
      path: ['a > c', 'b > a', 'c > b'].toSorted(),
    },
  ])('finds $name', ({ edges, starts, path }) => {
    const found = told(findCycle(starts.split('').map(idOf), waitersIn(edges)));
    expect(path === null ? found : found?.toSorted()).toEqual(path === null ? null : path.toSorted());
  });

  test('the path is in the order of waiting, each task once with the edge that it waits by', () => {
    const path = findCycle([idOf('c')], waitersIn(['p ^ c', 'q ^ d', 'c > q', 'd > p']));
    expect(told(path)).toEqual(['c > q', 'q ^ d', 'd > p', 'p ^ c']);
    expect(path?.map(({ waitsAs }) => waitsAs).toSorted()).toEqual(['dependency', 'dependency', 'parent', 'parent']);
  });

  test('a chain of 50,000 needs no stack', () => {
    const next = new Map(Array.from({ length: 50_000 }, (_, index) => [taskId(index), taskId(index + 1)]));
    const waiters = (id: TaskId): readonly Waiter[] => {
      const waiter = next.get(id);
      return waiter === undefined ? [] : [{ id: waiter, waitsAs: 'dependency' }];
    };
    expect(findCycle([taskId(0)], waiters)).toBeNull();
    next.set(taskId(50_000), taskId(0));
    expect(findCycle([taskId(0)], waiters)).toHaveLength(50_001);
  });

  test('it finds a circle if and only if there is one, and names one that exists', () => {
    const letter = fc.constantFrom(...letters.slice(0, 6));
    const edge = fc.tuple(letter, fc.constantFrom('>', '^'), letter).map((parts) => parts.join(' '));
    const all = letters.slice(0, 6).map(idOf);
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 9 }), (edges) => {
        const path = told(findCycle(all, waitersIn(edges)));
        const waitsFor = (id: TaskId) => edges.flatMap((one) => (one.startsWith(letterOf(id)) ? [idOf(one.slice(-1))] : []));
        // What can be put in levels has no circle.
        const sorted = levelsOf(all.map((id) => ({ id, waitsFor: waitsFor(id) }))).flat();
        expect(path === null).toBe(sorted.length === all.length);
        for (const one of path ?? []) expect(edges).toContain(one);
        expect(new Set(path ?? []).size).toBe(path?.length ?? 0);
      }),
      { numRuns: 300, seed: 20_260_101 },
    );
  });
});

describe('waitersOf', () => {
  const entry = (more: Partial<DependencyEntry> = {}): DependencyEntry => ({
    id: idOf('a'),
    kind: 'completion',
    mandatory: true,
    status: 'waiting',
    waived: false,
    direct: true,
    via: [],
    ...more,
  });
  const waits = (more: Partial<DependencyEntry>) => newContext(taskSpec(idOf('r')), [entry(more)]);
  const contexts = new Map<TaskId, TaskContext>([
    [
      idOf('a'),
      {
        ...newContext(taskSpec(idOf('r'), { parentId: idOf('p') })),
        dependents: { direct: letters.slice(1, 6).map(idOf), inherited: [idOf('b'), idOf('g')] },
      },
    ],
    [idOf('b'), waits({ via: [idOf('p')] })],
    [idOf('c'), waits({ mandatory: false })],
    [idOf('d'), waits({ waived: true })],
    [idOf('e'), waits({ kind: 'related' })],
    [idOf('f'), waits({ status: 'satisfied', kind: 'data', artifactType: 'code' })],
    [idOf('g'), waits({ direct: false, via: [idOf('p')] })],
  ]);
  const contextOf = (id: TaskId) => contexts.get(id)!;

  test('the parent, and who depends on it by an edge that can hold back, met or not, once each', () => {
    expect(waitersOf(idOf('a'), contextOf)).toEqual([
      { id: idOf('p'), waitsAs: 'parent' },
      { id: idOf('b'), waitsAs: 'dependency' },
      { id: idOf('f'), waitsAs: 'dependency' },
      { id: idOf('g'), waitsAs: 'dependency' },
    ]);
  });

  test('nobody waits for a root without dependents', () => {
    expect(waitersOf(idOf('b'), contextOf)).toEqual([]);
  });
});

describe('levelsOf', () => {
  const levels = (tasks: Readonly<Record<string, string>>) =>
    levelsOf(Object.entries(tasks).map(([letter, waitsFor]) => ({ id: idOf(letter), waitsFor: waitsFor.split('').map(idOf) }))).map(
      (level) => level.map(letterOf).join(''),
    );

  test.each<[string, Record<string, string>, string[]]>([
    ['what waits for nothing comes first, in the order given', { b: '', a: '' }, ['ba']],
    ['a diamond has three levels', { d: 'bc', b: 'a', c: 'a', a: '' }, ['a', 'bc', 'd']],
    ['a task stands behind the last that it waits for', { a: '', b: 'a', c: 'b', d: 'ac' }, ['a', 'b', 'c', 'd']],
    ['an edge to a task outside is ignored', { a: 'z', b: 'a' }, ['a', 'b']],
    ['an edge that is named twice counts once', { a: '', b: 'aa' }, ['a', 'b']],
    ['what waits in a circle is left out, and what waits for it', { a: '', b: 'c', c: 'b', d: 'b' }, ['a']],
    ['nothing has no levels', {}, []],
  ])('%s', (_, tasks, expected) => {
    expect(levels(tasks)).toEqual(expected);
  });
});
