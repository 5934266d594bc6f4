import * as z from 'zod';
import { TroupeError } from '../../../errors.ts';
import type { Issue } from '../../../errors.ts';
import { methods } from '../../../protocol/methods.ts';
import type { Output } from '../../../protocol/methods.ts';
import { project } from '../../../protocol/values.ts';
import { mutation, taskId } from '../arguments.ts';
import type { Backend, CallOptions } from '../backend.ts';
import { faultAt, tellFault } from '../faults.ts';
import { answerBytes, countWithin } from '../fit.ts';
import { tool } from '../tool.ts';

/** Tools for templates: plans that come back, with parameters. */

const created = methods['template.create'].input.shape;
const instantiated = methods['template.instantiate'].input.shape;
const listed = methods['template.list'].input.shape;
const deleted = methods['template.delete'].input.shape;

const target = { template_id: created.id };
const content = { template_content: created.content.describe('JSON5: metadata, parameters, tasks, milestones; see docs/templates.md') };
const record = z.record(z.string(), z.unknown());

type Stored = Output<'template.get'>;

const brief = ({ id, category, bytes, modified }: Omit<Stored['info'], 'metadata' | 'parameters'>) => ({
  id,
  category,
  size: bytes,
  modified,
});

const steps = {
  preview: (id: string) => `see what it becomes with template_instantiate ${id}`,
  make: 'make the tasks with create_tasks true',
};

/** The template, whole. TEMPLATE_INVALID with every fault when it is broken. */
async function requireRight(
  backend: Backend,
  { template_id: id, category }: { readonly template_id: string; readonly category?: Stored['info']['category'] | undefined },
  options: CallOptions,
): Promise<Stored & { readonly template: Record<string, unknown> }> {
  const { template, ...rest } = await backend.call('template.get', { id, category }, options);
  if (template !== null) return { ...rest, template };
  const issues: readonly Issue[] = rest.issues.map(({ path, message, line, file }) => ({
    path,
    message,
    ...(line !== undefined && { line }),
    ...(file !== undefined && { file }),
  }));
  const [first] = issues;
  throw new TroupeError('TEMPLATE_INVALID', first === undefined ? `the template "${id}" is broken` : faultAt(first), { issues });
}

