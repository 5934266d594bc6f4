import { describe, expect, test } from 'vitest';
import { TroupeError } from '../../src/errors.ts';
import type { TaskId } from '../../src/ids.ts';
import { newContext } from '../../src/machines/birth.ts';
import type { PlanRequest } from '../../src/machines/breakdown.ts';
import type { DependencyEntry, TaskContext, TaskSpec, TaskState } from '../../src/machines/context.ts';
import { planOf } from '../../src/machines/plan.ts';
import type { Plan } from '../../src/machines/plan.ts';
import { plannedTask } from '../../src/protocol/methods/given.ts';
import type { PlannedTaskInput } from '../../src/protocol/methods/given.ts';
import { limits } from '../../src/protocol/values.ts';
import type { Status } from '../../src/protocol/values.ts';
import { artifactId, artifactRef, noon, taskId, taskSpec } from '../support/records.ts';

const topId = taskId(1);
const names: string[] = [];
/** Names get numbers from 100 on, a review 1,000 more than its subject. */
const idFor = (name: string): TaskId => taskId(100 + (names.includes(name) ? names.indexOf(name) : names.push(name) - 1));
const reviews = new Map<TaskId, TaskId>();
const reviewIdFor = (subject: TaskId): TaskId => {
  const id = reviews.get(subject) ?? taskId(5_000 + reviews.size);
  reviews.set(subject, id);
  return id;
};

/** Tasks that exist: `r` is the root of `a` and `b`. */
const [r, a, b] = [taskId(10), taskId(11), taskId(12)];
const state = (value: Status, spec: Partial<TaskSpec> = {}, context: Partial<TaskContext> = {}): TaskState => ({
  value,
  context: { ...newContext(taskSpec(r, spec)), ...context },
});
const on = (id: TaskId, more: Partial<DependencyEntry> = {}): DependencyEntry => ({
  id,
  kind: 'completion',
  mandatory: true,
  status: 'waiting',
  waived: false,
  direct: true,
  via: [],
  ...more,
});
const below = { parentId: r, depth: 1 };

type Existing = Readonly<Record<string, TaskState>>;

function plan(top: Partial<PlannedTaskInput>, existing: Existing = {}, parent: { id: TaskId; treeTasks: number } | null = null): Plan {
  const given = plannedTask.parse({ title: 'top', ...top });
  const above: PlanRequest['parent'] = parent === null ? null : { ...parent, state: existing[parent.id]! };
  return planOf({
    top: given,
    topId,
    parent: above,
    sessionId: null,
    project: 'default',
    at: noon,
    by: 'tester',
    idFor,
    reviewIdFor,
    existing: (id) => existing[id],
  });
}

