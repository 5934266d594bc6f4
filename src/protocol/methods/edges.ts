import * as z from 'zod';
import * as v from '../values.ts';
import { dependencyInput } from './given.ts';
import { ifRev, mutated, mutation, rows, target } from './row.ts';

/** Methods that change who waits for whom. */
export const edges = rows({
  'dependency.add': {
    scope: 'write',
    summary: 'Makes a task wait for another.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, dependsOn: dependencyInput }),
    output: mutated,
  },
  'dependency.remove': {
    scope: 'write',
    summary: 'Takes an edge away.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, dependsOn: v.taskId, reason: v.text(2_000).optional() }),
    output: mutated,
  },
  'dependency.waive': {
    scope: 'write',
    summary: 'Keeps an edge but lets the task go on without it.',
    input: z.strictObject({ ...mutation, ...target, ...ifRev, dependsOn: v.taskId, reason: v.text(2_000).optional() }),
    output: mutated,
  },
});
