import { edit } from './edit.ts';
import { isSet, textOf, typedNumber, typedText } from './form.ts';
import type { Task } from '../../protocol/task.ts';
import type { Action, Field, Person, Values } from './form.ts';

/** What a person can do with a task, by the events that its machine accepts now. */

const nothing = (): readonly Field[] => [];
const text = (name: string, label: string, isRequired = false): Field => ({ name, label, kind: 'text', isRequired });
const because: Field = text('reason', 'Reason');

/** Whether the lease is of this tab. */
export const isMine = ({ lease }: Pick<Task, 'lease'>, { worker }: Person): boolean => lease?.holder.split('/').at(-1) === worker;

/** Only the holder may report, complete and fail; whoever acts in its place says so. */
const lease = (task: Task, person: Person): readonly Field[] =>
  task.lease === null || isMine(task, person)
    ? []
    : [
        {
          name: 'inItsPlace',
          label: `In the place of ${task.lease.holder}, who holds the task`,
          kind: 'check',
          hint: 'Without this the guard leaseHeld refuses it.',
        },
      ];
const leaseOf = (task: Task, values: Values) => (isSet(values, 'inItsPlace') ? task.lease?.id : undefined);

const holdsBack = ({ mandatory, waived, status }: Task['dependsOn'][number]): boolean => mandatory && !waived && status !== 'satisfied';

const artifactTypes = ['general', 'code', 'documentation', 'analysis', 'design', 'test', 'config'] as const;
const nextActions = [
  ['complete', 'Complete it'],
  ['continue', 'Only keep the work; it goes on'],
  ['needs_revision', 'Send it back: another attempt is needed'],
  ['blocked', 'Keep the work and block it'],
] as const;
const oneOf = <T extends string>(all: readonly T[], given: string, otherwise: T): T => all.find((one) => one === given) ?? otherwise;
const names = nextActions.map(([name]) => name);
const nextActionOf = (values: Values) => oneOf(names, textOf(values, 'nextAction'), 'complete');
const isFinal = (values: Values): boolean => nextActionOf(values) === 'complete';

