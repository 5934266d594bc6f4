import type { TaskId } from '../ids.ts';
import { TroupeError } from '../errors.ts';
import { limits } from '../protocol/values.ts';
import { newContext } from './birth.ts';
import { exceed, flatten } from './breakdown.ts';
import type { Node, PlanRequest } from './breakdown.ts';
import type { TaskContext, TaskSpec } from './context.ts';
import { inheritable, merge } from './dependencies.ts';
import { connect } from './edges.ts';
import type { Blocks } from './edges.ts';
import type { Message } from './events.ts';
import { findCycle, levelsOf, waitersOf } from './graph.ts';
import type { Waiter } from './graph.ts';
import { gates } from './readings.ts';

/** A whole breakdown becomes records at once, whole or refused: nothing is made here, only worked out. */

export interface Plan {
  readonly created: readonly { readonly id: TaskId; readonly context: TaskContext }[];
  /** What tasks that exist must hear. */
  readonly messages: readonly Message[];
  readonly blocks: readonly Blocks[];
  readonly names: Readonly<Record<string, TaskId>>;
  /** Levels of execution of what is below the top task. */
  readonly order: readonly (readonly TaskId[])[];
}

function specOf(node: Node, request: PlanRequest, position: number, topOfTree: TaskId): TaskSpec {
  const { given } = node;
  const reviewsTop = node.reviewOf !== null && node.reviewOf.parent === null;
  return {
    externalId: given.externalId ?? null,
    project: request.project,
    sessionId: request.sessionId,
    rootId: reviewsTop && request.parent === null ? node.id : topOfTree,
    parentId: node.parent?.id ?? request.parent?.id ?? null,
    depth: node.depth,
    position,
    title: given.title,
    description: given.description,
    type: given.type,
    specialist: given.specialist,
    complexity: given.complexity,
    priority: given.priority,
    tags: given.tags,
    acceptance: given.acceptance,
    review: given.review ?? null,
    reviewId: node.reviewId,
    reviewOf: node.reviewOf?.id ?? null,
    rollUp: given.rollUp,
    context: given.context,
    estimatedEffort: given.estimatedEffort ?? null,
    dueAt: given.dueAt ?? null,
    maxAttempts: given.maxAttempts,
    createdAt: request.at,
    createdBy: request.by,
  };
}

interface Dependents {
  readonly direct: TaskId[];
  readonly inherited: TaskId[];
}

/** Who waits for what, by target, inherited edges included. */
function dependentsOf(contexts: ReadonlyMap<TaskId, TaskContext>): ReadonlyMap<TaskId, Dependents> {
  const dependents = new Map<TaskId, Dependents>();
  for (const [id, context] of contexts)
    for (const { id: on, direct, via } of context.dependsOn) {
      const lists = dependents.get(on) ?? { direct: [], inherited: [] };
      dependents.set(on, lists);
      if (direct && !lists.direct.includes(id)) lists.direct.push(id);
      if (via.length > 0 && !lists.inherited.includes(id)) lists.inherited.push(id);
    }
  return dependents;
}

function checkLimits(nodes: readonly Node[], dependents: ReadonlyMap<TaskId, Dependents>, { parent, existing }: PlanRequest): void {
  const tasks = nodes.length + (parent?.treeTasks ?? 0);
  if (tasks > limits.treeTasks) exceed('tasks', 'tasks in a tree', limits.treeTasks, tasks);
  for (const node of nodes) {
    const targets = new Set(node.direct.map(({ id }) => id)).size;
    if (targets > limits.dependencies) exceed(node.path, 'dependencies of a task', limits.dependencies, targets);
  }
  const paths = new Map(nodes.map((node) => [node.id, node.path]));
  for (const [id, { direct }] of dependents) {
    const path = paths.get(id);
    // What the plan makes is not there yet: to look for it would cost a look-up for each task.
    const before = path === undefined ? (existing(id)?.context.dependents.direct.length ?? 0) : 0;
    const count = direct.length + before;
    if (count > limits.dependents) exceed(path ?? '', 'dependents of a task', limits.dependents, count);
  }
}

