import type { TaskId } from '../ids.ts';
import type { TaskContext } from '../machines/context.ts';

/** Tasks that are being made by commits in flight, by tree: no store lists them yet. */
export class Unborn {
  readonly #trees = new Map<TaskId, Map<TaskId, TaskId | null>>();

  expect(id: TaskId, { spec: { rootId, parentId } }: TaskContext): void {
    const tree = this.#trees.get(rootId) ?? new Map<TaskId, TaskId | null>();
    this.#trees.set(rootId, tree.set(id, parentId));
  }

  /** It is in the store by now, or never will be. */
  forget(id: TaskId, { spec: { rootId } }: TaskContext): void {
    const tree = this.#trees.get(rootId);
    tree?.delete(id);
    if (tree?.size === 0) this.#trees.delete(rootId);
  }

  readonly of = (rootId: TaskId): { readonly id: TaskId; readonly parentId: TaskId | null }[] =>
    [...(this.#trees.get(rootId) ?? [])].map(([id, parentId]) => ({ id, parentId }));
}
