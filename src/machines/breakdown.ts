import { TroupeError } from '../errors.ts';
import type { Issue } from '../errors.ts';
import type { SessionId, TaskId } from '../ids.ts';
import type { PlannedTask } from '../protocol/methods.ts';
import { limits } from '../protocol/values.ts';
import type { DependencyEntry, TaskState } from './context.ts';

/** The tasks that a breakdown asks for, in reading order, each with its name, its place in the input and its reviews. */

export interface PlanRequest {
  /** The top task; its breakdown nests in `tasks`. */
  readonly top: PlannedTask;
  readonly topId: TaskId;
  /** Below this task, or a tree of its own. */
  readonly parent: { readonly id: TaskId; readonly state: TaskState; readonly treeTasks: number } | null;
  readonly project: string;
  readonly sessionId: SessionId | null;
  readonly at: number;
  readonly by: string;
  /** The id of a new task: by its name in the plan, and that of a review by its subject. */
  readonly idFor: (name: string) => TaskId;
  readonly reviewIdFor: (subject: TaskId) => TaskId;
  /** A task that exists, in the same project. */
  readonly existing: (id: TaskId) => TaskState | undefined;
}

export interface Node {
  readonly id: TaskId;
  readonly name: string;
  readonly path: string;
  readonly given: PlannedTask;
  readonly parent: Node | null;
  readonly depth: number;
  readonly reviewOf: Node | null;
  readonly reviewId: TaskId | null;
  direct: readonly DependencyEntry[];
}

export const fail = (issues: readonly Issue[]): never => {
  throw new TroupeError(
    'INVALID_PARAMS',
    issues
      .map(({ path, message }) => `${path}: ${message}`)
      .slice(0, 3)
      .join('; '),
    { issues },
  );
};

export const exceed = (path: string, name: string, max: number, actual: number): never => {
  throw new TroupeError('LIMIT_EXCEEDED', `${name}: ${actual} are more than ${max}`, {
    issues: [{ path, message: `${name}: at most ${max}` }],
    limit: { name, max, actual },
  });
};

export const at = (path: string, member: string): string => (path === '' ? member : `${path}.${member}`);

/** The tree of the request in reading order, each review right after its subject. */
export function flatten({
  top,
  topId,
  parent,
  idFor,
  reviewIdFor,
}: Pick<PlanRequest, 'top' | 'topId' | 'parent' | 'idFor' | 'reviewIdFor'>): Node[] {
  const nodes: Node[] = [];
  const issues: Issue[] = [];
  const names = new Set<string>();
  const visit = (given: PlannedTask, path: string, place: string, above: Node | null, depth: number) => {
    if (depth >= limits.treeDepth) exceed(path, 'depth of the tree', limits.treeDepth, depth + 1);
    const name = given.ref ?? place;
    if (names.has(name)) issues.push({ path: at(path, 'ref'), message: `"${name}" is the name of another task of the plan` });
    names.add(name);
    const id = above === null ? topId : idFor(name);
    const reviewId = given.review === undefined ? null : reviewIdFor(id);
    const node: Node = { id, name, path, given, parent: above, depth, reviewOf: null, reviewId, direct: [] };
    nodes.push(node);
    if (given.rollUp === 'auto' && given.acceptance.length > 0)
      issues.push({ path: at(path, 'acceptance'), message: 'a task that rolls up by itself has nobody to answer acceptance criteria' });
    if (given.rollUp === 'auto' && reviewId !== null)
      issues.push({ path: at(path, 'review'), message: 'a task that rolls up by itself has nobody to revise it: review its children' });
    (given.tasks ?? []).forEach((child, index) =>
      visit(child, `${path === '' ? '' : `${path}.`}tasks[${index}]`, above === null ? `${index}` : `${place}.${index}`, node, depth + 1),
    );
    if (given.review !== undefined && reviewId !== null)
      nodes.push({
        id: reviewId,
        name: `${name}:review`,
        path,
        given: reviewTask(given, given.review),
        parent: above,
        depth,
        reviewOf: node,
        reviewId: null,
        direct: [],
      });
  };
  visit(top, '', '', null, parent === null ? 0 : parent.state.context.spec.depth + 1);
  if (issues.length > 0) fail(issues);
  return nodes;
}

const reviewTask = (subject: PlannedTask, specialist: string): PlannedTask => ({
  title: `Review: ${subject.title}`.slice(0, limits.titleLength).toWellFormed(),
  description:
    'Read the work of the task under review against its description and acceptance criteria. Complete to approve it; complete with needs_revision and feedback to send it back.',
  type: 'review',
  specialist,
  complexity: subject.complexity,
  priority: subject.priority,
  tags: subject.tags,
  acceptance: [],
  rollUp: 'execute',
  context: {},
  maxAttempts: subject.maxAttempts,
  dependsOn: [],
});
