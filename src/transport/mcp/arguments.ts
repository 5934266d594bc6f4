import * as z from 'zod';
import { editable } from '../../protocol/methods/given.ts';
import { connectionMethods } from '../../protocol/messages.ts';
import * as v from '../../protocol/values.ts';

/** Arguments that several tools share. Bounds and words are those of the protocol. */

/** The wire's name of a member: `taskId` becomes `task_id`. */
export const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A value of the protocol with all of its members in the spelling of the tools. */
export function inSnake(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inSnake);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [snake(key), inSnake(item)]));
}

/** An id as the protocol knows it, which a JSON Schema can only call a string. */
const id = <T extends z.ZodType>(schema: T) =>
  z.string().transform((value, context): z.output<T> => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    context.issues.push({ code: 'custom', message: parsed.error.issues[0]?.message ?? 'no id', input: value });
    return z.NEVER;
  });

export const taskId = id(v.taskId);
export const artifactId = id(v.artifactId);
const leaseId = id(v.leaseId);
export const sessionId = id(v.sessionId);

export const target = { task_id: taskId };
/** Makes sending a call again safe. */
export const mutation = { command_id: v.commandId.optional() };
/** As in `session.hello`. */
export const worker = { worker: connectionMethods['session.hello'].input.shape.worker };
export const proof = { lease_id: leaseId.optional(), ...worker };

/** Which work is looked for. */
export const work = {
  specialist_type: z.array(v.specialistKey).min(1).optional(),
  parent_task_id: taskId.optional(),
  project: v.project.optional(),
  session_id: sessionId.optional(),
  tags: z.array(v.tag).min(1).optional(),
};
type Work = z.output<z.ZodObject<typeof work>>;

/** The same as the protocol has it. */
export const workFilter = (asked: Work) => ({
  specialist: asked.specialist_type,
  parentId: asked.parent_task_id,
  project: asked.project,
  sessionId: asked.session_id,
  tags: asked.tags,
});

export const time = z.string().max(40);
export const effort = editable.shape.estimatedEffort.unwrap().unwrap();
export const context = z.record(z.string(), z.unknown()).pipe(v.jsonObject(v.limits.contextBytes));
