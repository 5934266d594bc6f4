import * as z from 'zod';
import { idPatterns } from '../ids.ts';
import { statuses } from '../protocol/values.ts';

const envelope = (kind: 'task' | 'session', id: RegExp) =>
  z.object({
    format: z.literal(1),
    kind: z.literal(kind),
    id: z.string().regex(id),
    project: z.string(),
    rootId: z.string(),
    rev: z.int().min(1),
    machine: z.object({ id: z.literal(kind), version: z.literal(1) }),
    snapshot: z.object({ value: z.enum(statuses), context: z.object({ spec: z.object({}) }) }),
    dueAt: z.number().nullable(),
    commands: z.array(z.object({ id: z.string(), payloadHash: z.string(), rev: z.int() })),
  });

const envelopes = z.compile(z.discriminatedUnion('kind', [envelope('task', idPatterns.t), envelope('session', idPatterns.s)]));

/**
 * What keeps a stored record from being taken in at a start, in one line; null when nothing does.
 * Only the envelope and the state's name are looked at: the context is the machine's, at activation.
 */
export function envelopeProblem(value: unknown): string | null {
  const checked = envelopes.safeParse(value);
  if (checked.success) return null;
  const [issue] = checked.error.issues;
  return issue === undefined ? 'not a record' : `${issue.path.join('.') || 'record'}: ${issue.message}`;
}
