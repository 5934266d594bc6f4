import { expect, test } from 'vitest';
import { loadRoles } from '../../src/config/roles.ts';
import { noSpecialist } from '../../src/use-cases/execution.ts';
import { nearest } from '../../src/use-cases/nearest.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

test('the likeliest names come first, and no more than help', () => {
  const names = ['architect', 'coder', 'reviewer', 'tester'];
  expect(nearest('codr', names)[0]).toBe('coder');
  expect(nearest('REVIEW', names)[0]).toBe('reviewer');
  expect(nearest('', names)).toEqual(names);
  expect(
    nearest(
      'x',
      Array.from({ length: 100 }, (_, n) => `role-${n}`),
    ),
  ).toHaveLength(20);
});

test('who asks for a specialist that there is not is told those most like it', async () => {
  const { message, nearby } = noSpecialist(await loadRoles(await temporaryDirectory()), 'codr');
  expect([message, nearby[0]]).toEqual([expect.stringMatching(/^there is no specialist "codr"; those most like it are coder, /), 'coder']);
});
