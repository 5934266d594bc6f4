import * as fc from 'fast-check';
import type { Act, NewEdge, NewTask, Proof } from './acts.ts';
import { perform } from './perform.ts';
import { taskOf } from './reference.ts';
import type { Name, RefTask, World } from './reference.ts';

/** What fast-check draws: numbers that become an act when the world is known, mostly one that the world accepts. */

export interface Move {
  /** Null when there is nothing to do it to. */
  resolve(world: World, freshName: () => Name): Act | null;
}

const mostTasks = 8;
const mostLevels = 3;

const namesOf = (world: World): Name[] => [...world.tasks.keys()];
const depthOf = (world: World, name: Name | null): number => (name === null ? 0 : 1 + depthOf(world, taskOf(world, name).parent));

const aim = fc.record({ pick: fc.nat(63), any: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) });
type Aim = typeof aim extends fc.Arbitrary<infer A> ? A : never;

/** One of the acts that are accepted; now and then any. */
function choose(world: World, { pick, any }: Aim, acts: readonly Act[]): Act | null {
  const pool = any ? acts : acts.filter((act) => perform(world, act).refused === null);
  return pool[pick % Math.max(1, pool.length)] ?? null;
}

/** Something that is done to one task. */
const onTask = <T>(drawn: fc.Arbitrary<T>, actOn: (task: RefTask, drawn: T) => Act): fc.Arbitrary<Move> =>
  fc.record({ aim, drawn }).map(({ aim: at, drawn: value }) => ({
    resolve: (world) =>
      choose(
        world,
        at,
        [...world.tasks.values()].map((task) => actOn(task, value)),
      ),
  }));

const callers = ['test/w1', 'test/w2', 'test'] as const;
const by = fc.constantFrom(...callers);
const leaseMs = fc.constantFrom(1_000, 60_000);
const rarely = fc.integer({ min: 0, max: 7 }).map((n) => n === 0);
const stale = fc.integer({ min: 0, max: 3 }).map((n) => n === 0);
const artifactType = fc.constantFrom('code' as const, 'design' as const, null);

/** The holder by name, whoever shows the newest lease, an earlier one, or none. */
const proof = fc.constantFrom('holder', 'holder', 'lease', 'lease', 'earlier lease', 'nothing', 'another');
function proofFor({ lease, attempt }: RefTask, how: string): Proof {
  if (how === 'lease') return { by: 'test', attempt };
  if (how === 'earlier lease') return { by: 'test', attempt: attempt - 1 };
  if (how === 'holder' && lease !== null) return { by: lease.holder, attempt: lease.holder.includes('/') ? null : lease.attempt };
  return { by: how === 'another' ? 'test/w3' : 'test', attempt: null };
}

const edge = fc.record({
  to: fc.nat(31),
  kind: fc.constantFrom(
    'completion' as const,
    'completion' as const,
    'prerequisite' as const,
    'data' as const,
    'approval' as const,
    'blocks' as const,
    'related' as const,
  ),
  mandatory: rarely.map((no) => !no),
  artifactType,
});
const edgeTo = (on: Name, { kind, mandatory, artifactType: type }: Omit<NewEdge, 'on'>): NewEdge => ({
  on,
  kind,
  mandatory,
  artifactType: kind === 'data' ? type : null,
});

const newTask = fc.record({
  under: fc.nat(7),
  edges: fc.array(edge, { maxLength: 2 }),
  auto: fc.integer({ min: 0, max: 2 }).map((n) => n === 0),
  reviewed: rarely,
  acceptance: fc.constantFrom(0, 0, 0, 1, 2),
  maxAttempts: fc.constantFrom(1, 2, 3),
  priority: fc.constantFrom(3, 5, 8),
  dueInMs: fc.constantFrom(null, null, null, 2_000, 100_000),
});

const make = (mostNew: number): fc.Arbitrary<Move> =>
  fc
    .record({ drawn: fc.array(newTask, { minLength: 1, maxLength: mostNew }), under: fc.nat(15), anywhere: rarely })
    .map(({ drawn, under, anywhere }) => ({
      resolve(world, freshName) {
        const parents = [null, ...namesOf(world)].filter((name) => depthOf(world, name) < mostLevels);
        const below = parents[under % parents.length] ?? null;
        const tasks: NewTask[] = [];
        const levels = new Map<Name, number>();
        for (const { under: among, edges, auto, reviewed, dueInMs, acceptance, ...given } of drawn) {
          const above = tasks.filter((task) => (levels.get(task.name) ?? 0) < mostLevels);
          const parent = tasks.length === 0 ? below : (above[among % Math.max(1, above.length)]?.name ?? tasks[0]?.name ?? null);
          const name = freshName();
          levels.set(name, parent === null ? 1 : (levels.get(parent) ?? depthOf(world, parent)) + 1);
          // The top has no name inside its plan; an edge to the parent, or to itself, is a circle.
          const siblings = [...tasks.map((task) => task.name), name].slice(1);
          const others = [...namesOf(world), ...siblings].filter((one) => anywhere || (one !== parent && one !== name));
          const targets = edges.flatMap(({ to, ...more }) =>
            others.length === 0 ? [] : [edgeTo(others[to % others.length] ?? name, more)],
          );
          const review = reviewed && !auto ? freshName() : null;
          tasks.push({ ...given, name, parent, review, rollUp: auto, acceptance: auto ? 0 : acceptance, dueInMs, edges: targets });
        }
        const made = tasks.length + tasks.filter((task) => task.review !== null).length;
        const act: Act = { act: 'make', tasks, below };
        const hopeless = !anywhere && perform(world, act).refused !== null;
        return hopeless || world.tasks.size + made > mostTasks ? null : act;
      },
    }));

