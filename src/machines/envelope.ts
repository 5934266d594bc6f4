import * as z from 'zod';
import { idPatterns } from '../ids.ts';
import { sessionStatuses, statuses } from '../protocol/values.ts';
import type { TaskContext } from './context.ts';
import { storedSessionContext } from './session-context.ts';
import { contextProblem } from './snapshot.ts';
import { taskMachineVersion } from './task.ts';
import { plainWords } from '../protocol/plain-words.ts';

/** As much of a stored record as is looked into. */
type Stored =
  | { readonly kind: 'task'; readonly machine: { readonly version: number }; readonly snapshot: { readonly context: TaskContext } }
  | { readonly kind: 'session' };

const stored = {
  format: z.literal(1),
  project: z.string(),
  rev: z.int().min(1),
  commands: z.array(z.object({ id: z.string(), payloadHash: z.string(), rev: z.int() })),
};

const envelopes = z.compile(
  z.discriminatedUnion('kind', [
    z.object({
      ...stored,
      kind: z.literal('task'),
      id: z.string().regex(idPatterns.t),
      rootId: z.string(),
      machine: z.object({ id: z.literal('task'), version: z.literal(1) }),
      snapshot: z.object({ value: z.enum(statuses), context: z.object({ spec: z.object({}) }) }),
      dueAt: z.number().nullable(),
    }),
    z.object({
      ...stored,
      kind: z.literal('session'),
      id: z.string().regex(idPatterns.s),
      machine: z.object({ id: z.literal('session'), version: z.literal(1) }),
      snapshot: z.object({ value: z.enum(sessionStatuses), context: storedSessionContext }),
      dueAt: z.null(),
    }),
  ]),
);

/**
 * What keeps a stored record from being one, whatever its machine's version, in one line; null when nothing does.
 * Of a task only the envelope and the state's name are looked at: the context is that of its version.
 */
export function envelopeProblem(value: unknown): string | null {
  const checked = envelopes.safeParse(value);
  if (checked.success) return null;
  const [issue] = checked.error.issues;
  return issue === undefined ? 'not a record' : `${issue.path.join('.') || 'record'}: ${plainWords(issue)}`;
}

/** What keeps a stored record from being taken in and an actor from being made of it, in one line; null when nothing does. */
export function recordProblem(record: Stored): string | null {
  const problem = envelopeProblem(record);
  if (problem !== null || record.kind === 'session') return problem;
  // What an older machine wrote is checked when it was lifted to the newest.
  return record.machine.version === taskMachineVersion ? contextProblem(record.snapshot.context) : null;
}
