import * as z from 'zod';
import type { Output } from '../../../protocol/methods.ts';
import { taskFilter } from '../../../protocol/methods/given.ts';
import { task as wholeTask } from '../../../protocol/task.ts';
import { complexities, limits, project, specialistKey, statusInput, tag, taskTypes } from '../../../protocol/values.ts';
import { inSnake, sessionId, snake, target, taskId, time, work, workFilter } from '../arguments.ts';
import type { Backend, Given } from '../backend.ts';
import { answerBytes, countWithin } from '../fit.ts';
import { linksTo, referenceOf, uris } from '../links.ts';
import { nextSteps } from '../next-steps.ts';
import { tool } from '../tool.ts';
import { row, rowOf } from '../views.ts';

/** Tools that find tasks and read them. */

/** Left of an answer for what is around a list. */
const listBytes = answerBytes - 1_500;

type Member = keyof typeof wholeTask.shape;

const members = new Map(Object.keys(wholeTask.shape).map((name) => [snake(name), name]));
/** Names of the tools that the task has under another name. */
const renamed: Readonly<Record<string, Member>> = {
  task_id: 'id',
  task_type: 'type',
  specialist_type: 'specialist',
  parent_task_id: 'parentId',
  acceptance_criteria: 'acceptance',
  due_date: 'dueAt',
};
const toolNames = new Map(Object.entries(renamed).map(([name, member]) => [member, name]));
/** Every member of a task, in the words of the tools. */
const memberNames = Object.keys(wholeTask.shape).map((name) => (isMember(name) ? toolNames.get(name) : undefined) ?? snake(name));
const field = z.string().refine((name) => members.has(name) || Object.hasOwn(renamed, name), {
  error: `no member of a task; there are ${memberNames.join(', ')}`,
});

type ListInput = Given<'task.list'>;
/** A task of a list: the members that were asked for. */
type Item = Output<'task.list'>['items'][number];

/** The cursor behind the first `offset` matches; null when there are no more than these. */
async function cursorAt(backend: Backend, input: ListInput, offset: number): Promise<string | null> {
  let cursor: string | undefined;
  for (let left = offset; left > 0;) {
    const limit = Math.min(left, limits.pageItems);
    const page = await backend.call('task.list', { ...input, limit, cursor });
    if (page.nextCursor === null) return null;
    cursor = page.nextCursor;
    left -= limit;
  }
  return cursor ?? null;
}

/** A page that ends at `limit` or where the answer is full, whichever comes first. */
async function pageOf<T>(
  backend: Backend,
  input: ListInput,
  tell: (item: Item) => T,
): Promise<{ items: T[]; next: string | null; total: number | null }> {
  const { items, nextCursor, total } = await backend.call('task.list', input);
  const told = items.map(tell);
  const count = countWithin(told, listBytes);
  if (count === told.length) return { items: told, next: nextCursor, total: total ?? null };
  const again = await backend.call('task.list', { ...input, limit: count, count: false });
  return { items: again.items.map(tell), next: again.nextCursor, total: total ?? null };
}

const filters = {
  status: z.array(statusInput).min(1).optional(),
  task_type: z.array(z.enum(taskTypes)).min(1).optional(),
  specialist_type: z.array(specialistKey).min(1).optional(),
  parent_task_id: taskId.optional(),
  complexity: z.array(z.enum(complexities)).min(1).optional(),
  search_text: taskFilter.shape.text,
  created_after: time.optional(),
  created_before: time.optional(),
  tags: z.array(tag).min(1).optional(),
  project: project.optional(),
  session_id: sessionId.optional(),
  ready: z.boolean().optional(),
};