export const actions: readonly Action[] = [
  {
    event: 'START',
    label: 'Start',
    key: 's',
    tone: 'primary',
    fields: nothing,
    send: ({ call, task }) => call('task.execute', { taskId: task.id }),
  },
  {
    event: 'ANSWER',
    label: 'Answer',
    key: 'a',
    tone: 'primary',
    fields: () => [text('answer', 'Answer', true)],
    send: ({ call, task, values }) => call('task.answer', { taskId: task.id, answer: textOf(values, 'answer') }),
  },
  {
    event: 'COMPLETE',
    label: 'Complete',
    key: 'c',
    tone: 'primary',
    fields: (task, person) => [
      ...lease(task, person),
      { name: 'nextAction', label: 'What comes next', kind: 'choice', choices: nextActions },
      text('summary', 'Summary', true),
      { name: 'detailedWork', label: 'Detailed work', kind: 'code', hint: 'Kept as an artifact; Markdown.' },
      {
        name: 'artifactType',
        label: 'Kind of artifact',
        kind: 'choice',
        choices: artifactTypes.map((one) => [one, one]),
        isAsked: (values) => textOf(values, 'detailedWork') !== '',
      },
      {
        ...text('feedback', 'What the next worker must know, or why it is blocked'),
        isAsked: (values) => !isFinal(values) && nextActionOf(values) !== 'continue',
      },
      ...task.acceptance.flatMap((criterion, index): Field[] => [
        { name: `met.${index}`, label: `Met: ${criterion}`, kind: 'check', isAsked: isFinal },
        { name: `note.${index}`, label: `Note on criterion ${index + 1}`, kind: 'line', isAsked: isFinal },
      ]),
    ],
    initial: (task) => ({ nextAction: task.children.open > 0 || task.dependsOn.some(holdsBack) ? 'continue' : 'complete' }),
    send: ({ call, task, values }) =>
      call('task.complete', {
        taskId: task.id,
        lease: leaseOf(task, values),
        nextAction: nextActionOf(values),
        summary: textOf(values, 'summary'),
        detailedWork: typedText(values, 'detailedWork'),
        artifactType: oneOf(artifactTypes, textOf(values, 'artifactType'), 'general'),
        acceptance: isFinal(values) ? task.acceptance.map((_, index) => answerOf(values, index)) : [],
        feedback: isFinal(values) ? undefined : typedText(values, 'feedback'),
      }),
  },
  {
    event: 'PROGRESS',
    label: 'Report progress',
    tone: 'ordinary',
    about: 'The lease is renewed with it.',
    fields: (task, person) => [
      ...lease(task, person),
      { name: 'value', label: 'Done so far', kind: 'number' },
      { name: 'total', label: 'Of', kind: 'number' },
      { name: 'message', label: 'Message', kind: 'line' },
    ],
    send: ({ call, task, values }) =>
      call('task.progress', {
        taskId: task.id,
        lease: leaseOf(task, values),
        value: typedNumber(values, 'value'),
        total: typedNumber(values, 'total'),
        message: typedText(values, 'message'),
      }),
  },
  {
    event: 'FAIL',
    label: 'Fail',
    tone: 'ordinary',
    about: 'The attempt ends. It is tried again after a pause while attempts are left.',
    fields: (task, person) => [
      ...lease(task, person),
      text('message', 'What went wrong', true),
      { name: 'isFinal', label: 'For good: trying again would not help', kind: 'check' },
    ],
    send: ({ call, task, values }) =>
      call('task.fail', {
        taskId: task.id,
        lease: leaseOf(task, values),
        error: { message: textOf(values, 'message'), retryable: !isSet(values, 'isFinal') },
      }),
  },
  {
    event: 'UNBLOCK',
    label: 'Unblock',
    tone: 'ordinary',
    fields: () => [text('note', 'Note for the next worker')],
    send: ({ call, task, values }) => call('task.unblock', { taskId: task.id, note: typedText(values, 'note') }),
  },
  {
    event: 'RETRY',
    label: 'Retry',
    tone: 'primary',
    fields: nothing,
    send: ({ call, task }) => call('task.retry', { taskId: task.id }),
  },
  {
    event: 'REOPEN',
    label: 'Reopen',
    tone: 'ordinary',
    fields: () => [{ ...because, isRequired: true }],
    send: ({ call, task, values }) => call('task.reopen', { taskId: task.id, reason: textOf(values, 'reason') }),
  },
  {
    event: 'BLOCK',
    label: 'Block',
    tone: 'ordinary',
    about: 'A running attempt ends. A question waits for an answer, here or on the board.',
    fields: () => [
      { name: 'asks', label: 'It is a question for a person', kind: 'check' },
      { ...text('why', 'Reason or question'), isRequired: true },
    ],
    send: ({ call, task, values }) =>
      call('task.block', { taskId: task.id, [isSet(values, 'asks') ? 'question' : 'reason']: textOf(values, 'why') }),
  },
  {
    event: 'NOTE',
    label: 'Note',
    key: 'n',
    tone: 'ordinary',
    fields: () => [text('text', 'Note for the next worker', true)],
    send: ({ call, task, values }) => call('task.note', { taskId: task.id, text: textOf(values, 'text') }),
  },
  edit,
  {
    event: 'DEPENDENCY_ADD',
    label: 'Add a dependency',
    tone: 'ordinary',
    fields: () => [
      { name: 'other', label: 'Id of the task to wait for', kind: 'line', isRequired: true, hint: 't_…, of the same plan' },
      { name: 'isOptional', label: 'Only mentioned: the task does not wait for it', kind: 'check' },
    ],
    send: ({ call, task, values }) =>
      call('dependency.add', { taskId: task.id, dependsOn: { task: textOf(values, 'other'), mandatory: !isSet(values, 'isOptional') } }),
  },
  {
    event: 'CANCEL',
    label: 'Cancel',
    tone: 'danger',
    about: 'Its work is kept.',
    fields: ({ children }) => [
      because,
      ...(children.open === 0
        ? []
        : [{ name: 'subtree', label: `Everything open below it too (${children.open} open children)`, kind: 'check' } as const]),
    ],
    send: ({ call, task, values }) =>
      call('task.cancel', { taskId: task.id, reason: typedText(values, 'reason'), subtree: isSet(values, 'subtree') }),
  },
  {
    event: 'ARCHIVE',
    label: 'Archive',
    tone: 'ordinary',
    about: 'With everything below it. An archived task is final, and no list shows it any more.',
    fields: () => [{ name: 'isSure', label: 'Archive it for good', kind: 'check', isRequired: true }],
    send: ({ call, task }) => call('task.archive', { taskId: task.id }),
  },
  {
    event: 'DELETE',
    label: 'Delete',
    tone: 'danger',
    about: 'Erases what it and everything below it say, their work included. Nothing brings it back.',
    fields: ({ children }) => [
      ...(children.open === 0 ? [] : [{ name: 'force', label: 'Cancel what is open below it first', kind: 'check' } as const]),
      { name: 'isSure', label: 'Erase it for good', kind: 'check', isRequired: true },
    ],
    send: ({ call, task, values }) => call('task.delete', { taskId: task.id, force: isSet(values, 'force') }),
  },
];

const answerOf = (values: Values, index: number) => {
  return { met: isSet(values, `met.${index}`), note: typedText(values, `note.${index}`) };
};

/** What is done to one dependency. */
export const edgeActions: readonly Action[] = [
  {
    event: 'DEPENDENCY_WAIVE',
    label: 'Waive',
    tone: 'ordinary',
    about: 'The dependency stays, and the task goes on without it.',
    fields: () => [because],
    send: ({ call, task, values, other }) =>
      call('dependency.waive', { taskId: task.id, dependsOn: other, reason: typedText(values, 'reason') }),
  },
  {
    event: 'DEPENDENCY_REMOVE',
    label: 'Remove',
    tone: 'ordinary',
    about: 'The task waits for it no more.',
    fields: () => [because],
    send: ({ call, task, values, other }) =>
      call('dependency.remove', { taskId: task.id, dependsOn: other, reason: typedText(values, 'reason') }),
  },
];

/** Those of the table that the machine accepts now, from whoever may ask for them. */
export const offered = (all: readonly Action[], { allowed }: Pick<Task, 'allowed'>, { scopes }: Person): Action[] =>
  all.filter(({ event }) => allowed.includes(event) && scopes.includes(event === 'DELETE' ? 'admin' : 'write'));
