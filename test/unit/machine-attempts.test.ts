import { limits } from '../../src/protocol/values.ts';
import { artifactId, artifactRef, leaseId, noon } from '../support/records.ts';
import { examples, expired, hour, life, minute, on, satisfied, self, target } from '../model/life.ts';

/** Who executes a task, and what becomes of the attempt. */

const lease = { id: leaseId(1), holder: 'team/ann', expiresAt: noon + hour, expired: false };
const artifact = artifactRef(artifactId(1), self, new Uint8Array());
const late = { at: noon + 2 * hour };
const works = { acceptance: ['works', 'is fast'] };
const review = { type: 'review', reviewOf: target } as const;
const bob = { by: 'team/bob' };

examples('START', [
  ['claims: one attempt more, a lease of its own', life().start(), 'in_progress', { attempt: 1, lease }, []],
  ['of a parent whose children are closed is the synthesis', life({}, { children: { failed: 1 } }).start(), 'in_progress'],
  [
    'asks for dependencies first',
    life({}, { dependsOn: [on()], children: { open: 1 }, notBefore: noon + 1 }).start(),
    'DEPENDENCIES_UNMET',
  ],
  ['then for children', life({}, { children: { open: 1 }, notBefore: noon + 1 }).start(), 'CHILDREN_UNFINISHED'],
  ['then for the pause', life({}, { notBefore: noon + 1 }).start(), 'NOT_DUE'],
  ['needs no TIMER when the pause is over', life({}, { notBefore: noon }).start(), 'in_progress', { notBefore: null }],
  ['does not wait for what is optional', life({}, { dependsOn: [on({ mandatory: false })] }).start(), 'in_progress'],
  ['nor for what only relates', life({}, { dependsOn: [on({ kind: 'related' })] }).start(), 'in_progress'],
  ['nor for what is waived', life({}, { dependsOn: [on({ waived: true })] }).start(), 'in_progress'],
  ['of what runs is refused', life().start().start(bob), 'INVALID_TRANSITION', { attempt: 1, lease }],
  [
    'fences the lease before it',
    expired()
      .start({ ...late, ...bob, lease: leaseId(2) })
      .complete(late),
    'STALE_LEASE',
    { attempt: 2 },
  ],
]);

examples('PROGRESS', [
  [
    'renews the lease for its length',
    life()
      .start()
      .progress({ at: noon + minute }),
    'in_progress',
    { lease: { expiresAt: noon + minute + hour } },
  ],
  [
    'never goes back',
    life().start().progress({ value: 3, total: 9 }).progress({ value: 1 }),
    'in_progress',
    { progress: { value: 3, total: 9 } },
  ],
  ['by another name needs the lease', life().start().progress(bob), 'STALE_LEASE'],
  [
    'and has it',
    life()
      .start()
      .progress({ ...bob, lease: leaseId(1) }),
    'in_progress',
  ],
  [
    'by the name of the holder with a wrong lease is refused',
    life()
      .start()
      .progress({ lease: leaseId(2) }),
    'STALE_LEASE',
  ],
  ['a name without a worker proves nothing', life().start({ by: 'team' }).progress({ by: 'team' }), 'STALE_LEASE'],
]);

examples('COMPLETE', [
  [
    'ends the lease and keeps the work',
    life()
      .start()
      .complete({ artifacts: [artifact] }),
    'completed',
    { lease: null, result: { summary: 'done' }, artifacts: [artifact] },
  ],
  ['tells parent and dependents', life().start().complete(), 'completed', {}, ['parent: open → completed', 'dependent: completed']],
  [
    'without every criterion met is refused',
    life(works)
      .start()
      .complete({ acceptance: [{ met: true }, { met: false }] }),
    'ACCEPTANCE_UNANSWERED',
  ],
  [
    'with all of them met is taken',
    life(works)
      .start()
      .complete({ acceptance: [{ met: true }, { met: true, note: '2 ms' }] }),
    'completed',
  ],
  ['asks for the lease first', life(works).start().complete(bob), 'STALE_LEASE'],
  ['then for the criteria', life(works).start().child(null, 'open').complete(), 'ACCEPTANCE_UNANSWERED'],
  [
    'then for the children',
    life({}, { dependsOn: [satisfied] })
      .start()
      .hear('open')
      .child(null, 'open')
      .complete(),
    'CHILDREN_UNFINISHED',
  ],
  [
    'then for the dependencies',
    life({}, { dependsOn: [satisfied] })
      .start()
      .hear('open')
      .complete(),
    'DEPENDENCIES_UNMET',
  ],
  ['of what nobody executed is refused', life().complete(), 'INVALID_TRANSITION'],
  ['twice is refused', life().start().complete().complete(), 'INVALID_TRANSITION'],
  [
    'has room for artifacts',
    life()
      .start()
      .complete({ artifacts: Array(limits.artifacts + 1).fill(artifact) }),
    'LIMIT_EXCEEDED',
  ],
]);

