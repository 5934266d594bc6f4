import type { TaskId } from '../ids.ts';
import type { TaskContext } from './context.ts';
import type { WaitPath } from './events.ts';
import { gates } from './readings.ts';

/** The graph of who waits for whom: a task for what it depends on, inherited edges included, and a parent for its children. */

export interface Waiter {
  readonly id: TaskId;
  readonly waitsAs: 'dependency' | 'parent';
}

/** Who waits for the task, as far as its own record says; `contextOf` gives the dependents' records, whose entries say whether they gate. */
export function waitersOf(id: TaskId, contextOf: (id: TaskId) => TaskContext): readonly Waiter[] {
  const { spec, dependents } = contextOf(id);
  const waiters: Waiter[] = spec.parentId === null ? [] : [{ id: spec.parentId, waitsAs: 'parent' }];
  for (const dependent of new Set([...dependents.direct, ...dependents.inherited]))
    if (contextOf(dependent).dependsOn.some((entry) => entry.id === id && gates(entry)))
      waiters.push({ id: dependent, waitsAs: 'dependency' });
  return waiters;
}

/**
 * A circle of waiting that passes through one of `starts`, or null. The path names each task once, in the order of waiting:
 * the first waits for the second (`waitsAs` says how), and so on, the last for the first.
 */
export function findCycle(starts: Iterable<TaskId>, waiters: (id: TaskId) => readonly Waiter[]): WaitPath | null {
  const done = new Set<TaskId>();
  for (const start of starts) {
    // Depth first without recursion: a tree may be deep, a chain of dependencies long.
    const trail: { id: TaskId; waitsAs: Waiter['waitsAs']; rest: Iterator<Waiter> }[] = [];
    const onTrail = new Set<TaskId>();
    const enter = ({ id, waitsAs }: Waiter) => {
      trail.push({ id, waitsAs, rest: waiters(id)[Symbol.iterator]() });
      onTrail.add(id);
    };
    if (!done.has(start)) enter({ id: start, waitsAs: 'dependency' });
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const next = top.rest.next();
      if (next.done === true) {
        done.add(top.id);
        onTrail.delete(top.id);
        trail.pop();
      } else if (onTrail.has(next.value.id)) {
        const circle = trail.slice(trail.findIndex((step) => step.id === next.value.id));
        // The trail goes from the awaited to the waiter; the path is told the other way round.
        const first = next.value;
        return circle.map(({ id, waitsAs }, index) => ({ taskId: id, waitsAs: index === 0 ? first.waitsAs : waitsAs })).toReversed();
      } else if (!done.has(next.value.id)) enter(next.value);
    }
  }
  return null;
}

/** Levels of execution: each task stands one level after the last of those that it waits for. What waits in a circle is left out. */
export function levelsOf(tasks: readonly { readonly id: TaskId; readonly waitsFor: readonly TaskId[] }[]): readonly (readonly TaskId[])[] {
  const known = new Set(tasks.map((task) => task.id));
  const open = new Map(tasks.map((task) => [task.id, new Set(task.waitsFor.filter((id) => known.has(id)))]));
  const waitersFor = new Map<TaskId, TaskId[]>();
  for (const [id, waitsFor] of open) for (const on of waitsFor) waitersFor.set(on, [...(waitersFor.get(on) ?? []), id]);
  const place = new Map(tasks.map((task, index) => [task.id, index]));
  const inOrder = (a: TaskId, b: TaskId) => (place.get(a) ?? 0) - (place.get(b) ?? 0);
  const levels: TaskId[][] = [];
  for (let level = [...open].filter(([, waitsFor]) => waitsFor.size === 0).map(([id]) => id); level.length > 0;) {
    levels.push(level);
    const next: TaskId[] = [];
    for (const id of level)
      for (const waiter of waitersFor.get(id) ?? []) {
        const waitsFor = open.get(waiter);
        if (waitsFor?.delete(id) === true && waitsFor.size === 0) next.push(waiter);
      }
    level = next.toSorted(inOrder);
  }
  return levels;
}
