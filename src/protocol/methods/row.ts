import * as z from 'zod';
import * as v from '../values.ts';
import { eventTypes } from '../event.ts';
import { lease, task } from '../task.ts';

/** What a row of the table of methods is made of. */

export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Every mutation may carry the id that makes sending it twice safe. Without one, a resend is a new command. */
export const mutation = { commandId: v.commandId.optional() };
export const ifRev = { ifRev: z.int().min(1).optional() };
export const read = { minPosition: v.position.optional() };
export const target = { taskId: v.taskId };
export const position = v.position;

/** A line as it is written, which can be stored and read back. */
export const line = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((value) => value.isWellFormed(), { error: 'not well-formed Unicode: a surrogate stands alone' });

export const paging = {
  limit: z.int().min(1).max(v.limits.pageItems).default(100),
  cursor: z.string().min(1).max(500).optional(),
};

export const leaseProof = { lease: v.leaseId.optional() };
export const leaseMs = z
  .int()
  .min(1_000)
  .max(365 * 86_400_000)
  .optional();
/** For readers who pay for what they read: the context keeps to so many bytes, as far as what comes whole allows. */
export const contextBytes = z.int().min(2_048).max(131_072).optional();
export const mutated = z.object({ task, position, repeated: z.boolean().optional() });

/** A client ignores types that it does not know. */
export const eventType = z.union([z.enum(eventTypes), z.string()]);

/** An event as the log keeps it. Open: new members and types may come. */
export const event = z.looseObject({
  v: z.literal(1),
  type: eventType,
  time: z.string(),
  /** Null, as `rootId` is, for an event of a session. */
  taskId: v.taskId.nullable(),
  rootId: v.taskId.nullable(),
  project: z.string(),
  sessionId: v.sessionId.nullable(),
  rev: z.int(),
  by: z.string(),
  cause: z.object({ commandId: z.string(), taskId: v.taskId.optional() }),
  /** What PROTOCOL.md, section 4, says of the type. */
  data: z.record(z.string(), z.unknown()),
});

export const execution = z.object({
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

/** Types an object as a table of rows without losing what each row says. */
export const rows = <const T extends Record<string, { input: z.ZodType; output: z.ZodType; scope: Scope; summary: string }>>(table: T): T =>
  table;