const add: fc.Arbitrary<Move> = fc.record({ aim, at: fc.nat(31), edge, stale }).map(({ aim: how, at, edge: drawn, stale: old }) => ({
  resolve(world) {
    const names = namesOf(world);
    const task = names[at % Math.max(1, names.length)];
    if (task === undefined) return null;
    const { to: _, ...more } = drawn;
    return choose(
      world,
      how,
      names.map((on) => ({ act: 'add', task, edge: edgeTo(on, more), stale: old })),
    );
  },
}));

const loosen: fc.Arbitrary<Move> = fc
  .record({ aim, act: fc.constantFrom('remove' as const, 'waive' as const), stale })
  .map(({ aim: how, act, stale: old }) => ({
    resolve(world) {
      const acts = [...world.tasks.values()].flatMap(({ name, entries }) =>
        [...new Set(entries.map((entry) => entry.on))].map((on) => ({ act, task: name, on, stale: old })),
      );
      return choose(world, how, acts);
    },
  }));

const claim: fc.Arbitrary<Move> = fc
  .record({ by, leaseMs })
  .map((drawn) => ({ resolve: (world) => (world.tasks.size === 0 ? null : { act: 'claim', got: null, ...drawn }) }));

const execute = onTask(fc.record({ by, leaseMs }), ({ name }, drawn) => ({ act: 'execute', task: name, ...drawn }));
const finished = fc.record({
  proof,
  nextAction: fc.constantFrom(
    'complete' as const,
    'complete' as const,
    'complete' as const,
    'continue' as const,
    'needs_revision' as const,
    'blocked' as const,
  ),
  artifactType,
  met: rarely.map((no) => !no),
});
const complete = onTask(finished, (task, { proof: how, ...rest }) => ({
  act: 'complete',
  task: task.name,
  proof: proofFor(task, how),
  answered: task.acceptance,
  ...rest,
}));
const fail = onTask(fc.record({ proof, retryable: rarely.map((no) => !no) }), (task, { proof: how, retryable }) => ({
  act: 'fail',
  task: task.name,
  proof: proofFor(task, how),
  retryable,
}));
const editable = fc.oneof(
  fc.constantFrom(0, 1).map((acceptance) => ({ acceptance })),
  fc.constantFrom(1, 2, 4).map((maxAttempts) => ({ maxAttempts })),
  fc.constantFrom(1, 9).map((priority) => ({ priority })),
);
const simple = onTask(
  fc.record({ act: fc.constantFrom('answer' as const, 'unblock' as const, 'retry' as const, 'reopen' as const, 'reopen' as const), stale }),
  ({ name }, { act, stale: old }) => (act === 'reopen' ? { act, task: name, stale: old } : { act, task: name }),
);

const progress = onTask(proof, (task, how) => ({ act: 'progress', task: task.name, proof: proofFor(task, how) }));
const block = onTask(fc.boolean(), ({ name }, asks) => ({ act: 'block', task: name, asks }));
const cancel = onTask(fc.record({ subtree: fc.boolean(), stale }), ({ name }, drawn) => ({ act: 'cancel', task: name, ...drawn }));
const minor = fc.oneof(
  onTask(fc.record({ set: editable, stale }), ({ name }, drawn) => ({ act: 'edit', task: name, ...drawn })),
  onTask(stale, ({ name }, old) => ({ act: 'note', task: name, stale: old })),
);
/** These end tasks for good. */
const last = fc.oneof(
  onTask(fc.constant(null), ({ name }) => ({ act: 'archive', task: name })),
  onTask(fc.boolean(), ({ name }, force) => ({ act: 'delete', task: name, force })),
);

const often = (times: number, move: fc.Arbitrary<Move>): fc.Arbitrary<Move>[] => Array.from({ length: times }, () => move);

/** What can be sent at the same time as something else. */
export const mutations: readonly fc.Arbitrary<Move>[] = [
  make(1),
  claim,
  ...often(3, execute),
  ...often(4, complete),
  ...often(2, fail),
  progress,
  block,
  ...often(2, simple),
  cancel,
  minor,
  ...often(2, add),
  loosen,
];

const advance: fc.Arbitrary<Move> = fc
  .record({ ms: fc.constantFrom(500, 1_500, 5_000, 61_000), tick: rarely.map((no) => !no) })
  .map(({ ms, tick }) => ({ resolve: () => ({ act: 'advance', ms, tick }) }));

export const moves: readonly fc.Arbitrary<Move>[] = [...mutations, ...often(3, make(4)), last, ...often(2, advance)];