examples('COMPLETE after the lease expired', [
  ['from pending', expired().complete(late), 'completed', { lease: null, notBefore: null }],
  ['from failed', expired(1).complete(late), 'completed', {}, ['parent: failed → completed', 'dependent: completed']],
  [
    'continue: pending stays, and the lease proves what comes next',
    expired().save(late).save(late),
    'pending',
    { lease: { expired: true } },
  ],
  [
    'continue: failed opens',
    expired(1).save(late),
    'pending',
    { result: { summary: 'done' } },
    ['parent: failed → open', 'dependent: open'],
  ],
  ['needs_revision: failed opens anew', expired(1).sendBack(late), 'pending', { revision: 1, failures: 0, lease: null }],
  ['blocked: failed blocks', expired(1).stop({ ...late, feedback: 'no key' }), 'blocked', { blocked: { reason: 'no key' } }],
  ['is refused after RETRY', expired(1).retry().complete(late), 'INVALID_TRANSITION'],
  ['and after FAIL, which ends a lease for good', life().start().failForGood().complete(late), 'INVALID_TRANSITION'],
  ['and after BLOCK, which does too', expired().block().unblock().complete(late), 'INVALID_TRANSITION'],
]);

examples('COMPLETE with another next action', [
  [
    'continue stores the work and goes on',
    life()
      .start()
      .save({ artifacts: [artifact] }),
    'in_progress',
    { artifacts: [artifact], lease },
    [],
  ],
  [
    'needs_revision goes back',
    life().start().sendBack({ feedback: 'red' }),
    'pending',
    { revision: 1, lease: null, guidance: [{ kind: 'feedback', text: 'red' }] },
    [],
  ],
  [
    'blocked ends the attempt with a reason',
    life().start().stop({ feedback: 'no key' }),
    'blocked',
    { lease: null, blocked: { reason: 'no key', question: null } },
  ],
  ['asks for no criteria and no children', life(works).start().child(null, 'open').sendBack(), 'pending'],
]);

examples('FAIL', [
  ['goes back for the next attempt', life().start().fail(), 'pending', { failures: 1, lease: null }, []],
  [
    'the last time is failed',
    life({ maxAttempts: 1 }).start().fail(),
    'failed',
    { failures: 1 },
    ['parent: open → failed', 'dependent: failed'],
  ],
  [
    'claims alone never count',
    life({ maxAttempts: 2 }).start().sendBack().start().sendBack().start().fail(),
    'pending',
    { attempt: 3, failures: 1 },
  ],
  ['not retryable is failed', life().start().failForGood(), 'failed'],
  ['of another holder is refused', life().start().fail(bob), 'STALE_LEASE'],
  ['of what does not run is refused', expired().fail(), 'INVALID_TRANSITION'],
]);

examples('reviews', [
  ['needs_revision sends the subject back', life(review).start().sendBack(), 'pending', { revision: 1 }, ['target: REVISE']],
  ['complete approves', life(review).start().complete(), 'completed', {}, ['parent: open → completed', 'dependent: completed']],
  [
    'a completed subject opens with the feedback',
    life().start().complete().revise(),
    'pending',
    { revision: 1, guidance: [{ text: 'not yet' }] },
  ],
  ['any number of rounds', life().start().complete().revise().start().complete().revise(), 'pending', { revision: 2, attempt: 2 }],
  ['an open subject only hears it', life().start().revise(), 'in_progress', { revision: 0, guidance: [{ text: 'not yet' }] }],
  ['a cancelled subject refuses it', life().cancel().revise(), 'INVALID_TRANSITION'],
  ['an archived subject refuses it', life().start().complete().archive().revise(), 'INVALID_TRANSITION'],
]);
