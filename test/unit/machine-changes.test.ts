import { noon } from '../support/records.ts';
import { ancestor, examples, expired, life, on, satisfied, target } from '../model/life.ts';

/** What people do to a task. */

const done = life().start().complete();
const question = { reason: null, question: 'which?' };

examples('BLOCK, ANSWER, UNBLOCK', [
  ['BLOCK by anyone ends the lease', life().start().ask('which?'), 'blocked', { lease: null, blocked: { ...question, answer: null } }, []],
  ['BLOCK with a reason', life().block('no key'), 'blocked', { blocked: { reason: 'no key', question: null } }],
  ['BLOCK twice is refused', life().block().block(), 'INVALID_TRANSITION'],
  [
    'ANSWER keeps question and answer together',
    life().ask('which?').answer('that'),
    'pending',
    { guidance: [{ kind: 'answer', question: 'which?', text: 'that' }] },
  ],
  ['ANSWER without a question is refused', life().block().answer('that'), 'INVALID_TRANSITION'],
  [
    'UNBLOCK leaves a note',
    life().block().unblock('here is the key'),
    'pending',
    { blocked: null, guidance: [{ text: 'here is the key' }] },
  ],
  ['UNBLOCK of what is not blocked is refused', life().unblock(), 'INVALID_TRANSITION'],
  ['START of what is blocked is refused', life().block().start(), 'INVALID_TRANSITION'],
]);

examples('CANCEL', [
  [
    'keeps the work and ends the lease',
    life().start().save().cancel({ reason: 'no need' }),
    'cancelled',
    { lease: null, result: { summary: 'done' }, guidance: [{ kind: 'reason', text: 'no need' }] },
    ['parent: open → cancelled', 'dependent: cancelled'],
  ],
  ['above an open child is refused', life({}, { children: { open: 1 } }).cancel(), 'CHILDREN_UNFINISHED'],
  ['with the subtree is taken', life({}, { children: { open: 1 } }).cancel({ subtree: true }), 'cancelled'],
  ['of a failed task', expired(1).cancel(), 'cancelled', { lease: null }, ['parent: failed → cancelled', 'dependent: cancelled']],
  ['of a completed one is refused', done.cancel(), 'INVALID_TRANSITION'],
]);

examples('RETRY and REOPEN', [
  [
    'RETRY gives the attempts back',
    expired(1).retry(),
    'pending',
    { revision: 1, failures: 0, lease: null, notBefore: null },
    ['parent: failed → open', 'dependent: open'],
  ],
  ['RETRY is for failed tasks', done.retry(), 'INVALID_TRANSITION'],
  [
    'REOPEN keeps the work',
    done.reopen(),
    'pending',
    { revision: 1, lease: null, result: { summary: 'done' }, marks: { completedAt: null } },
    ['parent: completed → open', 'dependent: open'],
  ],
  ['REOPEN of a cancelled task', life().cancel().reopen(), 'pending', { revision: 1 }],
  ['REOPEN is not for failed tasks', expired(1).reopen(), 'INVALID_TRANSITION'],
]);

examples('EDIT and NOTE', [
  [
    'EDIT on the revision that it was decided on',
    life().edit({ title: 'Other', priority: 9 }, { ifRev: 3, rev: 3 }),
    'pending',
    { spec: { title: 'Other', priority: 9 } },
  ],
  ['EDIT on an older one is refused', life().edit({ title: 'Other' }, { ifRev: 2, rev: 3 }), 'REV_CONFLICT'],
  [
    'EDIT of a running task',
    life()
      .start()
      .edit({ acceptance: ['works'] })
      .complete(),
    'ACCEPTANCE_UNANSWERED',
  ],
  ['EDIT of a finished one is refused', done.edit({ title: 'Other' }), 'INVALID_TRANSITION'],
  ['NOTE is appended, also to a finished task', done.note('one').note('two'), 'completed', { notes: [{ text: 'one' }, { text: 'two' }] }],
  ['NOTE to an archived one is refused', done.archive().note('one'), 'INVALID_TRANSITION'],
]);

examples('ARCHIVE and DELETE', [
  [
    'ARCHIVE leaves those that it waited for, and tells nobody else',
    life({}, { dependsOn: [on({ ...satisfied, via: [ancestor] })] })
      .cancel()
      .archive(),
    'archived',
    {},
    ['target: DEPENDENT_CHANGED', 'target: DEPENDENT_CHANGED'],
  ],
  ['ARCHIVE of an open task is refused', life().archive(), 'INVALID_TRANSITION'],
  ['ARCHIVE above an open child is refused', life().start().child(null, 'open').failForGood().archive(), 'CHILDREN_UNFINISHED'],
  ['ARCHIVE is final', done.archive().reopen(), 'INVALID_TRANSITION'],
  [
    'an archived task still hears facts',
    done
      .archive()
      .child('completed', 'open')
      .hear('failed')
      .take('DEPENDENT_CHANGED', { ids: [target], on: true, direct: true }),
    'archived',
    { dependents: { direct: [{}, target] } },
  ],
  [
    'DELETE leaves a tombstone',
    done.note('secret').erase(),
    'archived',
    {
      spec: { title: '', description: '', context: {} },
      notes: [],
      artifacts: [],
      result: null,
      attempts: [],
      guidance: [],
      marks: { deletedBy: 'admin', updatedAt: noon },
    },
  ],
  ['DELETE of an archived task', done.archive().erase(), 'archived', { spec: { title: '' } }],
  ['DELETE of an open one is refused', life().erase(), 'INVALID_TRANSITION'],
]);
