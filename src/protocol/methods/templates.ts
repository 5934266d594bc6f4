import * as z from 'zod';
import { isTemplateId, ownCategories, templateCategories, templateIdRule, templateLimits, topics } from '../../templates/limits.ts';
import { task } from '../task.ts';
import * as v from '../values.ts';
import { mutation, paging, position, rows } from './row.ts';

const id = z.string().refine(isTemplateId, { error: templateIdRule });
const category = z.enum(templateCategories);
const own = z.enum(ownCategories);
/** Counted in full where it is read. */
const content = z.string().max(templateLimits.bytes);

export const issue = z.object({ path: z.string(), message: z.string(), line: z.int().optional(), file: z.string().optional() });
const reference = z.object({ id: z.string(), category });

export const metadata = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  category: z.string().optional(),
  tags: z.array(z.string()).optional(),
  author: z.string().optional(),
  extends: z.string().optional(),
  requires: z.array(z.string()).optional(),
  complexity: z.enum(v.complexities).optional(),
  estimated_duration: z.string().optional(),
  created: z.string().optional(),
  modified: z.string().optional(),
});

export const parameter = z.object({
  name: z.string(),
  type: z.string(),
  description: z.string(),
  required: z.boolean(),
  default: z.unknown().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  min_length: z.int().optional(),
  max_length: z.int().optional(),
  min_value: z.number().optional(),
  max_value: z.number().optional(),
});

/** A file, whether or not it holds a template that can be used. */
const entry = reference.extend({
  bytes: z.int(),
  /** Null for what is built in. */
  created: z.string().nullable(),
  modified: z.string().nullable(),
  valid: z.boolean(),
});

/** Methods about templates. Of a template with the same id the user's is found before the shared one, and that before the built-in one. */
export const templates = rows({
  'template.list': {
    scope: 'read',
    summary: 'The templates there are, broken ones with their fault, page by page; with `metadata`, what each says of itself.',
    input: z.strictObject({
      category: category.optional(),
      topic: z.string().min(1).max(40).optional(),
      metadata: z.boolean().default(false),
      ...paging,
    }),
    output: z.object({
      items: z.array(
        entry.extend({ name: z.string().nullable(), topic: z.string().nullable(), fault: issue.nullable(), metadata: metadata.optional() }),
      ),
      nextCursor: z.string().nullable(),
      /** All that are selected, on whatever page. */
      total: z.int(),
      /** Files beyond those that are looked at. */
      omitted: z.int(),
    }),
  },
  'template.get': {
    scope: 'read',
    summary: 'One template: its text, what it is with all that it inherits, its parameters; or what is wrong with it.',
    input: z.strictObject({ id, category: category.optional() }),
    output: z.object({
      info: entry.extend({ metadata: metadata.nullable(), parameters: z.array(parameter) }),
      /** The file as it is written; null when it can't be read. */
      content: z.string().nullable(),
      /** Null when it is broken. */
      template: z.record(z.string(), z.unknown()).nullable(),
      issues: z.array(issue),
    }),
  },
  'template.create': {
    scope: 'write',
    summary: 'Keeps a template, if it is right. Sent twice it has no second effect.',
    input: z.strictObject({ id, content, category: own.default('user'), overwrite: z.boolean().default(false) }),
    output: reference.extend({ bytes: z.int(), written: z.boolean(), metadata, parameters: z.array(parameter) }),
  },
  'template.validate': {
    scope: 'read',
    summary: 'Says what is wrong with the text of a template, and what it would be, without keeping it.',
    input: z.strictObject({ content }),
    output: z.object({
      valid: z.boolean(),
      issues: z.array(issue),
      metadata: metadata.nullable(),
      parameters: z.array(parameter),
      /** The keys of all tasks and milestones. */
      tasks: z.array(z.string()),
    }),
  },
  'template.validateAll': {
    scope: 'read',
    summary: 'Looks at every template that is kept.',
    input: z.strictObject({ category: category.optional() }),
    output: z.object({
      valid: z.array(reference),
      broken: z.array(reference.extend({ issues: z.array(issue) })),
      omitted: z.int(),
    }),
  },
  'template.instantiate': {
    scope: 'write',
    summary: 'What a template becomes with these parameters; with `createTasks`, makes all of its tasks in one unit.',
    input: z.strictObject({
      ...mutation,
      id,
      category: category.optional(),
      parameters: v.jsonObject(65_536).default({}),
      createTasks: z.boolean().default(false),
      parentId: v.taskId.optional(),
      project: v.project.optional(),
    }),
    output: z.object({
      template: reference.extend({ version: z.string() }),
      parameters: z.record(z.string(), z.unknown()),
      /** The input of task.plan; null when the command was sent before. */
      plan: z.record(z.string(), z.unknown()).nullable(),
      /** Keys in levels of execution: everything in one level can run at the same time. */
      order: z.array(z.array(z.string())),
      /** Tasks made, the top one included; 0 for a preview. */
      created: z.int(),
      /** The top task; null for a preview. */
      task: task.nullable(),
      /** The id of every task by its key. */
      tasks: z.record(z.string(), v.taskId),
      position,
      repeated: z.boolean().optional(),
    }),
  },
  'template.install': {
    scope: 'write',
    summary: 'Copies built-in templates into the project, where they can be edited: a topic, the examples, all, or by id.',
    input: z.strictObject({
      library: z.enum(['all', 'examples', ...topics]).default('all'),
      ids: z.array(id).min(1).max(100).optional(),
      category: own.default('shared'),
      overwrite: z.boolean().default(false),
    }),
    output: z.object({
      category: own,
      total: z.int(),
      installed: z.array(z.string()),
      /** There already, and left as they are. */
      skipped: z.array(z.string()),
      failed: z.array(z.object({ id: z.string(), message: z.string() })),
    }),
  },
  'template.delete': {
    scope: 'write',
    summary: "Deletes a project's own template; built-in ones stay.",
    input: z.strictObject({ id, category: own.optional() }),
    output: reference.extend({ extendedBy: z.array(reference) }),
  },
  'template.status': {
    scope: 'read',
    summary: 'How many templates there are and where, and which of the built-in ones the project has copies of.',
    input: z.strictObject({}),
    output: z.object({
      total: z.int(),
      byCategory: z.object({ builtin: z.int(), user: z.int(), shared: z.int() }),
      broken: z.int(),
      available: z.int(),
      installed: z.array(z.string()),
      /** The share of the built-in templates that are installed, 0 to 1. */
      coverage: z.number(),
      byTopic: z.record(z.string(), z.object({ available: z.int(), installed: z.int() })),
    }),
  },
});
