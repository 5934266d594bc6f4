import * as z from 'zod';
import * as v from './values.ts';
import { artifactRef, childCounts, lease, sorts, task, taskSummary } from './task.ts';

/**
 * The methods of `troupe.v1`: one row each with input, output and scope.
 * WebSocket methods, use cases, and every other face of the service derive from these rows.
 */

export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Every mutation may carry the id that makes sending it twice safe. Without one, a resend is a new command. */
const mutation = { commandId: v.commandId.optional() };
const ifRev = { ifRev: z.int().min(1).optional() };
const read = { minPosition: v.position.optional() };
const target = { taskId: v.taskId };
const position = v.position;

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

/** A line as it is written, which can be stored and read back. */
const line = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((value) => value.isWellFormed(), { error: 'not well-formed Unicode: a surrogate stands alone' });

/** What a task can be given when it is made. */
const giveable = {
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

const editable = z
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

const paging = {
  limit: z.int().min(1).max(v.limits.pageItems).default(100),
  cursor: z.string().min(1).max(500).optional(),
};

const eventFilter = z.strictObject({
  project: v.project.optional(),
  rootId: v.taskId.optional(),
  taskId: v.taskId.optional(),
  sessionId: v.sessionId.optional(),
});

const leaseProof = { lease: v.leaseId.optional() };
const leaseMs = z
  .int()
  .min(1_000)
  .max(365 * 86_400_000)
  .optional();
const mutated = z.object({ task, position, repeated: z.boolean().optional() });
const event = z.record(z.string(), z.unknown());

const execution = z.object({
  task,
  lease,
  specialist: z.object({ type: z.string(), name: z.string(), hash: z.string(), context: z.string(), prompts: z.array(z.string()) }),
  instructions: z.array(z.string()),
  dependencies: z.array(
    z.object({
      taskId: v.taskId,
      title: z.string(),
      status: z.string(),
      summary: z.string().nullable(),
      artifacts: z.array(z.object({ id: v.artifactId, type: z.enum(v.artifactTypes), name: z.string(), bytes: z.int() })),
    }),
  ),
  nextSteps: z.array(z.string()),
  position,
  repeated: z.boolean().optional(),
});

const role = z.object({
  key: z.string(),
  name: z.string(),
  source: z.enum(['builtin', 'project']),
  hash: z.string(),
  definition: z.string(),
  capabilities: z.array(z.string()),
  staleHours: z.number(),
});

const diagram = z.object({
  id: z.string(),
  version: z.int(),
  initial: z.string(),
  states: z.array(z.string()),
  events: z.array(z.string()),
});

/** Types an object as a table of rows without losing what each row says. */
const rows = <const T extends Record<string, { input: z.ZodType; output: z.ZodType; scope: Scope; summary: string }>>(table: T): T => table;

export const methods = rows({
  'task.plan': {
    scope: 'write',
    summary: 'Makes a task and, with `tasks`, a whole breakdown with dependencies: all of it or nothing.',
    input: z.strictObject({
      ...mutation,
      ...giveable,
      parentId: v.taskId.optional(),
      project: v.project.optional(),
      tasks: z.array(plannedTask).default([]),
    }),
    output: z.object({
      task,
      /** The id of every task of the breakdown by its `ref`, or by its place ("0", "0.2") without one. */
      tasks: z.record(z.string(), v.taskId),
      /** Levels of execution: everything in one level can run at the same time. */
      order: z.array(z.array(v.taskId)),
      position,
      repeated: z.boolean().optional(),
    }),
  },
  'task.create': {
    scope: 'write',
    summary: 'Makes one task, at the root or below a parent.',
    input: z.strictObject({
      ...mutation,
      ...giveable,
      parentId: v.taskId.optional(),
      project: v.project.optional(),
    }),
    output: mutated,
  },
  'task.claim': {
    scope: 'write',
    summary: 'Finds the next ready task and executes it in one step; waits up to `waitMs` for one.',
    input: z.strictObject({
      ...mutation,
      filter: taskFilter.omit({ ready: true, status: true, includeArchived: true }).default({}),
      leaseMs,
      waitMs: z.int().min(0).max(30_000).default(0),
    }),
    output: execution,
  },
  'task.execute': {
    scope: 'write',
    summary: "Claims a task: a new lease, the specialist's context and instructions.",
    input: z.strictObject({ ...mutation, ...target, leaseMs }),
    output: execution,
  },
  'task.context': {
    scope: 'read',
    summary: 'Reads the context of a task again, without claiming it.',
    input: z.strictObject({ ...read, ...target }),
    output: execution.omit({ lease: true, repeated: true }).extend({ lease: lease.nullable() }),
  },
  'task.progress': {
    scope: 'write',
    summary: 'Reports progress and renews the lease. The value never decreases.',
    input: z.strictObject({
      ...mutation,
      ...target,
      ...leaseProof,
      value: z.number().min(0).max(1e15).optional(),
      total: z.number().min(0).max(1e15).optional(),
      message: v.text(2_000).optional(),
    }),
    output: mutated.extend({ lease }),
  },
  'task.complete': {
    scope: 'write',
    summary: 'Stores the work as artifacts and moves the task, its parent and its dependents, in one unit.',
    input: z.strictObject({
      ...mutation,
      ...target,
      ...leaseProof,
      summary: v.text(v.limits.summaryBytes),
      detailedWork: v.text(8 * 1024 * 1024).optional(),
      artifactType: z.enum(v.artifactTypes).default('general'),
      artifactName: line(255).min(1).optional(),
      artifacts: z
        .array(z.strictObject({ artifactId: v.artifactId }))
        .max(100)
        .default([]),
      filePaths: z.array(line(1_024).min(1)).max(v.limits.filePaths).default([]),
      acceptance: z
        .array(z.strictObject({ met: z.boolean(), note: v.text(2_000).optional() }))
        .max(v.limits.acceptance)
        .default([]),
      nextAction: z.enum(['complete', 'continue', 'needs_revision', 'blocked']).default('complete'),
      /** What the next worker must know (needs_revision), or why it is blocked. */
      feedback: v.text(v.limits.textBytes).optional(),
    }),
    output: mutated.extend({
      artifacts: z.array(artifactRef),
      ready: z.array(v.taskId),
      parent: z.object({ taskId: v.taskId, open: z.int(), total: z.int() }).nullable(),
    }),
  },
  'task.fail': {
    scope: 'write',
    summary: 'Ends the attempt: back to pending after a pause, or failed when no attempt is left or the error is not retryable.',
    input: z.strictObject({
      ...mutation,
      ...target,
      ...leaseProof,
      error: z.strictObject({ message: v.text(v.limits.textBytes).min(1), retryable: z.boolean().default(true) }),
    }),
    output: mutated,
  },
  'task.block': {
    scope: 'write',
    summary: 'Stops a task with a reason, or with a question for a person.',
    input: z
      .strictObject({
        ...mutation,
        ...target,
        reason: v.text(v.limits.textBytes).min(1).optional(),
        question: v.text(v.limits.textBytes).min(1).optional(),
      })
      .refine((input) => input.reason !== undefined || input.question !== undefined, { error: 'give a reason or a question' }),
    output: mutated,
  },
  'task.answer': {
    scope: 'write',
    summary: 'Answers the question of a blocked task; the answer is in the next context.',
    input: z.strictObject({ ...mutation, ...target, answer: v.text(v.limits.textBytes).min(1) }),
    output: mutated,
  },
  'task.unblock': {
    scope: 'write',
    summary: 'Lets a blocked task go on.',
    input: z.strictObject({ ...mutation, ...target, note: v.text(v.limits.textBytes).optional() }),
    output: mutated,
  },
  'task.cancel': {
    scope: 'write',
    summary: 'Cancels a task, with `subtree` everything open below it too. Its work is kept.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, reason: v.text(2_000).optional(), subtree: z.boolean().default(false) }),
    output: mutated.extend({ cancelled: z.array(v.taskId) }),
  },
  'task.retry': {
    scope: 'write',
    summary: 'Gives a failed task its attempts back.',
    input: z.strictObject({ ...mutation, ...target }),
    output: mutated,
  },
  'task.reopen': {
    scope: 'write',
    summary: 'Opens a completed or cancelled task again.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, reason: v.text(v.limits.textBytes).min(1) }),
    output: mutated,
  },
  'task.edit': {
    scope: 'write',
    summary: 'Changes what an open task was given.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, set: editable }),
    output: mutated,
  },
  'task.note': {
    scope: 'write',
    summary: 'Leaves a note for the next worker.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, text: v.text(v.limits.textBytes).min(1) }),
    output: mutated,
  },
  'task.archive': {
    scope: 'write',
    summary: 'Archives a finished task with its whole subtree.',
    input: z.strictObject({ ...mutation, ...target }),
    output: mutated.extend({ archived: z.array(v.taskId) }),
  },
  'task.delete': {
    scope: 'admin',
    summary: 'Archives a subtree and erases its content; `force` cancels what is open first.',
    input: z.strictObject({ ...mutation, ...target, force: z.boolean().default(false) }),
    output: mutated.extend({ deleted: z.array(v.taskId) }),
  },
  'task.get': {
    scope: 'read',
    summary: 'One task, whole.',
    input: z.strictObject({ ...read, ...target }),
    output: z.object({ task }),
  },
  'task.list': {
    scope: 'read',
    summary: 'Tasks by filter, in a stated order, page by page. With `fields`, members of the whole task instead of the summary.',
    input: z.strictObject({
      ...read,
      filter: taskFilter.default({}),
      sort: z.enum(sorts).default('created'),
      ...paging,
      fields: z
        .array(z.enum(Object.keys(task.shape) as [keyof typeof task.shape, ...(keyof typeof task.shape)[]]))
        .min(1)
        .max(50)
        .optional(),
    }),
    /** Without `fields`, the members of a summary. */
    output: z.object({ items: z.array(task.partial().extend({ id: v.taskId })), nextCursor: z.string().nullable() }),
  },
  'task.ready': {
    scope: 'read',
    summary: 'The tasks that can be executed now, best first.',
    input: z.strictObject({
      ...read,
      filter: taskFilter.omit({ ready: true, status: true, includeArchived: true }).default({}),
      ...paging,
    }),
    output: z.object({ items: z.array(taskSummary), nextCursor: z.string().nullable() }),
  },
  'task.next': {
    scope: 'read',
    summary: 'The one task that should be executed next, or null.',
    input: z.strictObject({ ...read, filter: taskFilter.omit({ ready: true, status: true, includeArchived: true }).default({}) }),
    output: z.object({ task: taskSummary.nullable(), reason: z.string() }),
  },
  'task.history': {
    scope: 'read',
    summary: 'The events of one task, oldest first.',
    input: z.strictObject({ ...read, ...target, ...paging }),
    output: z.object({ items: z.array(event), nextCursor: z.string().nullable() }),
  },
  'task.synthesize': {
    scope: 'read',
    summary: "The digest of a parent's children: outcomes, artifacts, figures, what failed.",
    input: z.strictObject({ ...read, ...target }),
    output: z.object({
      task: taskSummary,
      finished: z.boolean(),
      outcomes: z.array(z.object({ taskId: v.taskId, title: z.string(), status: z.string(), summary: z.string().nullable() })),
      artifacts: z.array(artifactRef),
      failed: z.array(z.object({ taskId: v.taskId, title: z.string(), status: z.string(), error: z.string().nullable() })),
      metrics: z.object({
        total: z.int(),
        completed: z.int(),
        failed: z.int(),
        cancelled: z.int(),
        open: z.int(),
        successRate: z.number().nullable(),
      }),
      timeline: z.object({ startedAt: z.string().nullable(), completedAt: z.string().nullable(), durationMs: z.int().nullable() }),
      children: childCounts,
    }),
  },
  'dependency.add': {
    scope: 'write',
    summary: 'Makes a task wait for another.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, dependsOn: dependencyInput }),
    output: mutated,
  },
  'dependency.remove': {
    scope: 'write',
    summary: 'Takes an edge away.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, dependsOn: v.taskId, reason: v.text(2_000).optional() }),
    output: mutated,
  },
  'dependency.waive': {
    scope: 'write',
    summary: 'Keeps an edge but lets the task go on without it.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, dependsOn: v.taskId, reason: v.text(2_000).optional() }),
    output: mutated,
  },
  'artifact.get': {
    scope: 'read',
    summary: 'A page of an artifact. Offsets are bytes; a page never cuts a character.',
    input: z.strictObject({
      artifactId: v.artifactId,
      offset: z.int().min(0).default(0),
      limit: z.int().min(4).max(131_072).default(131_072),
    }),
    output: z.object({ artifact: artifactRef, content: z.string(), offset: z.int(), nextOffset: z.int().nullable() }),
  },
  'artifact.list': {
    scope: 'read',
    summary: 'The artifacts of a task, newest version last.',
    input: z.strictObject({ ...read, ...target }),
    output: z.object({ items: z.array(artifactRef) }),
  },
  'artifact.begin': {
    scope: 'write',
    summary: 'Begins the upload of work that is larger than a message.',
    input: z.strictObject({
      type: z.enum(v.artifactTypes).default('general'),
      name: line(255).min(1),
      mediaType: z
        .string()
        .min(1)
        .max(100)
        .regex(/^[\w.+-]+\/[\w.+-]+(?:; ?[\w.-]+=[\w.-]+)*$/, 'a media type such as text/markdown')
        .default('text/markdown'),
    }),
    output: z.object({ uploadId: z.string(), maxBytes: z.int() }),
  },
  'artifact.append': {
    scope: 'write',
    summary: 'Adds text to an upload at the byte offset where it ends.',
    input: z.strictObject({ uploadId: z.string().min(1).max(64), offset: z.int().min(0), content: v.text(8 * 1024 * 1024) }),
    output: z.object({ uploadId: z.string(), offset: z.int() }),
  },
  'artifact.finish': {
    scope: 'write',
    summary: 'Ends an upload: durable when it answers, dropped after an hour unless a task claims it.',
    input: z.strictObject({ uploadId: z.string().min(1).max(64), sha256: v.sha256 }),
    output: z.object({ artifactId: v.artifactId, artifact: artifactRef }),
  },
  'specialist.list': {
    scope: 'read',
    summary: 'The roles that tasks can be given to.',
    input: z.strictObject({}),
    output: z.object({ items: z.array(role) }),
  },
  'specialist.get': {
    scope: 'read',
    summary: 'One role, whole.',
    input: z.strictObject({ key: v.specialistKey }),
    output: z.object({ role: role.extend({ expertise: z.array(z.string()), approach: z.array(z.string()), outputFormat: z.string() }) }),
  },
  'events.subscribe': {
    scope: 'read',
    summary: 'Events from a position on, or from now. Answers whether every missed one follows (`resumed`) or the client must list first.',
    input: z.strictObject({ since: position.optional(), filter: eventFilter.default({}), batchMs: z.int().min(0).max(50).default(0) }),
    output: z.object({ view: z.string(), mode: z.enum(['resumed', 'list', 'live']), position, reason: z.string().optional() }),
  },
  'events.unsubscribe': {
    scope: 'read',
    summary: 'Ends a subscription.',
    input: z.strictObject({ view: z.string().min(1).max(64) }),
    output: z.object({ view: z.string() }),
  },
  'machine.list': {
    scope: 'read',
    summary: 'The state machines of the service.',
    input: z.strictObject({}),
    output: z.object({ items: z.array(diagram) }),
  },
  'machine.get': {
    scope: 'read',
    summary: 'One machine as transitions and as a Mermaid state diagram.',
    input: z.strictObject({ id: z.string().min(1).max(64) }),
    output: z.object({
      machine: diagram.extend({
        transitions: z.array(z.object({ from: z.string(), event: z.string(), to: z.string(), guards: z.array(z.string()) })),
        mermaid: z.string(),
      }),
    }),
  },
  'system.status': {
    scope: 'read',
    summary: 'Measured figures of the service: tasks by status, connections, commands, store.',
    input: z.strictObject({}),
    output: z.object({
      version: z.string(),
      startedAt: z.string(),
      uptimeMs: z.int(),
      healthy: z.boolean(),
      store: z.object({ kind: z.string(), writable: z.boolean(), problems: z.array(z.string()), quarantined: z.int() }),
      tasks: z.record(z.string(), z.int()),
      ready: z.int(),
      methods: z.record(
        z.string(),
        z.object({ count: z.int(), refused: z.int(), p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() }),
      ),
      actors: z.object({ hot: z.int(), limit: z.int() }),
      events: z.object({ windowEvents: z.int(), position }),
      eventLoop: z.object({ p50Ms: z.number(), p99Ms: z.number() }),
      memory: z.object({ rssBytes: z.int(), heapUsedBytes: z.int() }),
    }),
  },
});

export type MethodName = keyof typeof methods;
export type Input<M extends MethodName> = z.output<(typeof methods)[M]['input']>;
export type Output<M extends MethodName> = z.input<(typeof methods)[M]['output']>;

/** The mission's short forms. */
export const aliases: Readonly<Record<string, MethodName>> = { plan: 'task.plan', execute: 'task.execute', complete: 'task.complete' };
