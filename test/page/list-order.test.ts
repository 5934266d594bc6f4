import { describe, expect, it } from 'vitest';
import { keyFor, nextSort } from '../../src/dashboard/list/keys.ts';
import { ListOrder } from '../../src/dashboard/list/order.ts';
import { home, listSorts, parseRoute, searchOf } from '../../src/dashboard/route.ts';
import { randomFrom } from '../support/random.ts';
import { mapOf, rowOf } from './named.ts';
import type { ListQuery, Listing } from '../../src/dashboard/list/order.ts';
import type { Row } from '../../src/dashboard/row.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.info(`list order: SEED=${seed}`);

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const none = new Map<string, Row>();
const ids = ({ rows }: Listing): string[] => rows.map(({ id }) => id);
const list = (order: ListOrder, rows: ReadonlyMap<string, Row>, query: Partial<ListQuery> = {}, hold = false): Listing =>
  order.update({ rows, found: none, query: { ...home, ...query }, hold });

describe('the order of the list', () => {
  it('is that of the newest change at first, and of titles as people count when asked', () => {
    const rows = mapOf([
      rowOf('a', { title: 'Task 10', updatedAt: at(1) }),
      rowOf('b', { title: 'task 9', updatedAt: at(3) }),
      rowOf('c', { title: 'Another', updatedAt: at(2) }),
    ]);
    const order = new ListOrder();
    expect(ids(list(order, rows))).toEqual(['b', 'c', 'a']);
    expect(ids(list(order, rows, { sort: 'title' }))).toEqual(['c', 'b', 'a']);
    expect(ids(list(order, rows, { sort: '-title' }))).toEqual(['a', 'b', 'c']);
  });

  it('after any changes is the one that sorting everything gives', () => {
    const random = randomFrom(seed);
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
    const made = (id: string): Row =>
      rowOf(id, {
        title: `Task ${Math.floor(random() * 40)}`,
        priority: 1 + Math.floor(random() * 10),
        status: pick(['pending', 'in_progress', 'blocked', 'completed', 'failed', 'cancelled'] as const),
        specialist: pick(['coder', 'tester', 'writer']),
        updatedAt: at(Math.floor(random() * 1_000)),
      });
    const rows = new Map<string, Row>();
    const order = new ListOrder();
    for (let round = 0; round < 60; round += 1) {
      for (let change = 0; change < 20; change += 1) {
        const id = `t${Math.floor(random() * 80)}`;
        if (random() < 0.2) rows.delete(id);
        else rows.set(id, made(id));
      }
      const query = { sort: round % 10 === 9 ? pick(listSorts) : ('-priority' as const), hideDone: round > 30 };
      const hold = random() < 0.3;
      const listing = list(order, rows, query, hold);
      const isHeld = listing.pending > 0;
      expect(isHeld && !hold).toBe(false);
      if (isHeld) continue;
      const key = keyFor(query.sort);
      const sign = query.sort.startsWith('-') ? -1 : 1;
      const expected = [...rows.values()]
        .filter(({ status }) => !query.hideDone || (status !== 'completed' && status !== 'cancelled'))
        .sort((one, other) => {
          if (key(one) !== key(other)) return key(one) < key(other) ? -sign : sign;
          return one.id < other.id ? -1 : 1;
        });
      expect(ids(listing)).toEqual(expected.map(({ id }) => id));
      expect(listing.total).toBe(rows.size);
    }
  });

  it('stays while places are held, with contents that go on, and says how many places are out of date', () => {
    const order = new ListOrder();
    const rows = mapOf([rowOf('a', { updatedAt: at(1) }), rowOf('b', { updatedAt: at(2) }), rowOf('c', { updatedAt: at(3) })]);
    list(order, rows);
    rows.set('a', rowOf('a', { updatedAt: at(9), title: 'Changed' }));
    rows.delete('b');
    rows.set('d', rowOf('d', { updatedAt: at(8) }));
    const held = list(order, rows, {}, true);
    expect(ids(held)).toEqual(['c', 'b', 'a']);
    expect(held.rows.map(({ row, isGone }) => [row.title, isGone])).toEqual([
      ['Task c', false],
      ['Task b', true],
      ['Changed', false],
    ]);
    expect(held.pending).toBe(3);
    const free = list(order, rows);
    expect(ids(free)).toEqual(['a', 'd', 'c']);
    expect(free.pending).toBe(0);
  });

  it('is new at once for a new filter, also while places are held', () => {
    const order = new ListOrder();
    const rows = mapOf([rowOf('a', { priority: 1 }), rowOf('b', { priority: 9 })]);
    list(order, rows);
    expect(ids(list(order, rows, { sort: '-priority' }, true))).toEqual(['b', 'a']);
    expect(ids(list(order, rows, { text: 'task b' }, true))).toEqual(['b']);
  });

  it('looks at what changed alone', () => {
    let looks = 0;
    const watched = (id: string): Row =>
      new Proxy(rowOf(id), {
        get(row, name) {
          if (name === 'updatedAt') looks += 1;
          return Reflect.get(row, name) as unknown;
        },
      });
    const rows = mapOf(Array.from({ length: 500 }, (_, index) => watched(`t${index}`)));
    const order = new ListOrder();
    list(order, rows);
    looks = 0;
    rows.set('t7', watched('t7'));
    list(order, rows);
    expect(looks).toBe(1);
  });
});

describe('the filters of the list', () => {
  it('count each lane without the filter of lanes', () => {
    const rows = mapOf([
      rowOf('a'),
      rowOf('b', { status: 'in_progress' }),
      rowOf('c', { status: 'in_progress', specialist: 'coder' }),
      rowOf('d', { status: 'failed', specialist: 'coder' }),
    ]);
    const listing = list(new ListOrder(), rows, { lanes: ['failed'], specialists: ['coder'] });
    expect(ids(listing)).toEqual(['d']);
    expect(listing.lanes).toEqual({ ready: 0, waiting: 0, running: 1, done: 0, failed: 1 });
    expect(listing.total).toBe(4);
  });

  it('show what the service found although the text is nowhere in its title, and archived tasks only when asked', () => {
    const order = new ListOrder();
    const rows = mapOf([rowOf('a', { title: 'Alpha' }), rowOf('b')]);
    const found = mapOf([rowOf('z', { title: 'In its summary' }), rowOf('y', { status: 'archived' })]);
    const query = { ...home, text: 'alpha' };
    expect(ids(order.update({ rows, found, query, hold: false }))).toEqual(['a', 'z']);
    expect(ids(order.update({ rows, found, query: { ...query, archived: true }, hold: false }))).toEqual(['a', 'y', 'z']);
  });

  it('are kept in the URL', () => {
    const route = { ...home, view: 'list', lanes: ['failed', 'done'], archived: true, sort: '-priority', text: 'a&b' } as const;
    expect(parseRoute(searchOf(route))).toEqual(route);
    expect(parseRoute('?view=list&sort=nonsense&lane=nowhere,failed')).toMatchObject({ sort: '-updated', lanes: ['failed'] });
  });
});

describe('the heads of the columns', () => {
  it('begin with the more useful direction and turn it', () => {
    expect(nextSort('-updated', 'priority')).toBe('-priority');
    expect(nextSort('-priority', 'priority')).toBe('priority');
    expect(nextSort('-updated', 'title')).toBe('title');
    expect(nextSort('title', 'title')).toBe('-title');
  });
});
