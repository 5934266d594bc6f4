import { describe, expect, test } from 'vitest';
import { boardOf, passes } from '../../src/dashboard/board/board.ts';
import { laneOf } from '../../src/dashboard/lanes.ts';
import { home } from '../../src/dashboard/route.ts';
import { asks, childrenOf, waitsOn } from '../../src/dashboard/row.ts';
import type { Row } from '../../src/dashboard/row.ts';
import { rowOf } from './rows.ts';

const root = rowOf({ id: 't_root', title: 'The plan', ready: false, children: { open: 3, completed: 1, failed: 0, cancelled: 0 } });
const below = (given: Parameters<typeof rowOf>[0]): Row => rowOf({ rootId: 't_root', parentId: 't_root', ...given });
const question = { reason: null, question: 'Which one?', answer: null };

describe('the lanes', () => {
  test.each([
    ['pending', 'ready', 'waiting'],
    ['in_progress', 'running', 'running'],
    ['blocked', 'ready', 'waiting'],
    ['completed', 'done', 'done'],
    ['failed', 'failed', 'failed'],
    ['cancelled', 'done', 'done'],
    ['archived', 'done', 'done'],
  ] as const)('%s stands in %s when it is ready, else in %s', (status, whenReady, otherwise) => {
    expect([laneOf({ status, ready: true }), laneOf({ status, ready: false })]).toEqual([whenReady, otherwise]);
  });
});

describe('a row', () => {
  test('waits on what is mandatory, not waived and not satisfied', () => {
    const entry: Row['dependsOn'][number] = {
      taskId: root.id,
      kind: 'completion',
      mandatory: true,
      status: 'waiting',
      waived: false,
      direct: true,
      via: [],
    };
    const dependsOn: Row['dependsOn'] = [
      entry,
      { ...entry, mandatory: false },
      { ...entry, waived: true },
      { ...entry, status: 'satisfied' },
      { ...entry, status: 'failed' },
    ];
    expect(waitsOn({ dependsOn })).toBe(2);
  });

  test('asks while it is blocked with a question', () => {
    expect(asks({ status: 'blocked', blocked: question })).toBe(true);
    expect(asks({ status: 'pending', blocked: { ...question, answer: 'this' } })).toBe(false);
    expect(asks({ status: 'blocked', blocked: { reason: 'no access', question: null, answer: null } })).toBe(false);
  });

  test('counts its children, whatever became of them', () => {
    expect(childrenOf({ children: { open: 1, completed: 2, failed: 3, cancelled: 4 } })).toBe(10);
  });
});

describe('the board', () => {
  test('has a swimlane per plan, with a root that only waits as its heading, and single tasks together', () => {
    const tasks = [root, below({ status: 'completed' }), below({ status: 'in_progress' }), below({}), rowOf({}), rowOf({})];
    const { plans, singles, counts } = boardOf(tasks, home);
    expect(plans.map(({ rootId, done, total }) => ({ rootId, done, total }))).toEqual([{ rootId: 't_root', done: 1, total: 3 }]);
    expect(plans[0]?.root).toBe(root);
    expect(singles?.cells.ready).toHaveLength(2);
    expect(counts).toEqual({ ready: 3, waiting: 0, running: 1, done: 1, failed: 0 });
  });

  test('makes a card of a root that there is something to do with', () => {
    const executable = { ...root, ready: true };
    expect(boardOf([executable, below({ status: 'completed' })], home).plans[0]?.cells.ready).toEqual([executable]);
  });

  test('puts the urgent first, and of what is done the latest', () => {
    const [low, high] = [below({ priority: 2 }), below({ priority: 9 })];
    const [early, late] = [below({ status: 'completed' }), below({ status: 'completed' })];
    const [plan] = boardOf([root, low, high, early, late], home).plans;
    expect(plan?.cells.ready).toEqual([high, low]);
    expect(plan?.cells.done).toEqual([late, early]);
  });

  test('shows newer plans above older ones', () => {
    const older = rowOf({ id: 't_older', ready: false, createdAt: '2025-01-01T00:00:00.000Z' });
    const rows = [older, rowOf({ rootId: 't_older' }), root, below({})];
    expect(boardOf(rows, home).plans.map(({ rootId }) => rootId)).toEqual(['t_root', 't_older']);
  });

  test('keeps questions in sight, whatever is filtered out', () => {
    const asking = below({ status: 'blocked', ready: false, blocked: question });
    const { questions, plans } = boardOf([root, asking, below({})], { ...home, ready: true });
    expect(questions).toEqual([asking]);
    expect(plans[0]?.cells.waiting).toEqual([]);
  });

  test('leaves out plans of which nothing passes the filters', () => {
    expect(boardOf([root, below({})], { ...home, text: 'nowhere' })).toMatchObject({ plans: [], singles: null });
  });
});

test.each([
  ['ready only', { ready: true }, [true, false, false, false]],
  ['without what waits', { hideBlocked: true }, [true, false, true, true]],
  ['without what is done', { hideDone: true }, [true, true, false, true]],
  ['of one specialist', { specialists: ['coder'] }, [false, false, false, true]],
  ['with a text, whatever its case', { text: 'MEND' }, [false, false, false, true]],
  ['of a plan', { plan: 't_other' }, [false, false, false, true]],
])('a filter: %s', (_name, filter, passed) => {
  const rows = [
    rowOf({}),
    rowOf({ ready: false }),
    rowOf({ status: 'completed', ready: false }),
    rowOf({ title: 'Mend it', specialist: 'coder', status: 'failed', rootId: 't_other' }),
  ];
  expect(rows.map((row) => passes(row, { ...home, ...filter }))).toEqual(passed);
});