/** A new task can close a circle only through itself, so the search starts at the new ones. */
function checkCycles(contexts: ReadonlyMap<TaskId, TaskContext>, request: PlanRequest): void {
  const added = new Map<TaskId, Waiter[]>();
  for (const [id, { dependsOn, spec }] of contexts) {
    for (const entry of dependsOn) if (gates(entry)) added.set(entry.id, [...(added.get(entry.id) ?? []), { id, waitsAs: 'dependency' }]);
    if (spec.parentId !== null) added.set(id, [...(added.get(id) ?? []), { id: spec.parentId, waitsAs: 'parent' }]);
  }
  const contextOf = (id: TaskId): TaskContext => {
    const state = request.existing(id);
    if (state === undefined) throw new TroupeError('TASK_NOT_FOUND', `there is no task ${id}`, { taskId: id });
    return state.context;
  };
  const waiters = (id: TaskId) => [...(added.get(id) ?? []), ...(contexts.has(id) ? [] : waitersOf(id, contextOf))];
  const path = findCycle(contexts.keys(), waiters);
  if (path !== null) throw new TroupeError('DEPENDENCY_CYCLE', 'the plan would wait for itself', { path });
}

function messagesOf(
  contexts: ReadonlyMap<TaskId, TaskContext>,
  dependents: ReadonlyMap<TaskId, Dependents>,
  request: PlanRequest,
): readonly Message[] {
  const { at, by, parent } = request;
  const messages: Message[] = [];
  for (const [to, { direct, inherited }] of dependents) {
    if (contexts.has(to)) continue;
    if (direct.length > 0) messages.push({ to, event: { type: 'DEPENDENT_CHANGED', ids: direct, on: true, direct: true, at, by } });
    if (inherited.length > 0) messages.push({ to, event: { type: 'DEPENDENT_CHANGED', ids: inherited, on: true, direct: false, at, by } });
  }
  for (const [id, { spec }] of contexts)
    if (parent !== null && spec.parentId === parent.id)
      messages.push({ to: parent.id, event: { type: 'CHILD_CHANGED', id, from: null, to: 'open', at, by } });
  return messages;
}

/** Works out everything that a plan makes, or throws why it can't be: INVALID_PARAMS, LIMIT_EXCEEDED, DEPENDENCY_CYCLE. */
export function planOf(request: PlanRequest): Plan {
  const nodes = flatten(request);
  const blocks = connect(nodes, request);
  const { parent, topId } = request;
  const bare = new Map<TaskId, TaskContext>();
  nodes.forEach((node, index) => {
    const above = node.parent === null ? parent?.state.context : bare.get(node.parent.id);
    const aboveId = node.parent?.id ?? parent?.id;
    const inherited = above === undefined || aboveId === undefined ? [] : inheritable(above, aboveId);
    const spec = specOf(node, request, (parent?.treeTasks ?? 0) + index, parent?.state.context.spec.rootId ?? topId);
    bare.set(node.id, newContext(spec, merge(node.direct, inherited)));
  });
  const dependents = dependentsOf(bare);
  checkLimits(nodes, dependents, request);
  checkCycles(bare, request);
  const children = new Map<TaskId, number>();
  for (const { parent: above } of nodes) if (above !== null) children.set(above.id, (children.get(above.id) ?? 0) + 1);
  const created = [...bare].map(([id, context]) => ({
    id,
    context: {
      ...context,
      dependents: dependents.get(id) ?? context.dependents,
      children: { ...context.children, open: children.get(id) ?? 0 },
    },
  }));
  return { created, messages: messagesOf(bare, dependents, request), blocks, names: namesOf(nodes), order: orderOf(created, topId) };
}

/** The id of every task of a breakdown by its name; the same for the same request, also when it was carried out long ago. */
export function namesOf(nodes: readonly Pick<Node, 'name' | 'id'>[]): Readonly<Record<string, TaskId>> {
  return Object.fromEntries(nodes.slice(1).map(({ name, id }) => [name, id]));
}

/** Levels of execution of everything but the top task. */
export function orderOf(
  tasks: readonly { readonly id: TaskId; readonly context: TaskContext }[],
  topId: TaskId,
): readonly (readonly TaskId[])[] {
  const below = tasks.filter(({ id }) => id !== topId);
  const children = new Map<TaskId, TaskId[]>();
  for (const { id, context } of below) {
    const { parentId } = context.spec;
    if (parentId !== null) children.set(parentId, [...(children.get(parentId) ?? []), id]);
  }
  return levelsOf(
    below.map(({ id, context }) => ({
      id,
      waitsFor: [...context.dependsOn.filter(gates).map((entry) => entry.id), ...(children.get(id) ?? [])],
    })),
  );
}
