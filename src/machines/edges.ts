import { TroupeError } from '../errors.ts';
import type { Issue } from '../errors.ts';
import { isTaskId } from '../ids.ts';
import type { TaskId } from '../ids.ts';
import type { DependencyInput } from '../protocol/methods.ts';
import { at, fail } from './breakdown.ts';
import type { Node, PlanRequest } from './breakdown.ts';
import type { DependencyEntry, TaskState } from './context.ts';
import { entryAfter, merge } from './dependencies.ts';
import { classOf } from './readings.ts';

/** The edges that tasks are given, and the approvals that come with them. */

/** A task that exists and shall wait for a new one (kind `blocks`). */
export interface Blocks {
  readonly waiting: TaskId;
  readonly entry: DependencyEntry;
  readonly path: string;
}

export const entry = (id: TaskId, kind: DependencyEntry['kind'], more: Partial<DependencyEntry> = {}): DependencyEntry => ({
  id,
  kind,
  mandatory: true,
  status: 'waiting',
  waived: false,
  direct: true,
  via: [],
  ...more,
});

/** What a task that exists looks like to an entry on it. */
export const targetOf = ({ value, context }: TaskState) => ({
  state: classOf(value),
  taskType: context.spec.type,
  artifactTypes: [...new Set(context.artifacts.map((artifact) => artifact.type))],
});

/** The entries on a task that exists: its own, and an approval by its review unless the task is only named as related. */
export function entriesOn(
  id: TaskId,
  target: TaskState,
  given: DependencyEntry,
  existing: PlanRequest['existing'],
): readonly DependencyEntry[] {
  const own = entryAfter({ ...given, id }, targetOf(target));
  const { reviewId } = target.context.spec;
  const review = reviewId === null || given.kind === 'related' ? undefined : existing(reviewId);
  if (reviewId === null || review === undefined || review.value === 'archived') return [own];
  return [own, entryAfter(entry(reviewId, 'approval', { mandatory: given.mandatory }), targetOf(review))];
}

/** Puts every edge where it belongs; a `blocks` edge is stored the other way round. */
export function connect(nodes: readonly Node[], request: PlanRequest): readonly Blocks[] {
  const byName = new Map(nodes.filter((node) => node.reviewOf === null).map((node) => [node.name, node]));
  const blocks: Blocks[] = [];
  const issues: Issue[] = [];
  const add = (node: Node, entries: readonly DependencyEntry[]) => {
    node.direct = merge(node.direct, entries);
  };
  const onNew = (target: Node, kind: DependencyEntry['kind'], more: Partial<DependencyEntry>): DependencyEntry[] => [
    entry(target.id, kind, more),
    ...(target.reviewId === null || kind === 'related' ? [] : [entry(target.reviewId, 'approval', { mandatory: more.mandatory ?? true })]),
  ];
  for (const node of nodes) {
    if (node.reviewOf !== null) add(node, [entry(node.reviewOf.id, 'completion')]);
    node.given.dependsOn.forEach((input: DependencyInput, index) => {
      const path = at(node.path, `dependsOn[${index}]`);
      const { task, kind, mandatory, artifactType } =
        typeof input === 'string' ? { task: input, kind: 'completion' as const, mandatory: true, artifactType: undefined } : input;
      const more = { mandatory, ...(artifactType === undefined ? {} : { artifactType }) };
      const named = byName.get(task);
      if (named === node)
        throw new TroupeError('DEPENDENCY_CYCLE', `${path}: a task can't wait for itself`, {
          path: [{ taskId: node.id, waitsAs: 'dependency' }],
        });
      if (named !== undefined) {
        if (kind === 'blocks') add(named, onNew(node, 'completion', more));
        else add(node, onNew(named, kind, more));
        return;
      }
      const target = isTaskId(task) ? request.existing(task) : undefined;
      if (!isTaskId(task) || target === undefined) {
        issues.push({ path, message: isTaskId(task) ? `there is no task ${task}` : `no task of the plan is called "${task}"` });
      } else if (target.value === 'archived') {
        issues.push({ path, message: `${task} is archived: nothing can wait for it any more` });
      } else if (kind === 'blocks') {
        blocks.push({ waiting: task, entry: entry(node.id, 'completion', more), path });
      } else add(node, entriesOn(task, target, entry(task, kind, more), request.existing));
    });
  }
  if (issues.length > 0) fail(issues);
  return blocks;
}
