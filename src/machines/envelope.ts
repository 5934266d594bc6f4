import * as z from 'zod';
import { idPatterns } from '../ids.ts';
import { sessionStatuses, statuses } from '../protocol/values.ts';
import { storedSessionContext } from './session-context.ts';

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
 * What keeps a stored record from being taken in at a start, in one line; null when nothing does.
 * Of a task only the envelope and the state's name are looked at: the context is the machine's, at activation.
 */
export function envelopeProblem(value: unknown): string | null {
  const checked = envelopes.safeParse(value);
  if (checked.success) return null;
  const [issue] = checked.error.issues;
  return issue === undefined ? 'not a record' : `${issue.path.join('.') || 'record'}: ${issue.message}`;
}
