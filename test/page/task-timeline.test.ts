import { expect, test } from 'vitest';
import { detailsOf, notesOf, progressText, tasksOf, withEvents } from '../../src/dashboard/task/history.ts';
import { lengthText } from '../../src/dashboard/task/times.ts';
import { timelineOf } from '../../src/dashboard/task/timeline.ts';
import type { HistoryEvent } from '../../src/dashboard/task/history.ts';
import { startService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';

const minute = 60_000;
const hour = 60 * minute;

const historyOf = async ({ ask }: TestService, taskId: `t_${string}`): Promise<readonly HistoryEvent[]> =>
  withEvents([], (await ask('task.history', { taskId })).items);

/** An attempt that fails after a minute, a night of waiting, one that reports and completes. */
async function night() {
  const service = await startService();
  const { ask, clock } = service;
  const { task } = await ask('task.create', { title: 'Night' });
  const { id: taskId } = task;
  clock.advance(minute);
  await ask('task.execute', { taskId });
  clock.advance(minute);
  await ask('task.block', { taskId, question: 'May I?' });
  clock.advance(10 * hour);
  await ask('task.answer', { taskId, answer: 'You may.' });
  clock.advance(minute);
  const { lease } = await ask('task.execute', { taskId });
  clock.advance(minute);
  await ask('task.progress', { taskId, lease: lease.id, value: 3, total: 4, message: 'nearly' });
  clock.advance(minute);
  return { ...service, taskId, lease: lease.id };
}

test('attempts end as they ended, and what lies between them says what it was', async () => {
  const service = await night();
  await service.ask('task.complete', { taskId: service.taskId, lease: service.lease, summary: 'Done' });
  const { spans } = timelineOf(await historyOf(service, service.taskId), service.clock.now() + hour);
  expect(spans.map(({ kind, outcome, from, to }) => [kind, outcome, (to - from) / minute])).toEqual([
    ['ready', '', 1],
    ['attempt', 'blocked', 1],
    ['blocked', '', 600],
    ['ready', '', 1],
    ['attempt', 'completed', 2],
  ]);
  expect(spans.map(({ attempt }) => attempt)).toEqual([null, 1, null, null, 2]);
  expect(spans[4]?.points.map(({ text }) => text)).toEqual(['progressed: 3 of 4: nearly']);
});

test('a long gap is drawn short and keeps its true length; the axis is full and in order', async () => {
  const service = await night();
  const now = service.clock.now();
  const { spans, gaps } = timelineOf(await historyOf(service, service.taskId), now);
  expect(gaps.map(({ ms }) => ms / minute)).toEqual([601]);
  expect(gaps[0]?.width).toBeLessThan(0.15);
  // A minute of waiting before three minutes of attempts is drawn as long as it was.
  expect((spans[0]?.width ?? 0) / (spans[1]?.width ?? 1)).toBeCloseTo(1);
  const [first, second] = spans.filter(({ kind }) => kind === 'attempt');
  expect((second?.width ?? 0) / (first?.width ?? 1)).toBeCloseTo(2);
  let end = 0;
  for (const { x, width, points } of spans) {
    expect(x).toBeCloseTo(end);
    for (const point of points) expect(point.x >= x && point.x <= x + width).toBe(true);
    end = x + width;
  }
  expect(end).toBeCloseTo(1);
  expect(second?.points[0]?.x).toBeCloseTo((second?.x ?? 0) + (second?.width ?? 0) / 2);
  // The running attempt reaches to now.
  expect([second?.to, second?.outcome]).toEqual([now, null]);
});

test('a failed attempt, a lease that ran out and one that was sent back are told apart', async () => {
  const service = await startService();
  const { ask, clock } = service;
  const { task } = await ask('task.create', { title: 'Hard', maxAttempts: 9 });
  const attempt = async () => (await ask('task.execute', { taskId: task.id, leaseMs: minute })).lease.id;
  await ask('task.fail', { taskId: task.id, lease: await attempt(), error: { message: 'no' } });
  clock.advance(hour);
  await ask('task.complete', { taskId: task.id, lease: await attempt(), summary: 'half', nextAction: 'needs_revision' });
  await attempt();
  clock.advance(hour);
  await ask('maintenance.free', { dryRun: false, staleHours: 0.1 });
  const { spans } = timelineOf(await historyOf(service, task.id), clock.now());
  expect(spans.filter(({ kind }) => kind === 'attempt').map(({ outcome }) => outcome)).toEqual([
    'failed, tries again',
    'sent back',
    'its worker was not heard of',
  ]);
});

test('an empty history and events of another version are no trouble', () => {
  expect(timelineOf([], 0)).toEqual({ spans: [], gaps: [] });
  const odd = withEvents(
    [],
    [
      null,
      7,
      {},
      { type: 'a', time: 'never', rev: 1, data: {} },
      { type: 'task.new', time: '2026-01-01T00:00:00Z', rev: 1, by: 5, data: { progress: 4, facts: 'x', dependsOn: [7] } },
    ],
  );
  expect(odd.map(({ by, rev }) => [by, rev])).toEqual([['?', 1]]);
  const [event] = odd;
  if (event === undefined) throw new Error('the last one is an event');
  expect([detailsOf(event), tasksOf(event), notesOf(odd)]).toEqual([[], [], []]);
  expect(timelineOf(odd, 0).spans).toEqual([]);
});

test('events come together once each and in order, whichever way they came', async () => {
  const service = await night();
  const all = await historyOf(service, service.taskId);
  const raw = all.map(({ at: _, ...event }) => event);
  expect(withEvents(withEvents([], raw.slice(2)), raw.slice(0, 4))).toEqual(all);
  expect(withEvents(all, raw)).toEqual(all);
  expect(withEvents(all, [])).toBe(all);
});

test('notes and progress read as they were written', async () => {
  const service = await startService();
  const { ask } = service;
  const { task } = await ask('task.create', { title: 'Noted' });
  await ask('task.note', { taskId: task.id, text: 'one' });
  await ask('task.note', { taskId: task.id, text: `two ${'x'.repeat(600)}` });
  const notes = notesOf(await historyOf(service, task.id));
  expect(notes.map(({ text }) => text.slice(0, 3))).toEqual(['two', 'one']);
  expect(notes[0]?.text).toHaveLength(501);
  expect(progressText({ value: 0, total: null, message: 'begun' })).toBe('begun');
  expect(progressText({ value: 0, total: null, message: null })).toBeNull();
  expect(progressText({ value: 2, total: 8, message: null })).toBe('2 of 8');
});

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_449, '1.4 s'],
  [59_999, '59 s'],
  [61_000, '1 min 1 s'],
  [3 * hour + 12 * minute, '3 h 12 min'],
  [48 * hour, '2 d'],
])('%d ms are %s', (ms, text) => expect(lengthText(ms)).toBe(text));
