import * as z from 'zod';
import { issue } from './methods/templates.ts';
import { reasons } from './reasons.ts';
import { sessionId, taskId } from './values.ts';
import type { ErrorDetails } from '../errors.ts';

/** The `error` member of an answer as a schema. */

/** What an error tells beside its reason; only what applies is there. The compiler holds it to name every member. */
const details = {
  taskId: taskId.optional(),
  sessionId: sessionId.optional(),
  open: z.int().optional(),
  from: z.string().optional(),
  event: z.string().optional(),
  guard: z.string().optional(),
  allowed: z.array(z.string()).optional(),
  blockedBy: z.array(z.object({ taskId: z.string(), status: z.string(), kind: z.string(), reason: z.string().optional() })).optional(),
  missing: z.array(z.int()).optional(),
  path: z.array(z.object({ taskId: z.string(), waitsAs: z.enum(['dependency', 'parent']) })).optional(),
  issues: z.array(issue).optional(),
  limit: z.object({ name: z.string(), max: z.number(), actual: z.number().optional() }).optional(),
  retryAfterMs: z.number().optional(),
  position: z.string().optional(),
  correlationId: z.string().optional(),
  commandId: z.string().optional(),
  rev: z.int().optional(),
  nearby: z.array(z.string()).optional(),
} satisfies Record<keyof ErrorDetails, z.ZodType>;

export const wireError = z.object({
  code: z.int(),
  message: z.string(),
  data: z.object({ reason: z.enum(reasons), fix: z.string(), retryable: z.boolean(), ...details }),
});
