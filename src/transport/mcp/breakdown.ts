import * as z from 'zod';
import type { Issue } from '../../errors.ts';
import { issuesOf } from '../../protocol/messages.ts';
import { complexities, limits, specialistKey, taskTypes } from '../../protocol/values.ts';
import { ArgumentError } from './argument-error.ts';
import type { Given } from './backend.ts';

/** Subtasks as agents write them, and as `task.plan` takes them. */

type Planned = NonNullable<Given<'task.plan'>['tasks']>[number];

const text = z.string();
const words = {
  title: text.min(1).max(limits.titleLength),
  description: text.optional(),
  ref: text.min(1).max(128).optional().describe('a name inside this plan'),
  depends_on: z
    .array(z.union([text.min(1), z.int().min(0)]))
    .optional()
    .describe('refs, titles or places (from 0) of siblings, or task ids'),
  specialist_type: specialistKey.optional(),
  task_type: z.enum(taskTypes).optional(),
  complexity: z.enum(complexities).optional(),
  estimated_effort: text.max(100).optional(),
  priority: z.int().min(1).max(10).optional(),
  acceptance_criteria: z.array(text.min(1)).optional(),
  review: specialistKey.optional().describe('the specialist who has to approve it'),
};

/** As it is described to clients. What `readBreakdown` takes beside it is named in words: every client has to carry the schema. */
export const subtask = z
  .looseObject({
    title: words.title,
    description: words.description,
    ref: words.ref,
    depends_on: words.depends_on,
    specialist_type: words.specialist_type,
  })
  .describe('also task_type, complexity, estimated_effort, priority, acceptance_criteria, review, subtasks');

/** Older names of members, which `subtasks_json` may have. */
const older: Readonly<Record<string, string>> = {
  dependencies: 'depends_on',
  specialist: 'specialist_type',
  type: 'task_type',
  id: 'ref',
  effort: 'estimated_effort',
};

const strict = z.strictObject({ ...words, subtasks: z.array(z.unknown()).optional() });

/** The breakdown as the protocol has it. INVALID_PARAMS with the place of every fault. */
export function readBreakdown(items: readonly unknown[], argument: string): Planned[] {
  const issues: Issue[] = [];
  const planned = readLevel(items, argument, issues);
  if (issues.length > 0) throw new ArgumentError(issues, `a subtask has ${Object.keys(strict.shape).join(', ')}`);
  return planned;
}

/** `subtasks_json`: a JSON array of subtasks, or an object with the array as `subtasks`. */
export function parseLegacy(json: string): readonly unknown[] {
  const fault = (message: string) => ArgumentError.at('subtasks_json', message, 'give subtasks instead');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw fault('is not JSON');
  }
  const list = typeof value === 'object' && value !== null && 'subtasks' in value ? value.subtasks : value;
  if (!Array.isArray(list)) throw fault('is not a list of subtasks');
  return list;
}

function readLevel(items: readonly unknown[], place: string, issues: Issue[]): Planned[] {
  const read = items.map((item, index) => {
    const parsed = strict.safeParse(withNewNames(item));
    if (parsed.success) return parsed.data;
    for (const { path, message } of issuesOf(parsed.error))
      issues.push({ path: `${place}[${index}]${path === '' ? '' : `.${path}`}`, message });
    return null;
  });
  const refs = read.map((item, index) => item?.ref ?? refOf(place, index));
  const titles = new Map(read.flatMap((item, index) => (item === null ? [] : [[item.title, refs[index] ?? ''] as const])));
  return read.flatMap((item, index) => {
    if (item === null) return [];
    const ref = refs[index] ?? '';
    return [
      {
        ref,
        title: item.title,
        description: item.description,
        dependsOn: item.depends_on?.map((wanted) =>
          typeof wanted === 'number' ? (refs[wanted] ?? `${wanted}`) : (titles.get(wanted) ?? wanted),
        ),
        specialist: item.specialist_type,
        type: item.task_type,
        complexity: item.complexity,
        estimatedEffort: item.estimated_effort,
        priority: item.priority,
        acceptance: item.acceptance_criteria,
        review: item.review,
        ...(item.subtasks !== undefined && { tasks: readLevel(item.subtasks, `${place}[${index}].subtasks`, issues) }),
      },
    ];
  });
}

/** A name that no client gives by chance, from the place: `subtasks[0].subtasks[2]` is `s0.s2`. */
const refOf = (place: string, index: number): string =>
  [...place.matchAll(/\[(\d+)\]/g), [undefined, `${index}`] as const].map(([, n]) => `s${n}`).join('.');

function withNewNames(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [older[key] ?? key, value]));
}
