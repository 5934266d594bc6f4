import * as z from 'zod';
import {
  artifactId,
  artifactTypes,
  complexities,
  dependencyKinds,
  jsonObject,
  leaseId,
  sessionId,
  sha256,
  stages,
  statuses,
  taskId,
  taskTypes,
} from './values.ts';

/** The task as every client sees it. Frozen: members are added, never changed or removed. Times are RFC 3339 in UTC. */

const when = z.string();

export const artifactRef = z.object({
  id: artifactId,
  taskId: taskId.nullable(),
  type: z.enum(artifactTypes),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int(),
  sha256,
  createdAt: when,
  createdBy: z.string(),
});

export const dependency = z.object({
  taskId,
  kind: z.enum(dependencyKinds),
  mandatory: z.boolean(),
  status: z.enum(['waiting', 'satisfied', 'failed']),
  waived: z.boolean(),
  /** Whether the edge was given to this task itself. */
  direct: z.boolean(),
  /** The ancestors whose edge this task inherits. */
  via: z.array(taskId),
  artifactType: z.enum(artifactTypes).optional(),
  reason: z.string().optional(),
});

export const lease = z.object({ id: leaseId, holder: z.string(), expiresAt: when });

export const childCounts = z.object({ open: z.int(), completed: z.int(), failed: z.int(), cancelled: z.int() });

export const task = z.object({
  id: taskId,
  externalId: z.string().nullable(),
  project: z.string(),
  sessionId: sessionId.nullable(),
  rootId: taskId,
  parentId: taskId.nullable(),
  position: z.int(),
  title: z.string(),
  description: z.string(),
  type: z.enum(taskTypes),
  specialist: z.string(),
  complexity: z.enum(complexities),
  priority: z.int(),
  tags: z.array(z.string()),
  acceptance: z.array(z.string()),
  review: z.string().nullable(),
  reviewId: taskId.nullable(),
  reviewOf: taskId.nullable(),
  rollUp: z.enum(['execute', 'auto']),
  context: jsonObject(Number.MAX_SAFE_INTEGER),
  estimatedEffort: z.string().nullable(),
  dueAt: when.nullable(),
  status: z.enum(statuses),
  stage: z.enum(stages),
  ready: z.boolean(),
  attempt: z.int(),
  failures: z.int(),
  maxAttempts: z.int(),
  revision: z.int(),
  feedback: z.string().nullable(),
  progress: z.object({ value: z.number(), total: z.number().nullable(), message: z.string().nullable() }).nullable(),
  blocked: z.object({ reason: z.string().nullable(), question: z.string().nullable(), answer: z.string().nullable() }).nullable(),
  lease: lease.nullable(),
  notBefore: when.nullable(),
  dependsOn: z.array(dependency),
  dependents: z.int(),
  children: childCounts,
  result: z.object({ summary: z.string(), filePaths: z.array(z.string()) }).nullable(),
  artifacts: z.array(artifactRef),
  notes: z.int(),
  inputsChanged: z.boolean(),
  /** The events that the task accepts now, as far as the task itself decides. */
  allowed: z.array(z.string()),
  rev: z.int(),
  createdAt: when,
  createdBy: z.string(),
  updatedAt: when,
  startedAt: when.nullable(),
  completedAt: when.nullable(),
});

/** A row of a list: at most 400 bytes of JSON, so a long title ends in "…". */
export const taskSummary = z.object({
  id: taskId,
  rootId: taskId,
  parentId: taskId.nullable(),
  title: z.string(),
  status: z.enum(statuses),
  ready: z.boolean(),
  type: z.enum(taskTypes),
  specialist: z.string(),
  priority: z.int(),
  attempt: z.int(),
  rev: z.int(),
  updatedAt: when,
});

export type Task = z.infer<typeof task>;
export type TaskSummary = z.infer<typeof taskSummary>;
export type ArtifactRef = z.infer<typeof artifactRef>;
export type ChildCounts = z.infer<typeof childCounts>;

export const sorts = ['created', '-created', 'updated', '-updated', 'next'] as const;
export type Sort = (typeof sorts)[number];
