import { expect, test } from 'vitest';
import type { DependencyEntry } from '../../src/machines/context.ts';
import type { StatusClass } from '../../src/machines/readings.ts';
import type { MachineEvent } from '../../src/machines/events.ts';
import { noon } from '../support/records.ts';
import { ancestor, examples, inherited, life, on, satisfied, target } from '../model/life.ts';

/** What a task hears from those it waits for, and from its children. */

const auto = { rollUp: 'auto' } as const;
const waived = on({ waived: true });
const waits = (...dependsOn: DependencyEntry[]) => life({}, { dependsOn });

examples('DEPENDENCY_ADD', [
  ['makes the task wait', life().add(on()), 'pending', { dependsOn: [on()] }],
  ['also a blocked one', life().block().add(on()), 'blocked', { dependsOn: [on()] }],
  ['to what runs is refused', life().start().add(on()), 'INVALID_TRANSITION'],
  ['that closes a circle is refused', life().add(on(), [{ taskId: target, waitsAs: 'dependency' }]), 'DEPENDENCY_CYCLE'],
  ['again holds back again', waits(waived).add(on()), 'pending', { dependsOn: [on()] }],
  // As optional it is not searched for circles, so what was waived has to stay so.
  ['again as optional does not', waits(waived).add(on({ mandatory: false })), 'pending', { dependsOn: [waived] }],
  [
    'of another kind stands beside it',
    waits(on()).add(on({ kind: 'approval' })),
    'pending',
    { dependsOn: [on(), on({ kind: 'approval' })] },
  ],
]);

examples('DEPENDENCY_REMOVE and DEPENDENCY_WAIVE', [
  ['REMOVE loosens what runs', waits(satisfied).start().hear('open').remove().complete(), 'completed', { dependsOn: [] }],
  ['WAIVE does too, and keeps the edge', waits(satisfied).start().hear('open').waive().complete(), 'completed', { dependsOn: [waived] }],
  ['REMOVE of what an ancestor gave is refused', waits(inherited).remove(), 'INVALID_TRANSITION'],
  ['WAIVE of it too', waits(inherited).waive(), 'INVALID_TRANSITION'],
  ['REMOVE leaves what an ancestor gave besides', waits(on({ via: [ancestor] })).remove(), 'pending', { dependsOn: [inherited] }],
  ['of a finished task is refused', waits(satisfied).start().complete().remove(), 'INVALID_TRANSITION'],
]);

examples('a dependency that comes from an ancestor', [
  [
    'holds back what runs, without stopping it',
    life().start().inherit('add', [inherited]).complete(),
    'DEPENDENCIES_UNMET',
    { dependsOn: [inherited] },
  ],
  ['is recorded by what is finished', life().start().complete().inherit('add', [inherited]), 'completed', { dependsOn: [inherited] }, []],
  ['is taken back', waits(inherited).inherit('remove'), 'pending', { dependsOn: [] }],
  ['is waived', waits(inherited).inherit('waive'), 'pending', { dependsOn: [{ ...inherited, waived: true }] }],
  ['joins the one of the task itself', waits(on()).inherit('add', [inherited]), 'pending', { dependsOn: [on({ via: [ancestor] })] }],
  ['which stays when it is taken back', waits(on({ via: [ancestor] })).inherit('remove'), 'pending', { dependsOn: [on()] }],
  ['and when it is waived', waits(on({ via: [ancestor] })).inherit('waive'), 'pending', { dependsOn: [on()] }],
]);

examples('DEPENDENCY_CHANGED', [
  ['frees', waits(on()).hear('completed').start(), 'in_progress'],
  ['holds back again', waits(satisfied).hear('open').start(), 'DEPENDENCIES_UNMET'],
  ['never ends a waiver', waits(waived).hear('failed').hear('open'), 'pending', { dependsOn: [waived] }],
  [
    'a running one goes on until it completes',
    waits(satisfied).start().hear('open').progress(),
    'in_progress',
    { marks: { inputsChanged: true } },
  ],
  ['and can go back to wait', waits(satisfied).start().hear('open').sendBack().start(), 'DEPENDENCIES_UNMET'],
  [
    'a finished one stays, and knows that its inputs are made again',
    waits(satisfied).start().complete().hear('open'),
    'completed',
    { marks: { inputsChanged: true } },
    [],
  ],
  [
    'until it is executed again',
    waits(satisfied).start().hear('open').hear('completed').complete().reopen().start(),
    'in_progress',
    { marks: { inputsChanged: false } },
  ],
]);

