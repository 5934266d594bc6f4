import { describe, expect, test } from 'vitest';
import type { Guidance } from '../../src/machines/context.ts';
import { dueAtOf, isReady } from '../../src/machines/readings.ts';
import { noon } from '../support/records.ts';
import { examples, expired, hour, life, minute, on, second } from '../model/life.ts';
import type { Life } from '../model/life.ts';

/** What time alone does to a task. */

const dueSoon = { dueAt: noon + minute };
const announced = { marks: { dueAnnounced: noon + minute } };

examples('TIMER', [
  [
    'ends a lease: it is only marked, and a pause begins',
    expired(),
    'pending',
    { failures: 1, notBefore: noon + hour + second, lease: { holder: 'team/ann', expired: true } },
  ],
  [
    'ends the last attempt',
    expired(1),
    'failed',
    { notBefore: null, lease: { expired: true } },
    ['parent: open → failed', 'dependent: failed'],
  ],
  [
    'a millisecond early is refused',
    life()
      .start()
      .timer(noon + hour - 1),
    'NOT_DUE',
  ],
  [
    'after PROGRESS renewed the lease is refused',
    life()
      .start()
      .progress({ at: noon + minute })
      .timer(noon + hour),
    'NOT_DUE',
  ],
  [
    'ends a lease early when its holder was not heard of since the time named',
    life()
      .start()
      .take('TIMER', { at: noon + minute, unheardSince: noon }),
    'pending',
    { failures: 1, notBefore: noon + minute + second, lease: { holder: 'team/ann', expired: true } },
  ],
  [
    'ends the last attempt early',
    life({ maxAttempts: 1 })
      .start()
      .take('TIMER', { at: noon + minute, unheardSince: noon }),
    'failed',
    { notBefore: null, lease: { expired: true } },
    ['parent: open → failed', 'dependent: failed'],
  ],
  [
    'leaves a lease alone whose holder was heard of since the time named',
    life()
      .start()
      .progress({ at: noon + second })
      .take('TIMER', { at: noon + minute, unheardSince: noon }),
    'NOT_DUE',
  ],
  ['frees nobody where nobody works', life().take('TIMER', { unheardSince: noon }), 'NOT_DUE'],
  ['ends a pause', life({}, { notBefore: noon }).timer(), 'pending', { notBefore: null }],
  ['leaves a pause alone that something else outlasts', life({}, { notBefore: noon, dependsOn: [on()] }).timer(), 'NOT_DUE'],
  ['announces the due date', life(dueSoon).timer(noon + minute), 'pending', announced],
  [
    'once',
    life(dueSoon)
      .timer(noon + minute)
      .timer(noon + minute),
    'NOT_DUE',
  ],
  [
    'again when it was moved',
    life(dueSoon)
      .timer(noon + minute)
      .edit({ dueAt: noon + hour })
      .timer(noon + hour),
    'pending',
    { marks: { dueAnnounced: noon + hour } },
  ],
  [
    'also of a blocked task',
    life(dueSoon)
      .block()
      .timer(noon + minute),
    'blocked',
    announced,
  ],
  [
    'takes the earliest first, here the due date',
    life(dueSoon)
      .start()
      .timer(noon + hour),
    'in_progress',
    { ...announced, failures: 0 },
  ],
  [
    'and what is due besides next',
    life(dueSoon)
      .start()
      .timer(noon + hour)
      .timer(noon + hour),
    'pending',
    { ...announced, failures: 1 },
  ],
  [
    'here the lease',
    life({ dueAt: noon + hour + 1 })
      .start()
      .timer(noon + 2 * hour),
    'pending',
    { marks: { dueAnnounced: null } },
  ],
  [
    'on a tie what moves the task',
    life({ dueAt: noon + hour })
      .start()
      .timer(noon + hour),
    'pending',
    { marks: { dueAnnounced: null } },
  ],
  [
    'means nothing to a finished task',
    life(dueSoon)
      .start()
      .complete()
      .timer(noon + minute),
    'INVALID_TRANSITION',
  ],
]);

describe('the pause', () => {
  const pauseAfter = (failures: number, more = (one: Life) => one) =>
    (more(life({ maxAttempts: 100 }, { failures }))
      .start()
      .fail()
      .lived().state.context.notBefore ?? noon) - noon;

  test('doubles with every failure in a row, up to five minutes', () => {
    expect([0, 1, 2, 7, 8, 9, 50].map((failures) => pauseAfter(failures) / second)).toEqual([1, 2, 4, 128, 256, 300, 300]);
  });

  test.each<[string, (one: Life) => Life]>([
    ['UNBLOCK', (one) => one.block().unblock()],
    ['ANSWER', (one) => one.ask('which?').answer('that')],
    ['RETRY', (one) => one.start().failForGood().retry()],
    ['REOPEN', (one) => one.cancel().reopen()],
    ['needs_revision', (one) => one.start().sendBack()],
    ['a child that opens a finished parent', (one) => one.cancel().child(null, 'open').child('open', 'completed')],
  ])('begins anew after %s', (_, more) => {
    expect(pauseAfter(7, more)).toBe(second);
  });

  examples('that is over ends with what outlasted it', [
    ['a dependency', life({}, { notBefore: noon, dependsOn: [on()] }).hear('completed'), 'pending', { notBefore: null }],
    ['that is waived', life({}, { notBefore: noon, dependsOn: [on()] }).waive(), 'pending', { notBefore: null }],
    ['a child', life({}, { notBefore: noon, children: { open: 1 } }).child('open', 'completed'), 'pending', { notBefore: null }],
    [
      'a block',
      life({}, { notBefore: noon + hour })
        .block()
        .unblock(),
      'pending',
      { notBefore: null },
    ],
    [
      'but one that goes on goes on',
      life({}, { notBefore: noon + 1, dependsOn: [on()] }).hear('completed'),
      'pending',
      { notBefore: noon + 1 },
    ],
  ]);
});

test('dueAt is the earliest of lease, pause and due date, and moves on with each TIMER', () => {
  let one = life({ dueAt: noon + 2 * hour }).start();
  const seen: number[] = [];
  for (let due = dueAtOf(one.lived().state); due !== null && seen.length < 9; due = dueAtOf(one.lived().state)) {
    seen.push(due);
    one = one.timer(due);
  }
  expect(seen).toEqual([noon + hour, noon + hour + second, noon + 2 * hour]);
  expect(isReady(one.lived().state)).toBe(true);
});

describe('guidance', () => {
  const told = (one: Life): readonly Pick<Guidance, 'kind' | 'text'>[] =>
    one.lived().state.context.guidance.map(({ kind, text }) => ({ kind, text }));

  test('gathers what people and reviewers said for the next context', () => {
    const one = life().start().sendBack({ feedback: 'red' }).ask('which?').answer('that').cancel({ reason: 'no money' }).reopen();
    expect(told(one)).toEqual([
      { kind: 'feedback', text: 'red' },
      { kind: 'answer', text: 'that' },
      { kind: 'reason', text: 'no money' },
      { kind: 'reason', text: 'again' },
    ]);
  });

  test('keeps the newest 20', () => {
    let one = life();
    for (let round = 1; round <= 25; round++) one = one.start().sendBack({ feedback: `round ${round}` });
    expect(told(one).map(({ text }) => text)).toEqual(Array.from({ length: 20 }, (_, index) => `round ${index + 6}`));
    expect(one.lived().state.context.attempts.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
  });
});
