import { expect, test } from 'vitest';
import { generated } from '../support/generated.ts';
import { errorsDocument } from './errors.ts';

/** Documents that are made of the code. `UPDATE=1` writes them anew. */

test.each([['docs/errors.md', errorsDocument]])('%s is what the code says', async (file, document) => {
  const { made, committed } = await generated(file, document());
  expect(committed).toBe(made);
});
