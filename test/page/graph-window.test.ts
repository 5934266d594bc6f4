import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/dashboard/graph/layout.ts';
import { centre, contains, fit, pan, reveal, seen, zoom } from '../../src/dashboard/graph/viewport.ts';
import { walk } from '../../src/dashboard/graph/walk.ts';
import { onLines } from '../../src/dashboard/lines.ts';
import { plansOf } from '../../src/dashboard/plans/plans.ts';
import type { Direction } from '../../src/dashboard/graph/walk.ts';

const window = { width: 800, height: 600 };
const drawing = { width: 4_000, height: 1_000 };

describe('what is seen of the drawing', () => {
  test('is all of it when it is fitted, and never larger than life', () => {
    expect(contains(seen(fit(drawing, window), window), { x: 0, y: 0, ...drawing })).toBe(true);
    expect(fit({ width: 10, height: 10 }, window)).toEqual({ scale: 1, x: 395, y: 295 });
    expect(fit({ width: 0, height: 0 }, { width: 0, height: 0 }).scale).toBe(1);
  });

  test('keeps under the pointer what is there while its size changes', () => {
    const before = { scale: 0.5, x: 30, y: -70 };
    const at = { x: 200, y: 100 };
    const after = zoom(before, 1.7, at);
    expect((at.x - after.x) / after.scale).toBeCloseTo((at.x - before.x) / before.scale);
    expect((at.y - after.y) / after.scale).toBeCloseTo((at.y - before.y) / before.scale);
    expect(zoom(before, 1e9, at).scale).toBeLessThan(10);
    expect(zoom(before, 0, at).scale).toBeGreaterThan(0);
  });

  test('moves as little as it must to reveal a task, and far to centre on it', () => {
    const box = { x: 3_000, y: 500, width: 188, height: 50 };
    const view = { scale: 1, x: 0, y: 0 };
    const revealed = reveal(view, box, window);
    expect(contains(seen(revealed, window), box)).toBe(true);
    expect(revealed.y).toBe(0);
    expect(reveal(revealed, box, window)).toEqual(revealed);
    expect(centre(view, box, window)).toEqual({ scale: 1, x: 400 - 3_094, y: 300 - 525 });
  });

  test('is never nothing', () => {
    const view = { scale: 0.2, x: 0, y: 0 };
    for (const x of [-1e6, 1e6]) {
      const { width } = seen(pan(view, { x, y: 0 }, drawing, window), window);
      const left = seen(pan(view, { x, y: 0 }, drawing, window), window).x;
      expect(left).toBeLessThan(drawing.width);
      expect(left + width).toBeGreaterThan(0);
    }
  });
});

test('a walk goes along edges, within the level, and through all levels', () => {
  const needs = (from: string, to: string) => ({ from, to, kind: 'needs' as const, isLoose: false });
  const layout = layoutOf({ ids: ['a', 'b', 'c', 'd'], edges: [needs('a', 'b'), needs('a', 'c'), needs('b', 'd')] });
  const go = (from: string | null, to: Direction): string | null => walk(layout, from, to);
  expect(go(null, 'next')).toBe('a');
  expect(go('d', 'left')).toBe('b');
  expect(go('b', 'right')).toBe('d');
  const [upper, lower] = layout.levels[1] ?? [];
  expect(go(upper ?? '', 'down')).toBe(lower);
  expect(go(lower ?? '', 'up')).toBe(upper);
  expect(go(upper ?? '', 'up')).toBeNull();
  expect(go('a', 'left')).toBeNull();
  const walked = ['a'];
  for (let at = go('a', 'next'); at !== null; at = go(at, 'next')) walked.push(at);
  expect(walked).toEqual(layout.levels.flat());
});

describe('a title on lines', () => {
  const lines = (text: string, width = 10, most = 2): string[] => onLines(text, width, most, (given) => Array.from(given).length);
  test.each([
    ['short', ['short']],
    ['two words here', ['two words', 'here']],
    ['exactly 10 of them', ['exactly 10', 'of them']],
    ['far too many words to be shown on two lines', ['far too', 'many word…']],
    ['unbreakable-word', ['unbreakabl', 'e-word']],
    ['  much   space ', ['much space']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(lines(text)).toEqual(expected);
  });

  test('never cuts a character in two', () => {
    expect(lines('😀'.repeat(30), 10, 1)).toEqual([`${'😀'.repeat(9)}…`]);
  });
});

test('plans are offered newest first, without single tasks', () => {
  const row = (id: `t_${string}`, rootId: `t_${string}`, createdAt: string) =>
    ({ id, rootId, createdAt, title: `the ${id}`, status: id === 't_b1' ? 'completed' : 'pending', ready: false }) as const;
  const plans = plansOf([
    row('t_a', 't_a', '2026-01-01'),
    row('t_a1', 't_a', '2026-01-04'),
    row('t_single', 't_single', '2026-01-05'),
    row('t_b1', 't_b', '2026-01-03'),
    row('t_b', 't_b', '2026-01-02'),
  ]);
  expect(plans.map(({ id, title, total, counts }) => [id, title, total, counts.done])).toEqual([
    ['t_b', 'the t_b', 2, 1],
    ['t_a', 'the t_a', 2, 0],
  ]);
});