test.each<[string, Partial<DependencyEntry>, StatusClass, Partial<MachineEvent<'DEPENDENCY_CHANGED'>>, string, string?]>([
  ['completed', {}, 'completed', {}, 'satisfied'],
  ['open again', satisfied, 'open', {}, 'waiting'],
  ['failed', {}, 'failed', {}, 'failed', 'it was given up as failed'],
  ['cancelled', {}, 'cancelled', {}, 'failed', 'it was cancelled'],
  ['archived, which changes nothing', satisfied, 'archived', {}, 'satisfied'],
  ['completed after it failed', { status: 'failed', reason: 'it was cancelled' }, 'completed', {}, 'satisfied'],
  ['an approval by a review', { kind: 'approval' }, 'completed', { taskType: 'review' }, 'satisfied'],
  ['an approval by another task', { kind: 'approval' }, 'completed', {}, 'failed', 'it is of type standard, which approves nothing'],
  ['data with the artifact', { kind: 'data', artifactType: 'code' }, 'completed', { artifactTypes: ['code'] }, 'satisfied'],
  [
    'data without it',
    { kind: 'data', artifactType: 'code' },
    'completed',
    { artifactTypes: ['test'] },
    'failed',
    'it completed without an artifact of type code',
  ],
  ['data of any type', { kind: 'data' }, 'completed', {}, 'satisfied'],
])('the entry says what became of the other task: %s', (_, entry, state, more, status, reason) => {
  const [kept] = waits(on(entry)).hear(state, more).lived().state.context.dependsOn;
  expect([kept?.status, kept?.reason]).toEqual([status, reason]);
});

examples('CHILD_CHANGED', [
  ['never moves an open parent', life().child(null, 'open').child('open', 'failed'), 'pending', { children: { open: 0, failed: 1 } }, []],
  ['nor one that is blocked', life().block().child(null, 'open').child('open', 'completed'), 'blocked', { children: { completed: 1 } }, []],
  ['lets its parent fail above it', life().start().child(null, 'open').failForGood(), 'failed', { children: { open: 1 } }],
  [
    'opens a completed parent',
    life().start().complete().child(null, 'open'),
    'pending',
    { revision: 1, lease: null },
    ['parent: completed → open', 'dependent: open'],
  ],
  [
    'opens a failed parent',
    life().start().failForGood().child(null, 'open'),
    'pending',
    { revision: 1, failures: 0 },
    ['parent: failed → open', 'dependent: open'],
  ],
  [
    'opens a cancelled parent',
    life({}, { children: { cancelled: 1 } })
      .cancel()
      .child('cancelled', 'open'),
    'pending',
    { revision: 1 },
    ['parent: cancelled → open', 'dependent: open'],
  ],
  [
    'that closes does not',
    life({}, { children: { open: 1 } })
      .cancel({ subtree: true })
      .child('open', 'cancelled'),
    'cancelled',
    {},
    [],
  ],
]);

examples('rollUp: auto', [
  [
    'completes with the last child',
    life(auto, { children: { open: 1, cancelled: 1 } }).child('open', 'completed'),
    'completed',
    { result: { summary: 'Done by its 2 children: 1 completed, 1 cancelled.' } },
    ['parent: open → completed', 'dependent: completed'],
  ],
  [
    'not while one failed: then it is executable',
    life(auto, { children: { open: 1, failed: 1 } })
      .child('open', 'completed')
      .start(),
    'in_progress',
  ],
  ['not when nothing was done', life(auto, { children: { open: 1 } }).child('open', 'cancelled'), 'pending'],
  ['not before what it waits for', life(auto, { dependsOn: [on()], children: { open: 1 } }).child('open', 'completed'), 'pending'],
  ['but with it', life(auto, { dependsOn: [on()], children: { completed: 1 } }).hear('completed'), 'completed'],
  ['or when that is waived', life(auto, { dependsOn: [on()], children: { completed: 1 } }).waive(), 'completed'],
  [
    'does not wait for its own pause',
    life(auto, { notBefore: noon + 1, children: { open: 1 } }).child('open', 'completed'),
    'completed',
    { notBefore: null },
  ],
  [
    'when it is unblocked',
    life(auto, { children: { open: 1 } })
      .block()
      .child('open', 'completed')
      .unblock(),
    'completed',
  ],
  [
    'when its own attempt fails after all',
    life(auto, { children: { failed: 1, completed: 1 } })
      .start()
      .child('failed', 'cancelled')
      .fail(),
    'completed',
    {},
    ['parent: open → completed', 'dependent: completed'],
  ],
  [
    'when it is retried',
    life(auto, { children: { failed: 1, completed: 1 } })
      .start()
      .failForGood()
      .child('failed', 'completed')
      .retry(),
    'completed',
    {},
    ['parent: failed → open', 'dependent: open', 'parent: open → completed', 'dependent: completed'],
  ],
  [
    'can not be reopened while it would complete again at once',
    life(auto, { children: { open: 1 } })
      .child('open', 'completed')
      .reopen(),
    'INVALID_TRANSITION',
  ],
  [
    'opens with a child',
    life(auto, { children: { open: 1 } })
      .child('open', 'completed')
      .child('completed', 'open'),
    'pending',
    { revision: 1 },
  ],
  ['can have no acceptance criteria', life(auto).edit({ acceptance: ['works'] }), 'INVALID_PARAMS'],
]);
