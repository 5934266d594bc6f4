import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { TroupeError } from '../../../src/errors.ts';
import type { TaskId } from '../../../src/ids.ts';
import * as v from '../../../src/protocol/values.ts';
import { worker } from '../../support/service.ts';
import { overStores } from './checked-service.ts';
import type { CheckedService } from './checked-service.ts';

/** Many callers at once who know nothing of each other: refused or done, and what is stored never contradicts itself. */

const step = fc.record({
  what: fc.nat(19),
  which: fc.nat(1_000),
  other: fc.nat(1_000),
  who: fc.constantFrom('ada', 'bob', 'eve'),
  twice: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

type Call = readonly [method: string, params: Readonly<Record<string, unknown>>];

function callOf({ what, other, which }: Step, taskId: TaskId, on: TaskId): Call {
  const work = { taskId, summary: `by ${other}`, detailedWork: `work ${other % 3}` };
  const calls: readonly Call[] = [
    ['task.create', { title: `child ${other}`, parentId: taskId, dependsOn: other % 2 === 0 ? [on] : [] }],
    [
      'task.plan',
      {
        title: `tree ${other}`,
        rollUp: 'auto',
        tasks: [
          { ref: 'a', title: 'a' },
          { title: 'b', dependsOn: ['a'] },
        ],
      },
    ],
    ['task.create', { title: 'reviewed', parentId: taskId, review: 'reviewer' }],
    ['task.claim', { leaseMs: 5_000 }],
    ['task.execute', { taskId, leaseMs: 5_000 }],
    ['task.complete', work],
    ['task.complete', { ...work, nextAction: 'needs_revision' }],
    ['task.complete', { ...work, nextAction: 'continue' }],
    ['task.fail', { taskId, error: { message: 'no', retryable: other % 2 === 0 } }],
    ['task.block', { taskId, question: 'which?' }],
    ['task.answer', { taskId, answer: 'that' }],
    ['task.cancel', { taskId, subtree: other % 2 === 0 }],
    ['task.reopen', { taskId, reason: 'again' }],
    ['task.retry', { taskId }],
    ['dependency.add', { taskId, dependsOn: other % 3 === 0 ? { task: on, kind: 'blocks' } : on }],
    ['dependency.add', { taskId, dependsOn: on }],
    ['dependency.remove', { taskId, dependsOn: on }],
    ['dependency.waive', { taskId, dependsOn: on }],
    which % 4 === 0 ? ['task.archive', { taskId }] : ['task.note', { taskId, text: 'n' }],
    which % 8 === 0 ? ['task.delete', { taskId, force: true }] : ['task.progress', { taskId, value: other }],
  ];
  return calls[what % calls.length] ?? ['task.claim', {}];
}

const asMade = z.object({ task: z.object({ id: v.taskId }) });

/** Sends a command, twice if the step says so; answers what it made. */
async function take(service: CheckedService, given: Step, ids: readonly TaskId[], commandId: string): Promise<TaskId[]> {
  const [taskId, on] = [ids[given.which % ids.length], ids[given.other % ids.length]];
  if (taskId === undefined || on === undefined) return [];
  const [method, params] = callOf(given, taskId, on);
  const send = async () => {
    try {
      return await service.dispatch(method, { ...params, commandId }, worker(given.who));
    } catch (error) {
      // Anything but a refusal of the catalogue fails the test.
      if (!(error instanceof TroupeError) || error.reason === 'INTERNAL') throw error;
      return null;
    }
  };
  const answers = await Promise.all(given.twice ? [send(), send()] : [send()]);
  const [first, ...again] = answers.filter((answer) => answer !== null);
  // Nothing takes effect twice. (A holder who executes again is told at once that it did before.)
  const effects = [first, ...again].filter((answer) => !JSON.stringify(answer ?? null).includes('"repeated":true'));
  expect(effects.length).toBeLessThanOrEqual(1);
  const made = asMade.safeParse(first).data?.task.id;
  return made === undefined ? [] : [made];
}

overStores('a crowd', (start) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

  test.each([10_000, 5])(`of a thousand commands, eight at a time, with %i tasks in memory (SEED=${seed})`, async (residentLimit) => {
    const service = await start({ residentLimit });
    const id = await service.plan({
      tasks: [
        { ref: 'a', title: 'A', tasks: [{ ref: 'b', title: 'B' }] },
        { ref: 'c', title: 'C', dependsOn: ['a'] },
      ],
    });
    const ids = new Set<TaskId>(['', 'a', 'b', 'c'].map(id));
    const steps = fc.sample(step, { numRuns: 1_000, seed });
    for (let index = 0; index < steps.length; index += 8) {
      const known = [...ids];
      const made = await Promise.all(steps.slice(index, index + 8).map((one, place) => take(service, one, known, `c${index + place}`)));
      for (const one of made.flat()) ids.add(one);
      if (index % 40 === 0) await service.pass(2_000);
    }
    const { byStatus } = await service.store.counts();
    expect(Object.values(byStatus).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(50);
    expect(Object.values(byStatus).filter((count) => count > 0).length).toBeGreaterThan(3);
  });
});