export const queryTasks = tool({
  name: 'orchestrator_query_tasks',
  title: 'Find tasks',
  description: 'Tasks by filter, a page at a time. Pages end early when they would be long: go on with next_cursor.',
  core: true,
  effect: 'reads',
  input: z.strictObject({
    ...filters,
    include_children: z.boolean().default(false).describe('adds the counts of subtasks'),
    include_artifacts: z.boolean().default(false).describe('adds references to artifacts'),
    fields: z.array(field).min(1).max(20).optional().describe('members of the whole task instead of the usual ones'),
    limit: z.int().min(1).max(limits.pageItems).default(100),
    offset: z.int().min(0).max(1_000_000).default(0),
    cursor: z.string().max(500).optional(),
  }),
  output: z.object({
    status: z.string(),
    message: z.string(),
    query_summary: z.object({
      filters_applied: z.array(z.string()),
      pagination: z.object({ total_count: z.int(), page_count: z.int(), has_more: z.boolean(), next_cursor: z.string().nullable() }),
    }),
    tasks: z.array(z.record(z.string(), z.unknown())),
    next_steps: z.array(z.string()),
  }),
  async run({ backend }, args) {
    const filter: NonNullable<ListInput['filter']> = {
      status: args.status,
      type: args.task_type,
      specialist: args.specialist_type,
      parentId: args.parent_task_id,
      complexity: args.complexity,
      text: args.search_text,
      createdAfter: args.created_after,
      createdBefore: args.created_before,
      tags: args.tags,
      project: args.project,
      sessionId: args.session_id,
      ready: args.ready,
    };
    const extra = [...(args.include_children ? ['children'] : []), ...(args.include_artifacts ? ['artifacts'] : [])];
    const wanted = args.fields ?? [...(extra.length > 0 ? Object.keys(row.shape) : []), ...extra];
    const fields = [...new Set(wanted.flatMap((name) => memberOf(name)))];
    const input: ListInput = { filter, limit: args.limit, count: true, ...(fields.length > 0 && { fields }) };
    const start = args.cursor ?? (args.offset > 0 ? await cursorAt(backend, { filter }, args.offset) : undefined);
    const tell = (item: Item): Record<string, unknown> => tellFields(item, args.fields, extra);
    const page =
      start === null
        ? { items: [], next: null, total: (await backend.call('task.list', { filter, limit: 1, count: true })).total ?? null }
        : await pageOf(backend, { ...input, cursor: start }, tell);
    const total = page.total ?? page.items.length;
    return {
      data: {
        status: 'success',
        message: `${page.items.length} of ${total} tasks`,
        query_summary: {
          filters_applied: Object.keys(filters).filter((name) =>
            Object.entries(args).some(([key, value]) => key === name && value !== undefined),
          ),
          pagination: { total_count: total, page_count: page.items.length, has_more: page.next !== null, next_cursor: page.next },
        },
        tasks: page.items,
        next_steps: page.next === null ? ['read one with orchestrator_get_task'] : ['go on with cursor = next_cursor'],
      },
    };
  },
});

function isMember(name: string | undefined): name is Member {
  return name !== undefined && Object.hasOwn(wholeTask.shape, name);
}

function memberOf(name: string): Member[] {
  const member = renamed[name] ?? members.get(name);
  return isMember(member) ? [member] : [];
}

function tellFields(item: Item, fields: readonly string[] | undefined, extra: readonly string[]): Record<string, unknown> {
  const names = fields === undefined ? [...Object.keys(row.shape), ...extra] : ['task_id', ...fields];
  const told: Record<string, unknown> = {};
  for (const name of names) {
    const [member] = memberOf(name);
    if (member === undefined) continue;
    told[name] = member === 'artifacts' ? item.artifacts?.map(referenceOf) : member === 'context' ? item.context : inSnake(item[member]);
  }
  return told;
}

export const getTask = tool({
  name: 'orchestrator_get_task',
  title: 'Read a task',
  description: 'One task, whole. Long texts are cut; the resource has all of them.',
  core: true,
  effect: 'reads',
  input: z.strictObject({ ...target, fields: z.array(field).min(1).max(50).optional() }),
  output: z.object({ status: z.string(), task: z.record(z.string(), z.unknown()), resource: z.string(), next_steps: z.array(z.string()) }),
  async run({ backend }, { task_id: id, fields }) {
    const { task } = await backend.call('task.get', { taskId: id });
    const names = fields ?? memberNames.filter((name) => name !== 'task_id');
    const told = tellFields(task, names, []);
    return {
      data: { status: 'success', task: told, resource: uris.task(id), next_steps: nextSteps(task) },
      links: linksTo(task.artifacts),
    };
  },
});

export const nextTask = tool({
  name: 'orchestrator_next_task',
  title: 'Find what to do next',
  description: 'The one task that should be executed next, without claiming it. orchestrator_claim_task claims it in the same step.',
  core: true,
  effect: 'reads',
  input: z.strictObject(work),
  output: z.object({ status: z.string(), task: row.nullable(), reason: z.string(), next_steps: z.array(z.string()) }),
  async run({ backend }, args) {
    const { task, reason } = await backend.call('task.next', { filter: workFilter(args) });
    return {
      data: {
        status: task === null ? 'nothing_ready' : 'success',
        task: task === null ? null : rowOf(task),
        reason,
        next_steps: [
          task === null ? 'wait with orchestrator_claim_task and wait_ms' : `claim it with orchestrator_execute_task ${task.id}`,
        ],
      },
    };
  },
});