function refusal(run: () => unknown): TroupeError {
  try {
    run();
  } catch (error) {
    if (error instanceof TroupeError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const task = (ref: string, more: Partial<PlannedTaskInput> = {}): PlannedTaskInput => ({ title: ref, ref, ...more });
const contextIn = ({ created }: Plan, id: TaskId): TaskContext => created.find((one) => one.id === id)!.context;
const nameOf = (id: TaskId): string =>
  id === topId ? 'top' : ({ [r]: 'r', [a]: 'a', [b]: 'b' }[id] ?? names.find((name) => idFor(name) === id) ?? '?');
/** The circle as edges, from the first in the alphabet. */
function circle(error: TroupeError): string[] {
  const path = error.details.path ?? [];
  const edges = path.map(({ taskId: id, waitsAs }, index) => {
    const next = path[(index + 1) % path.length]!.taskId;
    return `${nameOf(id as TaskId)} ${waitsAs === 'parent' ? '^' : '>'} ${nameOf(next as TaskId)}`;
  });
  return edges.toSorted();
}

describe('a breakdown', () => {
  const made = plan({
    tasks: [
      task('design'),
      task('code', { dependsOn: ['design'], tasks: [task('api', { dependsOn: [] }), { title: 'nameless' }] }),
      task('ship', { dependsOn: ['code'] }),
    ],
  });
  const of = (name: string) => contextIn(made, made.names[name]!);

  test('gets ids by name or place, places in reading order, depths and counters', () => {
    expect(Object.keys(made.names)).toEqual(['design', 'code', 'api', '1.1', 'ship']);
    expect(made.created.map(({ context }) => [context.spec.title, context.spec.position, context.spec.depth])).toEqual([
      ['top', 0, 0],
      ['design', 1, 1],
      ['code', 2, 1],
      ['api', 3, 2],
      ['nameless', 4, 2],
      ['ship', 5, 1],
    ]);
    expect(of('api').spec).toMatchObject({ parentId: made.names['code'], rootId: topId });
    expect([contextIn(made, topId).children.open, of('code').children.open, of('ship').children.open]).toEqual([3, 2, 0]);
  });

  test('levels of execution: children before their parent, and what it depends on before the children', () => {
    const { design, code, api, '1.1': nameless, ship } = made.names;
    expect(made.order).toEqual([[design], [api, nameless], [code], [ship]]);
  });

  test('what a parent waits for holds back what is below it; dependents know both ways', () => {
    const { design, code, api } = made.names;
    expect(of('api').dependsOn).toEqual([on(design!, { direct: false, via: [code!] })]);
    expect(of('design').dependents).toEqual({ direct: [code], inherited: [api, made.names['1.1']] });
  });

  test('optional and related edges neither gate nor are inherited', () => {
    const loose = plan({
      tasks: [
        task('x'),
        task('p', {
          dependsOn: [
            { task: 'x', mandatory: false },
            { task: 'x', kind: 'related' },
          ],
          tasks: [task('c')],
        }),
      ],
    });
    expect(loose.order).toEqual([[loose.names['x'], loose.names['c']], [loose.names['p']]]);
    expect(contextIn(loose, loose.names['c']!).dependsOn).toEqual([]);
    expect(contextIn(loose, loose.names['p']!).dependsOn).toHaveLength(2);
  });

  test('kind `blocks` is stored the other way round, also on a task that exists', () => {
    const two = plan({ tasks: [task('x', { dependsOn: [{ task: 'y', kind: 'blocks' }] }), task('y')] });
    expect(contextIn(two, two.names['y']!).dependsOn).toEqual([on(two.names['x']!)]);
    expect(contextIn(two, two.names['x']!).dependsOn).toEqual([]);
    const { blocks } = plan({ dependsOn: [{ task: a, kind: 'blocks' }] }, { [a]: state('pending') });
    expect(blocks).toEqual([{ waiting: a, entry: on(topId), path: 'dependsOn[0]' }]);
  });
});

describe('refusals name the place', () => {
  const archived = { [a]: state('archived') };
  test.each<[string, Partial<PlannedTaskInput>, Existing, string]>([
    ['a name twice', { tasks: [task('x'), task('x')] }, {}, 'tasks[1].ref'],
    ['a name that is the place of another', { tasks: [{ title: 'first' }, task('0')] }, {}, 'tasks[1].ref'],
    ['an unknown name', { tasks: [task('x', { tasks: [task('y', { dependsOn: ['x', 'z'] })] })] }, {}, 'tasks[0].tasks[0].dependsOn[1]'],
    ['a task that does not exist', { dependsOn: [b] }, {}, 'dependsOn[0]'],
    ['a task that is archived', { dependsOn: [a] }, archived, 'dependsOn[0]'],
    ['acceptance of a task that rolls up', { rollUp: 'auto', acceptance: ['works'], tasks: [task('x')] }, {}, 'acceptance'],
    ['review of a task that rolls up', { tasks: [task('x', { rollUp: 'auto', review: 'reviewer' })] }, {}, 'tasks[0].review'],
  ])('%s', (_, top, existing, path) => {
    const error = refusal(() => plan(top, existing));
    expect([error.reason, error.details.issues?.map((issue) => issue.path)]).toEqual(['INVALID_PARAMS', [path]]);
  });

  const many = (count: number, more: Partial<PlannedTaskInput> = {}) =>
    Array.from({ length: count }, (_, index) => task(`m${index}`, more));
  const nested = (levels: number): PlannedTaskInput => task(`l${levels}`, levels === 1 ? {} : { tasks: [nested(levels - 1)] });
  const full = {
    [r]: state('pending'),
    [a]: state('pending', below, {
      dependents: { direct: Array.from({ length: limits.dependents }, (_, n) => taskId(9_000 + n)), inherited: [] },
    }),
  };
  test.each<[string, () => Plan, string, number]>([
    ['1,001 tasks', () => plan({ tasks: many(1_000) }), 'tasks in a tree', 1_001],
    ['a child in a tree of 1,000', () => plan({}, full, { id: r, treeTasks: 1_000 }), 'tasks in a tree', 1_001],
    ['17 levels', () => plan(nested(17)), 'depth of the tree', 17],
    [
      '101 dependencies, given by those that it waits for',
      () => plan({ tasks: [task('last'), ...many(101, { dependsOn: [{ task: 'last', kind: 'blocks' }] })] }),
      'dependencies of a task',
      101,
    ],
    ['501 dependents', () => plan({ tasks: [task('x'), ...many(501, { dependsOn: ['x'] })] }), 'dependents of a task', 501],
    ['one more on a task that has 500', () => plan({ dependsOn: [a] }, full), 'dependents of a task', 501],
  ])('LIMIT_EXCEEDED: %s', (_, run, name, actual) => {
    expect(refusal(run)).toMatchObject({ reason: 'LIMIT_EXCEEDED', details: { limit: { name, actual } } });
  });

  test('what is just within the limits is made', () => {
    expect(plan({ tasks: many(999) }).created).toHaveLength(1_000);
    expect(plan(nested(16)).created).toHaveLength(16);
    expect(plan({ tasks: [...many(100), task('last', { dependsOn: many(100).map(({ ref }) => ref!) })] }).created).toHaveLength(102);
    expect(plan({ tasks: [task('x'), ...many(500, { dependsOn: ['x'] })] }).created).toHaveLength(502);
  });
});

describe('DEPENDENCY_CYCLE names the circle with both kinds of edge', () => {
  const tree: Existing = {
    [r]: state('pending', {}, { children: { open: 2, completed: 0, failed: 0, cancelled: 0 } }),
    [a]: state('pending', below, { dependsOn: [on(b)] }),
    [b]: state('pending', below, { dependents: { direct: [a], inherited: [] } }),
  };
  test.each<[string, () => Plan, string[]]>([
    ['itself', () => plan({ tasks: [task('x', { dependsOn: ['x'] })] }), ['x > x']],
    ['itself, whatever the kind', () => plan({ tasks: [task('x', { dependsOn: [{ task: 'x', kind: 'related' }] })] }), ['x > x']],
    ['each other', () => plan({ tasks: [task('x', { dependsOn: ['y'] }), task('y', { dependsOn: ['x'] })] }), ['x > y', 'y > x']],
    ['its parent', () => plan({ tasks: [task('p', { tasks: [task('c', { dependsOn: ['p'] })] })] }), ['c > p', 'p ^ c']],
    [
      'an ancestor',
      () => plan({ tasks: [task('p', { tasks: [task('q', { tasks: [task('c', { dependsOn: ['p'] })] })] })] }),
      ['c > p', 'p ^ q', 'q ^ c'],
    ],
    [
      'its child, which inherits the edge on itself',
      () => plan({ tasks: [task('p', { dependsOn: ['c'], tasks: [task('c')] })] }),
      ['c > c'],
    ],
    [
      'one that waits for what it inherits',
      () => plan({ tasks: [task('p', { dependsOn: ['x'], tasks: [task('c')] }), task('x', { dependsOn: ['c'] })] }),
      ['c > x', 'x > c'],
    ],
    [
      'a new child on who waits for its parent',
      () => plan({ dependsOn: [a] }, tree, { id: b, treeTasks: 3 }),
      ['a > b', 'b ^ top', 'top > a'],
    ],
  ])('%s', (_, run, path) => {
    const error = refusal(run);
    expect([error.reason, circle(error)]).toEqual(['DEPENDENCY_CYCLE', path]);
  });

  test('edges that hold nobody back close none', () => {
    const optional = { task: 'x', mandatory: false } as const;
    expect(plan({ tasks: [task('x', { dependsOn: ['y'] }), task('y', { dependsOn: [optional] })] }).created).toHaveLength(3);
    expect(plan({ dependsOn: [{ task: a, kind: 'related' }] }, tree, { id: b, treeTasks: 3 }).created).toHaveLength(1);
  });
});

describe('reviews', () => {
  test('a review waits for its subject beside it, and whoever depends on the subject waits for its approval', () => {
    const made = plan({
      tasks: [
        task('x', { review: 'reviewer', acceptance: ['works'], maxAttempts: 5 }),
        task('y', { dependsOn: ['x'] }),
        task('z', {
          dependsOn: [
            { task: 'x', kind: 'related' },
            { task: 'x', mandatory: false },
          ],
        }),
      ],
    });
    const { x, y, z, 'x:review': review } = made.names;
    expect(contextIn(made, x!).spec).toMatchObject({ review: 'reviewer', reviewId: review, reviewOf: null });
    expect(contextIn(made, review!)).toMatchObject({
      spec: { type: 'review', specialist: 'reviewer', reviewOf: x, reviewId: null, parentId: topId, acceptance: [], maxAttempts: 5 },
      dependsOn: [on(x!)],
    });
    expect(contextIn(made, y!).dependsOn).toEqual([on(x!), on(review!, { kind: 'approval' })]);
    expect(contextIn(made, z!).dependsOn).toEqual([
      on(x!, { kind: 'related', mandatory: true }),
      on(x!, { mandatory: false }),
      on(review!, { kind: 'approval', mandatory: false }),
    ]);
    expect(made.order).toEqual([[x, z], [review], [y]]);
  });

  test("a root's review is a root of its own", () => {
    const made = plan({ review: 'reviewer' });
    const review = reviewIdFor(topId);
    expect(contextIn(made, review).spec).toMatchObject({ rootId: review, parentId: null, depth: 0 });
    expect(contextIn(made, topId).dependents.direct).toEqual([review]);
  });

  test('an edge on a task that exists brings the approval of its review, unless that is archived or the edge only relates', () => {
    const reviewed = (review: Status): Existing => ({
      [a]: state('completed', { ...below, reviewId: b }),
      [b]: state(review, { type: 'review', reviewOf: a }),
    });
    const edges = (kind: 'completion' | 'related', review: Status) =>
      contextIn(plan({ dependsOn: [{ task: a, kind }] }, reviewed(review)), topId).dependsOn;
    expect(edges('completion', 'pending')).toEqual([on(a, { status: 'satisfied' }), on(b, { kind: 'approval' })]);
    expect(edges('completion', 'archived')).toEqual([on(a, { status: 'satisfied' })]);
    expect(edges('related', 'pending')).toEqual([on(a, { kind: 'related', status: 'satisfied' })]);
  });
});

describe('edges on tasks that exist', () => {
  const code = artifactRef(artifactId(1), a, new Uint8Array());
  const withCode = state('completed', below, { artifacts: [{ ...code, type: 'code' }] });
  test.each<[string, TaskState, Partial<DependencyEntry>, Partial<DependencyEntry>]>([
    ['open', state('in_progress', below), {}, { status: 'waiting' }],
    ['failed', state('failed', below), {}, { status: 'failed', reason: 'it was given up as failed' }],
    ['cancelled', state('cancelled', below), {}, { status: 'failed', reason: 'it was cancelled' }],
    ['completed with the artifact', withCode, { kind: 'data', artifactType: 'code' }, { status: 'satisfied' }],
    ['completed without the artifact', withCode, { kind: 'data', artifactType: 'design' }, { status: 'failed' }],
    ['completed, of no approving type', withCode, { kind: 'approval' }, { status: 'failed' }],
    ['completed, of an approving type', state('completed', { ...below, type: 'approval' }), { kind: 'approval' }, { status: 'satisfied' }],
  ])('%s', (_, target, { kind = 'completion', artifactType }, expected) => {
    const made = plan({ dependsOn: [{ task: a, kind, ...(artifactType === undefined ? {} : { artifactType }) }] }, { [a]: target });
    expect(contextIn(made, topId).dependsOn).toMatchObject([expected]);
    expect(made.messages).toMatchObject([{ to: a, event: { type: 'DEPENDENT_CHANGED', ids: [topId], on: true, direct: true } }]);
  });

  test('a new child takes over what holds its parent back, waivers included, and both are told', () => {
    const parent = state('completed', below, {
      dependsOn: [on(b, { status: 'failed', reason: 'it was cancelled', waived: true }), on(taskId(13), { mandatory: false })],
    });
    const made = plan({}, { [r]: state('pending'), [a]: parent, [b]: state('cancelled', below) }, { id: a, treeTasks: 3 });
    expect(contextIn(made, topId)).toMatchObject({
      spec: { rootId: r, parentId: a, depth: 2, position: 3 },
      dependsOn: [on(b, { status: 'failed', reason: 'it was cancelled', waived: true, direct: false, via: [a] })],
    });
    expect(made.messages.map(({ to, event }) => [to, event.type])).toEqual([
      [b, 'DEPENDENT_CHANGED'],
      [a, 'CHILD_CHANGED'],
    ]);
  });
});
