import { TroupeError } from '../../errors.ts';
import { textOf } from './form.ts';
import type { Task } from '../../protocol/task.ts';
import type { Asked } from '../../client/link.ts';
import type { Action, Field, Values } from './form.ts';

/** Changes what an open task was given. Only what was changed is sent, so that two people can change different things. */

const complexities = ['trivial', 'simple', 'moderate', 'complex', 'very_complex'] as const;

const fields: readonly Field[] = [
  { name: 'title', label: 'Title', kind: 'line', isRequired: true },
  { name: 'description', label: 'Description', kind: 'text' },
  { name: 'acceptance', label: 'Acceptance criteria', kind: 'text', hint: 'One per line.' },
  { name: 'specialist', label: 'Specialist', kind: 'line', isRequired: true },
  { name: 'priority', label: 'Priority, 1 to 10', kind: 'number', isRequired: true },
  { name: 'complexity', label: 'Complexity', kind: 'choice', choices: complexities.map((one) => [one, one.replace('_', ' ')]) },
  { name: 'maxAttempts', label: 'Attempts at most', kind: 'number', isRequired: true },
  { name: 'tags', label: 'Tags', kind: 'line', hint: 'With commas between them.' },
  { name: 'dueAt', label: 'Due', kind: 'time' },
  { name: 'estimatedEffort', label: 'Estimated effort', kind: 'line' },
  { name: 'context', label: 'Context', kind: 'code', hint: 'A JSON object.' },
];

const twoDigits = (value: number): string => String(value).padStart(2, '0');
/** As an input of date and time wants it: of this place, without a zone. */
function localTime(given: string | null): string {
  if (given === null) return '';
  const at = new Date(given);
  const day = [at.getFullYear(), twoDigits(at.getMonth() + 1), twoDigits(at.getDate())].join('-');
  return `${day}T${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
}

const initial = (task: Task): Values => ({
  title: task.title,
  description: task.description,
  acceptance: task.acceptance.map((criterion) => criterion.replaceAll(/\s*\n\s*/g, ' ')).join('\n'),
  specialist: task.specialist,
  priority: String(task.priority),
  complexity: task.complexity,
  maxAttempts: String(task.maxAttempts),
  tags: task.tags.join(', '),
  dueAt: localTime(task.dueAt),
  estimatedEffort: task.estimatedEffort ?? '',
  context: Object.keys(task.context).length === 0 ? '' : JSON.stringify(task.context, null, 2),
});

const refused = (path: string, message: string): TroupeError =>
  new TroupeError('INVALID_PARAMS', 'what was typed can not be sent', { issues: [{ path, message }] });

const isJsonObject = (value: unknown): value is Task['context'] => typeof value === 'object' && value !== null && !Array.isArray(value);

function objectOf(typed: string): Task['context'] {
  if (typed === '') return {};
  try {
    const value: unknown = JSON.parse(typed);
    if (isJsonObject(value)) return value;
  } catch (error) {
    throw refused('context', error instanceof Error ? error.message : String(error));
  }
  throw refused('context', 'a JSON object is needed: {"key": "value"}');
}

const partsOf = (typed: string, between: RegExp): string[] =>
  typed
    .split(between)
    .map((part) => part.trim())
    .filter((part) => part !== '');

type Changes = Asked<'task.edit'>['set'];

/** How each field is read, by its name. */
const readers: Readonly<Record<string, (typed: string) => Changes>> = {
  title: (title) => ({ title }),
  description: (description) => ({ description }),
  acceptance: (typed) => ({ acceptance: partsOf(typed, /\n/) }),
  specialist: (specialist) => ({ specialist }),
  priority: (typed) => ({ priority: Number(typed) }),
  complexity: (typed) => ({ complexity: complexities.find((one) => one === typed) }),
  maxAttempts: (typed) => ({ maxAttempts: Number(typed) }),
  tags: (typed) => ({ tags: partsOf(typed, /,/) }),
  dueAt: (typed) => ({ dueAt: typed === '' ? null : new Date(typed).toISOString() }),
  estimatedEffort: (typed) => ({ estimatedEffort: typed === '' ? null : typed }),
  context: (typed) => ({ context: objectOf(typed) }),
};

/** What was changed; refused when somebody else has changed the same since the form was opened. */
export function changesOf(opened: Task, now: Task, values: Values): Changes {
  const [before, current] = [initial(opened), initial(now)];
  const changed = fields.filter(({ name }) => textOf(values, name) !== textOf(before, name));
  if (changed.length === 0) throw refused('', 'nothing was changed');
  const taken = changed.find(({ name }) => before[name] !== current[name]);
  if (taken !== undefined)
    throw new TroupeError('REV_CONFLICT', `somebody else has changed it meanwhile: ${taken.label}`, {
      fix: 'close the form without sending, look at the task, and edit it again',
    });
  const set: Changes = {};
  for (const { name } of changed) Object.assign(set, readers[name]?.(textOf(values, name)));
  return set;
}

export const edit: Action = {
  event: 'EDIT',
  label: 'Edit',
  key: 'e',
  tone: 'ordinary',
  fields: () => fields,
  initial,
  send: ({ call, task, opened, values }) => call('task.edit', { taskId: task.id, set: changesOf(opened, task, values) }),
};
