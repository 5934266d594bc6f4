import { describe, expect, it } from 'vitest';
import { changeText } from '../../src/dashboard/live/change.ts';
import { Rate, sparkline } from '../../src/dashboard/live/rate.ts';
import { Tail } from '../../src/dashboard/live/tail.ts';
import type { SentEvent } from '../../src/client/guards.ts';
import type { Line } from '../../src/dashboard/live/tail.ts';

let rev = 0;
const event = (given: Partial<SentEvent> = {}): SentEvent => {
  rev += 1;
  return {
    v: 1,
    type: 'task.noted',
    time: '2026-01-01T00:00:00.000Z',
    taskId: 't_a',
    rootId: 't_r',
    project: 'default',
    sessionId: null,
    rev,
    by: 'ada',
    cause: { commandId: 'c' },
    position: String(rev),
    data: { status: 'pending', ready: true },
    ...given,
  } as SentEvent;
};
const many = (count: number): SentEvent[] => Array.from({ length: count }, () => event());
const all = { type: '', plan: null, text: '' };
const untitled = (): undefined => undefined;
const revs = (lines: readonly Line[]): number[] => lines.flatMap((line) => (line.kind === 'event' ? [line.event.rev] : []));

describe('the tail', () => {
  it('holds the newest 2,000 lines, whatever comes at once', () => {
    const tail = new Tail();
    const events = many(4_321);
    tail.push(events.slice(0, 3_000));
    tail.push(events.slice(3_000));
    expect(revs(tail.lines(all, untitled))).toEqual(events.slice(-2_000).map((one) => one.rev));
  });

  it('shows nothing new while it is paused, counts it, and shows it then', () => {
    const tail = new Tail();
    const events = many(5);
    tail.push(events.slice(0, 2));
    tail.pause();
    tail.push(events.slice(2));
    tail.pause();
    expect(revs(tail.lines(all, untitled))).toHaveLength(2);
    expect(tail.waiting).toBe(3);
    tail.push(many(2_500));
    expect(tail.waiting).toBe(2_503);
    expect(revs(tail.lines(all, untitled))).toHaveLength(2);
    tail.resume();
    expect(tail.waiting).toBe(0);
    expect(tail.lines(all, untitled)).toHaveLength(2_000);
  });

  it('filters by type, plan and text, and leaves words about the stream where they are', () => {
    const tail = new Tail();
    const [noted, started, other, session] = [
      event({ by: 'grace' }),
      event({ type: 'task.started', data: { status: 'in_progress', ready: false, from: 'pending' } }),
      event({ rootId: 't_other', data: { status: 'pending', ready: true, text: 'a Needle' } }),
      event({ type: 'session.changed', taskId: null, rootId: null, sessionId: 's_1' }),
    ];
    tail.push([noted, started]);
    tail.mark('listed anew', '2026-01-01T00:00:00.000Z');
    tail.push([other, session]);
    const of = (given: Partial<typeof all> | { plan: string }, titleOf: (id: string) => string | undefined = untitled): number[] => {
      const lines = tail.lines({ ...all, ...given }, titleOf);
      expect(lines.some(({ kind }) => kind === 'mark')).toBe(true);
      return revs(lines);
    };
    expect(of({ type: 'task.started' })).toEqual([started.rev]);
    expect(of({ type: 'status' })).toEqual([started.rev]);
    expect(of({ plan: 't_r' })).toEqual([noted.rev, started.rev]);
    expect(of({ text: 'needle' })).toEqual([other.rev]);
    expect(of({ text: 'grace' })).toEqual([noted.rev]);
    expect(of({ text: 's_1' })).toEqual([session.rev]);
    expect(of({ text: 'importer' }, (id) => (id === 't_a' ? 'The Importer' : undefined))).toEqual([noted.rev, started.rev, other.rev]);
  });

  it('numbers its lines for good', () => {
    const tail = new Tail();
    tail.push(many(2_100));
    expect(tail.lines(all, untitled)[0]?.at).toBe(101);
  });
});

describe('what an event changed', () => {
  it.each<[string, Partial<SentEvent>, string]>([
    [
      'a status',
      { data: { status: 'completed', from: 'in_progress', summary: 'All\n done.', artifacts: [{}, {}] } },
      'in_progress → completed · All done. · 2 artifacts',
    ],
    [
      'a start',
      { type: 'task.started', data: { status: 'in_progress', from: 'pending', attempt: 2 } },
      'pending → in_progress · attempt 2',
    ],
    ['progress', { data: { status: 'in_progress', progress: { value: 3, total: 10, message: 'on it' } } }, '3/10 · on it'],
    ['a new task', { type: 'task.created', data: { status: 'pending', title: 'Parse' } }, 'Parse'],
    ['an edit', { type: 'task.edited', data: { status: 'pending', fields: ['priority'], title: 'Parse' } }, 'changed: priority'],
    ['a child', { data: { status: 'pending', children: { open: 1, completed: 2, failed: 0 } } }, 'children: 1 open, 2 completed'],
    ['nothing known', { data: { progress: [1], children: 7, title: { no: 1 }, fields: 'x', artifacts: null } }, ''],
  ])('is told for %s', (_, given, text) => {
    expect(changeText(event(given))).toBe(text);
  });

  it('is short and well-formed, however long the text', () => {
    const text = changeText(event({ data: { error: `x${'😀'.repeat(5_000)}` } }));
    expect(text.length).toBeLessThan(200);
    expect(text.isWellFormed()).toBe(true);
  });
});

describe('the rate', () => {
  it('is that of the last whole seconds, and falls to nothing by itself', () => {
    const rate = new Rate();
    for (let second = 100; second < 110; second += 1) rate.add(20, second * 1_000 + 500);
    expect(rate.perSecond(110_000)).toBe(20);
    expect(rate.perSecond(112_000)).toBe(12);
    expect(rate.perSecond(1_000_000)).toBe(0);
    expect(rate.series(1_000_000).every((count) => count === 0)).toBe(true);
  });

  it('has one number per second, oldest first', () => {
    const rate = new Rate();
    rate.add(1, 1_000_000);
    rate.add(2, 1_003_000);
    rate.add(3, 1_003_900);
    expect(rate.series(1_003_999).slice(-5)).toEqual([0, 1, 0, 0, 5]);
    expect(rate.series(1_003_999)).toHaveLength(Rate.span);
  });

  it('is drawn inside its box', () => {
    expect(sparkline([0, 5, 10], 100, 20)).toBe('0.0,20.0 50.0,10.0 100.0,0.0');
    expect(sparkline([0, 0], 10, 20)).toBe('0.0,20.0 10.0,20.0');
  });
});
