import { expect, it } from 'vitest';
import { taskCounts } from '../../src/dashboard/state-machines/counts.ts';
import { rowOf } from './named.ts';

const rows = [rowOf('a'), rowOf('b', { status: 'failed' }), rowOf('c')];

it('counts the states of the tasks that the page holds, and takes the archived ones from the service', () => {
  expect(taskCounts(rows, { pending: 90, archived: 7 }, true)).toEqual({ pending: 2, failed: 1, archived: 7 });
  expect(taskCounts([], {}, true)).toEqual({ archived: 0 });
});

it('believes the service alone when the page does not hold all tasks', () => {
  expect(taskCounts(rows, { pending: 90_000, failed: 1 }, false)).toEqual({ pending: 90_000, failed: 1 });
});
