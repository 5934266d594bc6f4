import * as z from 'zod';
import { parseTime } from '../clock.ts';
import { idPatterns } from '../ids.ts';
import type { ArtifactId, LeaseId, SessionId, TaskId } from '../ids.ts';

/** The words and bounds that every message is made of. */

export const statuses = ['pending', 'in_progress', 'blocked', 'completed', 'failed', 'cancelled', 'archived'] as const;
export const taskTypes = [
  'standard',
  'breakdown',
  'milestone',
  'review',
  'approval',
  'research',
  'implementation',
  'testing',
  'documentation',
  'deployment',
  'custom',
] as const;
export const complexities = ['trivial', 'simple', 'moderate', 'complex', 'very_complex'] as const;
export const dependencyKinds = ['completion', 'data', 'approval', 'prerequisite', 'blocks', 'related'] as const;
export const artifactTypes = ['code', 'documentation', 'analysis', 'design', 'test', 'config', 'general'] as const;
export const sessionStatuses = ['active', 'paused', 'completed', 'archived'] as const;
/** Where a task stands in its life, derived from its state, its children and what it waits for. */
export const stages = ['waiting', 'ready', 'underway', 'synthesis', 'blocked', 'done', 'closed'] as const;

export type Status = (typeof statuses)[number];
export type SessionStatus = (typeof sessionStatuses)[number];
export type TaskType = (typeof taskTypes)[number];
export type Complexity = (typeof complexities)[number];
export type DependencyKind = (typeof dependencyKinds)[number];
export type ArtifactType = (typeof artifactTypes)[number];
export type Stage = (typeof stages)[number];

export const limits = {
  titleLength: 255,
  descriptionBytes: 16_384,
  contextBytes: 16_384,
  summaryBytes: 8_192,
  textBytes: 16_384,
  tags: 20,
  acceptance: 50,
  notes: 100,
  artifacts: 500,
  filePaths: 200,
  workingDirectoryLength: 300,
  treeTasks: 1_000,
  treeDepth: 16,
  dependencies: 100,
  dependents: 500,
  jsonDepth: 32,
  pageItems: 1_000,
  filterIds: 200,
} as const;

const encoder = new TextEncoder();

/** UTF-8 size; most texts are far below their bound, so they are counted only when they could pass it. */
function fits(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || encoder.encode(text).length <= maxBytes;
}

const tooLong = (maxBytes: number): string => `longer than ${maxBytes} bytes of UTF-8`;

/** Text of at most `maxBytes` in UTF-8. A lone surrogate is refused: it can't be written as UTF-8 and read back. */
export const text = (maxBytes: number) =>
  z
    .string()
    .max(maxBytes, { error: tooLong(maxBytes), abort: true })
    .refine((value) => value.isWellFormed(), { error: 'not well-formed Unicode: a surrogate stands alone' })
    .refine((value) => fits(value, maxBytes), { error: tooLong(maxBytes) });

/** One line that says something: not empty, not only blanks. */
export const title = z
  .string()
  .max(limits.titleLength)
  .refine((value) => value.trim() !== '', { error: 'is empty' })
  .refine((value) => value.isWellFormed(), { error: 'not well-formed Unicode: a surrogate stands alone' });

const word = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/, 'letters, digits and . _ : / @ - only');

export const tag = word;
export const project = word;
/** A role's key: one of the built-in ones, or a name of the project's own. */
export const specialistKey = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z][a-z0-9_-]*$/, 'lower case letters, digits, _ and - only');
export const commandId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21-\x7e]+$/, 'printable ASCII without blanks');
export const externalId = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => value.isWellFormed(), { error: 'not well-formed Unicode' });

export const taskId = z.custom<TaskId>(
  (value) => typeof value === 'string' && idPatterns.t.test(value),
  'a task id is t_ and 26 characters',
);
export const sessionId = z.custom<SessionId>(
  (value) => typeof value === 'string' && idPatterns.s.test(value),
  'a session id is s_ and 26 characters',
);
export const artifactId = z.custom<ArtifactId>(
  (value) => typeof value === 'string' && idPatterns.a.test(value),
  'an artifact id is a_ and 26 characters',
);
export const leaseId = z.custom<LeaseId>(
  (value) => typeof value === 'string' && idPatterns.l.test(value),
  'a lease id is l_ and 26 characters',
);

/** A time on the wire becomes integer milliseconds; a bare date is the end of that day in UTC. */
export const time = z
  .string()
  .max(40)
  .transform((value, context) => {
    const ms = parseTime(value);
    if (ms === null) {
      context.issues.push({
        code: 'custom',
        message: 'no date: use RFC 3339, for example 2026-01-31T12:00:00Z, or a bare date',
        input: value,
      });
      return z.NEVER;
    }
    return ms;
  });

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A free JSON object of at most `maxBytes`; depth and hostile keys are checked for every message before its schema is. */
export const jsonObject = (maxBytes: number) =>
  z
    .custom<JsonObject>(isObject, 'expected an object')
    .refine((value) => fits(JSON.stringify(value), maxBytes), { error: `longer than ${maxBytes} bytes of JSON` });

export const priority = z.int().min(1).max(10);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal');
export const position = z.string().min(1).max(200);
/** On input `active` means `in_progress`. */
export const statusInput = z.enum([...statuses, 'active']).transform((value): Status => (value === 'active' ? 'in_progress' : value));
