import { describe, expect, it } from 'vitest';
import { filterOf, mustAsk } from '../../src/dashboard/list/asking.ts';
import { withAll, withOne, withRange } from '../../src/dashboard/list/picking.ts';
import { stateOf } from '../../src/dashboard/list/state.ts';
import { placesIn, scrollTo } from '../../src/dashboard/list/visible.ts';
import { home } from '../../src/dashboard/route.ts';
import { rowOf } from './named.ts';

const view = { above: 0, height: 300, rowHeight: 30, count: 10_000 };

describe('the rows in the document', () => {
  it('are those that are seen and some around them', () => {
    const middle = placesIn({ ...view, above: 30_000 });
    expect(middle[0]).toBeLessThan(1_000);
    expect(middle.at(-1)).toBeGreaterThanOrEqual(1_009);
    expect(middle.length).toBeLessThan(40);
  });

  it('end with the list, also when it became shorter than what was scrolled to', () => {
    expect(placesIn({ ...view, count: 3 })).toEqual([0, 1, 2]);
    expect(placesIn({ ...view, above: 300_000, count: 5 })).toEqual([0, 1, 2, 3, 4]);
    expect(placesIn({ ...view, count: 0 })).toEqual([]);
    // Above the list stands something else.
    expect(placesIn({ ...view, above: -200, count: 2 })).toEqual([0, 1]);
  });

  it('hold the one with the focus wherever it is, in its order, and once', () => {
    expect(placesIn({ ...view, above: 30_000 }, 5)[0]).toBe(5);
    expect(placesIn(view, 9_000).at(-1)).toBe(9_000);
    expect(placesIn(view, 3).filter((place) => place === 3)).toHaveLength(1);
    expect(placesIn({ ...view, count: 4 }, 9_000)).toEqual([0, 1, 2, 3]);
  });

  it('are scrolled to only when they are not seen whole', () => {
    expect(scrollTo(3, view, 30)).toBe(0);
    expect(scrollTo(10, view, 30)).toBe(30);
    expect(scrollTo(0, { ...view, above: 60 }, 30)).toBe(-90);
  });
});

describe('picking', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  it('of a range gives all the state of its end, in either direction', () => {
    expect([...withRange(new Set(['z']), ids, 3, 1, true)]).toEqual(['z', 'b', 'c', 'd']);
    expect([...withRange(new Set(ids), ids, 1, 3, false)]).toEqual(['a', 'e']);
  });

  it('of all that is shown leaves what is not shown as it was', () => {
    expect([...withAll(new Set(['z']), ids, true)]).toEqual(['z', ...ids]);
    expect([...withAll(new Set(['z', 'a']), ids, false)]).toEqual(['z']);
    expect(withAll(new Set(), [], true).size).toBe(0);
  });

  it('changes nothing that others hold', () => {
    const before = new Set(['a']);
    withOne(before, 'b', true);
    withOne(before, 'a', false);
    expect([...before]).toEqual(['a']);
  });
});

describe('what the service is asked', () => {
  it('is nothing as long as the page holds all', () => {
    expect(mustAsk({ ...home, text: 'x' }, null)).toBe(false);
    expect(mustAsk({ ...home, text: 'x' }, 90_000)).toBe(true);
    expect(mustAsk(home, 90_000)).toBe(false);
    expect(mustAsk({ ...home, archived: true }, null)).toBe(true);
  });

  it('is the filter of the page in the words of the service', () => {
    expect(filterOf(home)).toEqual({});
    expect(filterOf({ ...home, text: ` ${'x'.repeat(300)}` })).toEqual({ text: 'x'.repeat(200) });
    expect(filterOf({ ...home, lanes: ['done'], specialists: ['coder'] })).toEqual({
      status: ['completed', 'cancelled'],
      specialist: ['coder'],
    });
    expect(filterOf({ ...home, lanes: ['done'], archived: true })).toEqual({
      status: ['completed', 'cancelled', 'archived'],
      includeArchived: true,
    });
    expect(filterOf({ ...home, hideDone: true })).toEqual({ status: ['pending', 'blocked', 'in_progress', 'failed'] });
  });
});

describe('the state of a task', () => {
  it('is one word', () => {
    const blocked = { reason: 'no key', question: null, answer: null };
    expect(stateOf(rowOf('a')).word).toBe('ready');
    expect(stateOf(rowOf('a', { ready: false })).word).toBe('waiting');
    expect(stateOf(rowOf('a', { status: 'blocked', ready: false, blocked })).word).toBe('blocked');
    expect(stateOf(rowOf('a', { status: 'blocked', ready: false, blocked: { ...blocked, question: 'Which?' } })).word).toBe(
      'asks a person',
    );
    expect(stateOf(rowOf('a', { status: 'cancelled', ready: false })).word).toBe('cancelled');
    expect(stateOf(rowOf('a', { status: 'archived', ready: false })).word).toBe('archived');
    expect(stateOf(rowOf('a', { status: 'completed', ready: false })).word).toBe('done');
  });
});
