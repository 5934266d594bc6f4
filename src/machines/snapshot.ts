import * as z from 'zod';
import { artifactRef, childCounts } from '../protocol/task.ts';
import { artifactTypes, complexities, dependencyKinds, leaseId, sessionId, taskId, taskTypes } from '../protocol/values.ts';
import type { TaskContext } from './context.ts';
import { plainWords } from '../protocol/plain-words.ts';

/** The shape of a stored context, checked before an actor is made of it: a guard must never meet what it does not expect. */

const ms = z.int();
const dependencyEntry = z.object({
  id: taskId,
  kind: z.enum(dependencyKinds),
  mandatory: z.boolean(),
  status: z.enum(['waiting', 'satisfied', 'failed']),
  waived: z.boolean(),
  direct: z.boolean(),
  via: z.array(taskId),
  artifactType: z.enum(artifactTypes).exactOptional(),
  reason: z.string().exactOptional(),
});

const context = z.compile(
  z.object({
    spec: z.object({
      externalId: z.string().nullable(),
      project: z.string(),
      sessionId: sessionId.nullable(),
      rootId: taskId,
      parentId: taskId.nullable(),
      depth: z.int(),
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
      context: z.custom((value) => typeof value === 'object' && value !== null),
      estimatedEffort: z.string().nullable(),
      dueAt: ms.nullable(),
      maxAttempts: z.int(),
      createdAt: ms,
      createdBy: z.string(),
    }),
    attempt: z.int(),
    failures: z.int(),
    revision: z.int(),
    guidance: z.array(
      z.object({
        kind: z.enum(['feedback', 'answer', 'reason']),
        question: z.string().exactOptional(),
        text: z.string(),
        by: z.string(),
        at: ms,
      }),
    ),
    progress: z.object({ value: z.number(), total: z.number().nullable(), message: z.string().nullable() }).nullable(),
    blocked: z.object({ reason: z.string().nullable(), question: z.string().nullable(), answer: z.string().nullable() }).nullable(),
    lease: z.object({ id: leaseId, holder: z.string(), expiresAt: ms, lengthMs: ms, expired: z.boolean() }).nullable(),
    notBefore: ms.nullable(),
    dependsOn: z.array(dependencyEntry),
    dependents: z.object({ direct: z.array(taskId), inherited: z.array(taskId) }),
    children: childCounts,
    result: z.object({ summary: z.string(), filePaths: z.array(z.string()) }).nullable(),
    artifacts: z.array(artifactRef),
    notes: z.array(z.object({ text: z.string(), by: z.string(), at: ms })),
    attempts: z.array(
      z.object({
        number: z.int(),
        holder: z.string(),
        startedAt: ms,
        endedAt: ms.nullable(),
        outcome: z.enum(['running', 'completed', 'revision', 'failed', 'expired', 'blocked', 'cancelled']),
        report: z.string().nullable(),
        roleHash: z.string(),
      }),
    ),
    marks: z.object({
      updatedAt: ms,
      startedAt: ms.nullable(),
      completedAt: ms.nullable(),
      dueAnnounced: ms.nullable(),
      inputsChanged: z.boolean(),
      deletedBy: z.string().nullable(),
    }),
  }),
);

/** What is wrong with a stored context, in one line; null when an actor can be made of it. */
export function contextProblem(value: TaskContext): string | null {
  const [issue] = context.safeParse(value).error?.issues ?? [];
  return issue === undefined ? null : `snapshot.context.${issue.path.join('.')}: ${plainWords(issue)}`;
}
