import type * as z from 'zod';
import type { methods, MethodName } from './methods.ts';

type Members<M extends MethodName> = keyof z.input<(typeof methods)[M]['input']>;
/** Params that are always empty have any name as a key, and no member of it. */
type Mutation = { [M in MethodName]: string extends Members<M> ? never : 'commandId' extends Members<M> ? M : never }[MethodName];

/**
 * The methods that take a `commandId`, for clients that have no schemas at run time. The compiler holds the table to the rows of
 * `methods`: one that is missing or too many does not compile.
 */
export const mutations = {
  'task.plan': true,
  'task.create': true,
  'task.claim': true,
  'task.execute': true,
  'task.progress': true,
  'task.complete': true,
  'task.fail': true,
  'task.block': true,
  'task.answer': true,
  'task.unblock': true,
  'task.cancel': true,
  'task.retry': true,
  'task.reopen': true,
  'task.edit': true,
  'task.note': true,
  'task.archive': true,
  'task.delete': true,
  'dependency.add': true,
  'dependency.remove': true,
  'dependency.waive': true,
  'session.create': true,
  'session.pause': true,
  'session.resume': true,
  'session.complete': true,
  'session.cleanup': true,
  'template.instantiate': true,
  'maintenance.free': true,
  'maintenance.archive': true,
  'system.restart': true,
} as const satisfies Readonly<Record<Mutation, true>>;