export const createTemplate = tool({
  name: 'template_create',
  title: 'Keep a template',
  description: 'Keeps a template, if it is right; the same text again changes nothing, other text needs overwrite.',
  effect: 'ends',
  input: z.strictObject({ ...target, ...content, category: created.category, overwrite: created.overwrite, ...mutation }),
  output: z.object({
    status: z.string(),
    message: z.string(),
    template_id: z.string(),
    category: z.string(),
    parameters: z.array(z.string()),
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, { template_id: id, template_content: text, category, overwrite }) {
    const kept = await backend.call('template.create', { id, content: text, category, overwrite }, { signal });
    return {
      data: {
        status: 'success',
        message: kept.written ? `kept with ${kept.bytes} bytes` : 'the same text is kept already',
        template_id: id,
        category,
        parameters: kept.parameters.map(({ name }) => name),
        next_steps: [steps.preview(id)],
      },
    };
  },
});

export const listTemplates = tool({
  name: 'template_list',
  title: 'Find templates',
  description: 'The templates there are; broken ones with their first fault.',
  effect: 'reads',
  input: z.strictObject({
    category: listed.category,
    include_metadata: z.boolean().default(false),
    topic: listed.topic,
    limit: z.int().min(1).max(1_000).default(100),
    cursor: listed.cursor,
  }),
  output: z.object({
    status: z.string(),
    templates: z.array(
      z.object({
        id: z.string(),
        category: z.string(),
        size: z.int(),
        modified: z.string().nullable(),
        name: z.string().nullable(),
        fault: z.string().optional(),
        metadata: record.optional(),
      }),
    ),
    total_count: z.int(),
    filtered_by_category: z.string().nullable(),
    next_cursor: z.string().nullable(),
  }),
  async run({ backend, signal }, { category, include_metadata: metadata, topic, limit, cursor }) {
    const page = async (most: number) => {
      const found = await backend.call('template.list', { category, topic, metadata, limit: most, cursor }, { signal });
      const templates = found.items.map((item) => ({
        ...brief(item),
        name: item.name,
        ...(item.fault !== null && { fault: faultAt(item.fault) }),
        ...(item.metadata !== undefined && { metadata: { ...item.metadata } }),
      }));
      return { ...found, templates };
    };
    const whole = await page(limit);
    const count = countWithin(whole.templates, answerBytes - 500);
    const { templates, total, nextCursor } = count === whole.templates.length ? whole : await page(count);
    const filtered = category ?? null;
    return { data: { status: 'success', templates, total_count: total, filtered_by_category: filtered, next_cursor: nextCursor } };
  },
});

export const loadTemplate = tool({
  name: 'template_load',
  title: 'Read a template',
  description: 'A template with all that it inherits. A broken one is refused with file, line and key.',
  effect: 'reads',
  input: z.strictObject({ ...target, category: listed.category }),
  output: z.object({ status: z.string(), template: record, info: record, next_steps: z.array(z.string()) }),
  async run({ backend, signal }, args) {
    const { template, info } = await requireRight(backend, args, { signal });
    return { data: { status: 'success', template, info: brief(info), next_steps: [steps.preview(info.id)] } };
  },
});

export const templateInfo = tool({
  name: 'template_info',
  title: 'See what a template is',
  description: 'What a template says of itself, and its parameters.',
  effect: 'reads',
  input: z.strictObject({ ...target, category: listed.category }),
  output: z.object({
    status: z.string(),
    template_info: z.object({
      id: z.string(),
      category: z.string(),
      size: z.int(),
      created: z.string().nullable(),
      modified: z.string().nullable(),
      metadata: record,
      parameter_definitions: z.array(record),
    }),
  }),
  async run({ backend, signal }, args) {
    const { info } = await requireRight(backend, args, { signal });
    const { metadata, parameters, created: since } = info;
    const told = { ...brief(info), created: since, metadata: { ...metadata }, parameter_definitions: parameters };
    return { data: { status: 'success', template_info: told } };
  },
});

export const instantiateTemplate = tool({
  name: 'template_instantiate',
  title: 'Plan with a template',
  description: 'What a template becomes with these parameters; with create_tasks it makes all of its tasks, or none.',
  effect: 'adds',
  input: z.strictObject({
    ...target,
    parameters: record.pipe(instantiated.parameters.unwrap()),
    create_tasks: z.boolean().default(false),
    category: listed.category,
    parent_task_id: taskId.optional(),
    project: project.optional(),
    ...mutation,
  }),
  output: z.object({
    status: z.string(),
    message: z.string(),
    task_id: z.string().nullable(),
    tasks_created: z.int(),
    tasks: z.record(z.string(), z.string()),
    parameters_used: record,
    execution_order: z.array(z.array(z.string())),
    instantiated_template: record,
    next_steps: z.array(z.string()),
  }),
  async run({ backend, signal }, args) {
    const { template_id: id, parameters, create_tasks: createTasks, category, parent_task_id: parentId, project: name } = args;
    const input = { id, category, parameters, createTasks, parentId, project: name, commandId: args.command_id };
    const {
      template,
      plan,
      order,
      created: count,
      task,
      tasks,
      parameters: used,
    } = await backend.call('template.instantiate', input, { signal });
    return {
      data: {
        status: 'success',
        message: createTasks ? `${count} tasks are planned` : 'a preview: nothing was made',
        task_id: task?.id ?? null,
        tasks_created: count,
        tasks,
        parameters_used: used,
        execution_order: order,
        // The tasks are there to be read once they are made.
        instantiated_template: { ...template, ...(!createTasks && { plan }) },
        next_steps: createTasks ? ['claim the first ready one with orchestrator_claim_task'] : [steps.make],
      },
    };
  },
});

export const validateTemplate = tool({
  name: 'template_validate',
  title: 'Check the text of a template',
  description: 'Says what is wrong with a template by line and key, without keeping it.',
  effect: 'reads',
  input: z.strictObject(content),
  output: z.object({
    status: z.string(),
    valid: z.boolean(),
    errors: z.array(record),
    message: z.string(),
    template_info: z.object({ metadata: record.nullable(), parameters: z.array(record), tasks: z.array(z.string()) }),
  }),
  async run({ backend, signal }, { template_content: text }) {
    const { valid, issues, metadata, parameters, tasks } = await backend.call('template.validate', { content: text }, { signal });
    const [first] = issues;
    return {
      data: {
        status: valid ? 'valid' : 'invalid',
        valid,
        errors: issues.map(tellFault),
        message: first === undefined ? `right, with ${tasks.length} tasks` : faultAt(first),
        template_info: { metadata: metadata === null ? null : { ...metadata }, parameters, tasks },
      },
    };
  },
});

const gone = z.object({ status: z.string(), message: z.string(), deleted_template: z.string() });

async function remove(
  backend: Backend,
  input: { readonly id: string; readonly category?: 'user' | 'shared' | undefined },
  options: CallOptions,
) {
  const { id, category, extendedBy } = await backend.call('template.delete', input, options);
  const broken = extendedBy.map((other) => `${other.category}/${other.id}`).join(', ');
  const message = broken === '' ? `deleted from ${category}` : `deleted from ${category}; what extends it is broken now: ${broken}`;
  return { data: { status: 'success', message, deleted_template: `${category}/${id}` } };
}

export const deleteTemplate = tool({
  name: 'template_delete',
  title: 'Delete a template',
  description: "Deletes a template of the project's own; built-in ones stay. Sent again, it is TEMPLATE_NOT_FOUND.",
  effect: 'ends',
  input: z.strictObject({ ...target, category: deleted.category, ...mutation }),
  output: gone,
  run: ({ backend, signal }, { template_id: id, category }) => remove(backend, { id, category }, { signal }),
});

export const uninstallTemplate = tool({
  name: 'template_uninstall',
  title: 'Uninstall a template',
  description: 'Deletes an installed copy of a template from one category.',
  effect: 'ends',
  input: z.strictObject({ ...target, category: deleted.category.unwrap().default('user'), ...mutation }),
  output: gone,
  run: ({ backend, signal }, { template_id: id, category }) => remove(backend, { id, category }, { signal }),
});
