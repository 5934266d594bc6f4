import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Act, NewEdge, NewTask } from './acts.ts';
import { ServiceUnderTest } from './service-under-test.ts';
import { one, steps } from './steps.ts';
import type { Step } from './steps.ts';

/**
 * Small trees, many commands, and after each of them the service must agree with the reference in everything.
 * `TROUPE_MODEL_RUNS` for more than the 150 runs of a test; `TROUPE_MODEL_SEED`, `_PATH` and `_REPLAY` to see one run again.
 */
const { TROUPE_MODEL_RUNS: runs = '150', TROUPE_MODEL_SEED, TROUPE_MODEL_PATH: path, TROUPE_MODEL_REPLAY: replayPath } = process.env;
const numRuns = Number(runs);
const seed = Number(TROUPE_MODEL_SEED ?? Date.now() % 2 ** 31);
const now = Date.UTC(2026, 0, 1);

/** Answers what was done. */
async function live(residentLimit: number, commands: Iterable<Step>): Promise<readonly string[]> {
  const real = await ServiceUnderTest.start(now, residentLimit);
  try {
    await fc.asyncModelRun(() => ({ model: { world: { now, ticked: true, tasks: new Map() }, names: 0 }, real }), commands);
    return real.trace;
  } finally {
    await real.close();
  }
}

test(`a tree of tasks does what the reference says (seed ${seed})`, { timeout: 60_000 + numRuns * 2_000 }, async () => {
  console.log(`model runs: seed ${seed}, ${numRuns} runs`);
  let done = 0;
  const residentLimits = fc.constantFrom(1, 3, 10_000);
  const commands = fc.commands(steps, { maxCommands: 100, size: 'max', ...(replayPath ? { replayPath } : {}) });
  const run = fc.asyncProperty(residentLimits, commands, async (residentLimit, drawn) => {
    await live(residentLimit, drawn);
    done += 1;
  });
  await fc.assert(run, { seed, numRuns, ...(path ? { path } : {}) });
  expect(done).toBeGreaterThanOrEqual(path ? 1 : numRuns);
});

const edge = (on: string, more: Partial<NewEdge> = {}): NewEdge => ({
  on,
  kind: 'completion',
  artifactType: null,
  mandatory: true,
  ...more,
});
const task = (name: string, parent: string | null, edges: NewEdge[] = [], more: Partial<NewTask> = {}): NewTask => ({
  name,
  parent,
  edges,
  review: null,
  rollUp: false,
  acceptance: 0,
  maxAttempts: 1,
  priority: 5,
  dueInMs: null,
  ...more,
});
const make = (below: string | null, ...tasks: NewTask[]): Act => ({ act: 'make', tasks, below });
const add = (from: string, to: string, more: Partial<NewEdge> = {}): Act => ({
  act: 'add',
  task: from,
  edge: edge(to, more),
  stale: false,
});
const waive = (from: string, to: string): Act => ({ act: 'waive', task: from, on: to, stale: false });
const proof = { by: 'test/w1', attempt: null };
const execute = (name: string): Act => ({ act: 'execute', task: name, by: 'test/w1', leaseMs: 60_000 });
const complete = (name: string): Act => ({
  act: 'complete',
  task: name,
  proof,
  nextAction: 'complete',
  artifactType: null,
  answered: 0,
  met: true,
});

test.each<{ name: string; acts: Act[] }>([
  {
    name: 'a waived edge that is given again as optional holds nobody back, so it closes no circle',
    acts: [
      make(null, task('p', null), task('a', 'p'), task('b', 'p')),
      add('a', 'b'),
      waive('a', 'b'),
      add('b', 'a'),
      add('a', 'b', { mandatory: false }),
    ],
  },
  {
    name: 'a task with an edge of its own inherits nothing more when the ancestor waives',
    acts: [
      make(null, task('x', null)),
      make(null, task('p', null, [edge('x')])),
      make('p', task('c', 'p', [edge('x')])),
      waive('p', 'x'),
      execute('x'),
      complete('x'),
    ],
  },
  {
    name: 'a new task that blocks its own ancestor waits for itself',
    acts: [make(null, task('p', null), task('q', 'p')), make('q', task('c', 'q', [edge('p', { kind: 'blocks' })]))],
  },
  {
    name: 'a related edge brings no approval by a review',
    acts: [
      make(null, task('x', null, [], { review: 'r' })),
      make(null, task('y', null, [edge('x', { kind: 'related' })])),
      execute('y'),
      complete('y'),
    ],
  },
  {
    name: 'a pause that is over while a dependency is open ends with it',
    acts: [
      make(null, task('p', null), task('x', 'p'), task('y', 'p', [], { maxAttempts: 3 })),
      execute('y'),
      { act: 'fail', task: 'y', proof, retryable: true },
      add('y', 'x'),
      { act: 'advance', ms: 5_000, tick: true },
      execute('x'),
      complete('x'),
    ],
  },
])('$name', async ({ acts }) => {
  for (const residentLimit of [1, 10_000]) {
    const done = await live(
      residentLimit,
      acts.map((act) => one({ resolve: () => act })),
    );
    expect(done).toHaveLength(acts.length);
  }
});
