import * as z from 'zod';
import { specialistKey, tag, complexities, taskTypes, artifactTypes, priority, title } from '../protocol/values.ts';
import type { Json } from '../protocol/values.ts';
import { isTemplateId, templateIdRule } from './limits.ts';
import { plainWords } from '../protocol/plain-words.ts';

/** A template as it is written: what is left out comes from the template that it extends, or from a default. */

const text = (maxLength: number) => z.string().max(maxLength);
const key = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'a key is a letter, then letters, digits, _ and -, at most 64 in all');
const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'a name is a letter or _, then letters, digits and _, at most 64 in all');

/** Held against the schema now, or, when a placeholder is in it, once it is put in. */
const filled = (schema: z.ZodType) =>
  text(1_000).superRefine((value, context) => {
    if (value.includes('{{')) return;
    const { error } = schema.safeParse(value);
    for (const issue of error?.issues ?? []) context.addIssue({ code: 'custom', message: plainWords(issue) });
  });

const templateId = z.string().refine(isTemplateId, { error: templateIdRule });

/** Another template by its id, or by the place that it is kept in and its id. */
const reference = z.string().refine((value) => isTemplateId(value.replace(/^(?:builtin|user|shared)\//, '')), {
  error: 'an id, or user/, shared/ or builtin/ and an id',
});

const metadata = z.strictObject({
  name: text(500).min(1),
  version: z.string().regex(/^\d{1,6}(?:\.\d{1,6}){0,2}(?:[-+][A-Za-z0-9.-]{1,40})?$/, 'a version is written 1.0.0'),
  description: text(4_000).min(1),
  category: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'lower case letters, digits, _ and -')
    .optional(),
  tags: z.array(tag).max(20).optional(),
  author: text(200).optional(),
  extends: reference.optional(),
  requires: z.array(templateId).max(20).optional(),
  complexity: z.enum(complexities).optional(),
  estimated_duration: text(100).optional(),
  created: text(40).optional(),
  modified: text(40).optional(),
});

const json = z.custom<Json>((value) => value !== undefined);

const parameterTypes = ['string', 'number', 'boolean', 'array', 'object'] as const;

const length = z.int().min(0).max(1_000_000);
const parameter = z
  .strictObject({
    type: z.enum(parameterTypes),
    description: text(1_000),
    required: z.boolean(),
    default: json,
    pattern: z.string(),
    enum: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .max(200),
    /** Another word for `enum`. */
    allowed_values: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .max(200),
    min_length: length,
    max_length: length,
    min_value: z.number(),
    max_value: z.number(),
  })
  .partial();

/** Each entry a line of text, or one placeholder for a list. */
const lines = z.union([
  z.array(text(2_000).min(1)).max(200),
  z.string().regex(/^\{\{[^{}]*\}\}$/, 'a list, or one placeholder for a list'),
]);

const plain = {
  title: filled(title),
  description: text(16_384),
  specialist_type: filled(specialistKey),
  dependencies: z.array(key).max(100),
  checklist: lines,
};

const task: z.ZodType<WrittenTask> = z.lazy(() => taskMembers.partial());
const taskMembers = z.strictObject({
  ...plain,
  type: filled(z.enum(taskTypes)),
  complexity: filled(z.enum(complexities)),
  estimated_effort: text(100),
  priority,
  tags: z.array(filled(tag)).max(20),
  review: filled(specialistKey),
  children: z.record(key, task.nullable()),
});

const milestone = z.strictObject(plain).partial();

const deliverable = z.union([
  text(255).min(1),
  z.strictObject({ title: filled(title), description: text(1_500), type: filled(z.enum(artifactTypes)), task: key }).partial(),
]);

export const writtenTemplate = z.strictObject({
  metadata,
  parameters: z.record(name, parameter.nullable()).optional(),
  variables: z.record(name, json).optional(),
  tasks: z.record(key, task.nullable()).optional(),
  milestones: z.record(key, milestone.nullable()).optional(),
  deliverables: z.record(key, deliverable.nullable()).optional(),
});

export type Metadata = z.output<typeof metadata>;
export type WrittenParameter = z.output<typeof parameter>;
export type WrittenMilestone = z.output<typeof milestone>;
export type WrittenDeliverable = z.output<typeof deliverable>;
export type WrittenTemplate = z.output<typeof writtenTemplate>;

export interface WrittenTask extends WrittenMilestone {
  type?: string | undefined;
  complexity?: string | undefined;
  estimated_effort?: string | undefined;
  priority?: number | undefined;
  tags?: string[] | undefined;
  review?: string | undefined;
  children?: Record<string, WrittenTask | null> | undefined;
}
