import * as z from 'zod';
import * as v from '../values.ts';
import { line } from './row.ts';

/** What callers give: dependencies, tasks, plans, edits, filters. */

export const dependencyInput = z.union([
  z.string().min(1).max(128),
  z.strictObject({
    task: z.string().min(1).max(128),
    kind: z.enum(v.dependencyKinds).default('completion'),
    mandatory: z.boolean().default(true),
    artifactType: z.enum(v.artifactTypes).optional(),
  }),
]);
export type DependencyInput = z.output<typeof dependencyInput>;

/** What a task can be given when it is made. */
export const giveable = {
  title: v.title,
  description: v.text(v.limits.descriptionBytes).default(''),
  externalId: v.externalId.optional(),
  type: z.enum(v.taskTypes).default('standard'),
  specialist: v.specialistKey.default('generic'),
  complexity: z.enum(v.complexities).default('moderate'),
  priority: v.priority.default(5),
  tags: z.array(v.tag).max(v.limits.tags).default([]),
  acceptance: z.array(v.text(2_000).min(1)).max(v.limits.acceptance).default([]),
  review: v.specialistKey.optional(),
  rollUp: z.enum(['execute', 'auto']).default('execute'),
  context: v.jsonObject(v.limits.contextBytes).default({}),
  estimatedEffort: line(100).optional(),
  dueAt: v.time.optional(),
  maxAttempts: z.int().min(1).max(100).default(3),
  dependsOn: z.array(dependencyInput).max(v.limits.dependencies).default([]),
};

const plannedFields = z.strictObject({
  ...giveable,
  ref: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits and . _ - only')
    .optional(),
});

/** A task of a breakdown. `ref` is its name inside the plan; children nest in `tasks`. */
export interface PlannedTask extends z.output<typeof plannedFields> {
  tasks?: PlannedTask[] | undefined;
}
export const plannedTask: z.ZodType<PlannedTask, PlannedTaskInput> = plannedFields.extend({
  tasks: z.array(z.lazy(() => plannedTask)).optional(),
});

export interface PlannedTaskInput extends z.input<typeof plannedFields> {
  tasks?: PlannedTaskInput[] | undefined;
}

export const editable = z
  .strictObject({
    title: v.title.optional(),
    description: v.text(v.limits.descriptionBytes).optional(),
    specialist: v.specialistKey.optional(),
    complexity: z.enum(v.complexities).optional(),
    priority: v.priority.optional(),
    tags: z.array(v.tag).max(v.limits.tags).optional(),
    acceptance: z.array(v.text(2_000).min(1)).max(v.limits.acceptance).optional(),
    context: v.jsonObject(v.limits.contextBytes).optional(),
    estimatedEffort: line(100).nullable().optional(),
    dueAt: v.time.nullable().optional(),
    maxAttempts: z.int().min(1).max(100).optional(),
  })
  .refine((set) => Object.keys(set).length > 0, { error: 'nothing to set' });
export type Editable = z.output<typeof editable>;

export const taskFilter = z.strictObject({
  /** Of these only; one that does not exist is left out. */
  ids: z.array(v.taskId).min(1).max(v.limits.filterIds).optional(),
  status: z.array(v.statusInput).min(1).max(16).optional(),
  type: z.array(z.enum(v.taskTypes)).min(1).max(16).optional(),
  specialist: z.array(v.specialistKey).min(1).max(32).optional(),
  complexity: z.array(z.enum(v.complexities)).min(1).max(8).optional(),
  /** Tasks that carry every one of these. */
  tags: z.array(v.tag).min(1).max(v.limits.tags).optional(),
  project: v.project.optional(),
  rootId: v.taskId.optional(),
  parentId: v.taskId.optional(),
  sessionId: v.sessionId.optional(),
  externalId: v.externalId.optional(),
  ready: z.boolean().optional(),
  /** A case-folded substring of title, tags or summary. */
  text: z.string().min(1).max(200).optional(),
  createdAfter: v.time.optional(),
  createdBefore: v.time.optional(),
  updatedAfter: v.time.optional(),
  includeArchived: z.boolean().optional(),
});
export type TaskFilter = z.output<typeof taskFilter>;

/** Of tasks that can be executed now. */
export const readyFilter = taskFilter.omit({ ids: true, ready: true, status: true, includeArchived: true });
