import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { mutate } from './mutant.ts';
import { mutants } from './mutants.ts';

/** The list is kept in step with the code here; that each mutant is killed is seen by `npm run test:mutants`. */

test.each(mutants)('$id still fits', async (mutant) => {
  const source = await readFile(`src/${mutant.file}`, 'utf8');
  expect(mutate(source, mutant)).not.toBe(source);
  expect(mutant.tests.filter((file) => !existsSync(file))).toEqual([]);
  expect([mutant.tests.length, mutant.breaks.length]).not.toContain(0);
});

test('every invariant has at least two, and every mutant a name of its own', () => {
  const counts = Array.from({ length: 11 }, (_, n) => mutants.filter(({ invariant }) => invariant === n + 1).length);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
});
