import type { TaskId } from '../ids.ts';
import { findCycle } from '../machines/graph.ts';
import type { Waiter } from '../machines/graph.ts';
import type { SourceTask } from './source.ts';

/** Tasks that would wait for each other, in the order of waiting; null when there are none. A parent waits for its children, and they for what it waits for. */
export function circleIn(trees: readonly SourceTask[]): readonly SourceTask[] | null {
  const ids = new Map<string, TaskId>();
  const tasks = new Map<TaskId, SourceTask>();
  const waiters = new Map<TaskId, Waiter[]>();
  const add = (awaited: TaskId, waiter: Waiter): void => {
    const list = waiters.get(awaited);
    if (list === undefined) waiters.set(awaited, [waiter]);
    else list.push(waiter);
  };
  const number = (task: SourceTask, above: TaskId | null): void => {
    const id: TaskId = `t_${ids.size}`;
    ids.set(task.key, id);
    tasks.set(id, task);
    if (above !== null) add(id, { id: above, waitsAs: 'parent' });
    for (const child of task.tasks) number(child, id);
  };
  for (const tree of trees) number(tree, null);
  const connect = (task: SourceTask, inherited: readonly string[]): void => {
    const id = ids.get(task.key);
    const awaited = [...inherited, ...task.dependsOn.filter(({ kind }) => kind !== 'related').map(({ on }) => on)];
    for (const on of new Set(awaited)) {
      const target = ids.get(on);
      if (id !== undefined && target !== undefined) add(target, { id, waitsAs: 'dependency' });
    }
    for (const child of task.tasks) connect(child, awaited);
  };
  for (const tree of trees) connect(tree, []);
  const path = findCycle(tasks.keys(), (id) => waiters.get(id) ?? []);
  return path === null ? null : path.flatMap(({ taskId }) => tasks.get(taskId) ?? []);
}
