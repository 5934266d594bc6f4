import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lanes } from '../../src/dashboard/lanes.ts';
import { home, listSorts, parseRoute, searchOf, views } from '../../src/dashboard/route.ts';
import type { Route } from '../../src/dashboard/route.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/);
const route = fc.record<Route>({
  view: fc.constantFrom(...views),
  plan: fc.option(word),
  task: fc.option(word),
  text: fc.string(),
  lanes: fc.uniqueArray(fc.constantFrom(...lanes)),
  specialists: fc.uniqueArray(word),
  ready: fc.boolean(),
  hideBlocked: fc.boolean(),
  hideDone: fc.boolean(),
  archived: fc.boolean(),
  sort: fc.constantFrom(...listSorts),
  readOnly: fc.boolean(),
});

describe('the URL', () => {
  test('says everything that is shown', () => {
    fc.assert(
      fc.property(route, (shown) => {
        expect(parseRoute(searchOf(shown))).toEqual(shown);
      }),
    );
  });

  test('of the first view is empty', () => {
    expect(searchOf(home)).toBe('');
    expect(parseRoute('')).toEqual(home);
  });

  test('that nobody understands leads to the first view', () => {
    expect(parseRoute('?view=nowhere&lane=x,ready&sort=sideways&%zz')).toEqual({ ...home, lanes: ['ready'] });
  });
});
