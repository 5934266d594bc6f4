import { bounds } from './bounds.ts';
import { durability } from './durability.ts';
import type { Mutant } from './mutant.ts';
import { nodes } from './nodes.ts';
import { order } from './order.ts';
import { ownership } from './ownership.ts';
import { watching } from './watching.ts';

/** Every invariant has some. `npm run test:mutants` breaks the code with each in turn, and sees that a test fails. */
export const mutants: readonly Mutant[] = [...durability, ...order, ...ownership, ...bounds, ...watching, ...nodes];
