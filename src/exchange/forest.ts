import type { Task } from '../protocol/task.ts';

/** Tasks as they are listed, put into their trees. */

export const exportedFields = [
  'id',
  'externalId',
  'parentId',
  'position',
  'title',
  'description',
  'type',
  'specialist',
  'complexity',
  'priority',
  'tags',
  'acceptance',
  'review',
  'reviewOf',
  'rollUp',
  'context',
  'estimatedEffort',
  'dueAt',
  'maxAttempts',
  'status',
  'dependsOn',
  'result',
  'artifacts',
  'createdAt',
  'completedAt',
] as const satisfies readonly (keyof Task)[];

export type Exported = Pick<Task, (typeof exportedFields)[number]>;

export interface ExportedTask extends Exported {
  readonly tasks: readonly ExportedTask[];
}

/** The trees of the tasks, or the one that begins at `top`. Siblings are in their order; a task whose parent is not here begins a tree. */
export function forestOf(tasks: readonly Exported[], top?: string): readonly ExportedTask[] {
  const ids = new Set<string>(tasks.map(({ id }) => id));
  const below = new Map<string, Exported[]>();
  const roots: Exported[] = [];
  for (const task of tasks) {
    if (task.id === top || (top === undefined && (task.parentId === null || !ids.has(task.parentId)))) roots.push(task);
    else if (task.parentId !== null) below.set(task.parentId, [...(below.get(task.parentId) ?? []), task]);
  }
  const grow = (task: Exported): ExportedTask => ({
    ...task,
    tasks: (below.get(task.id) ?? []).toSorted((a, b) => a.position - b.position).map(grow),
  });
  return roots.map(grow);
}

export function* everyTask(trees: readonly ExportedTask[]): Generator<ExportedTask> {
  for (const tree of trees) {
    yield tree;
    yield* everyTask(tree.tasks);
  }
}
