import { limits } from '../protocol/values.ts';
import { circleIn } from './circle.ts';
import type { Report } from './report.ts';
import type { SourceEdge, SourceTask } from './source.ts';

/** What of a source can become tasks: who is left out, which edges hold, and whether it can be made at all. */

export interface ArrangeOptions {
  /** Whether what is done in the source is made too, and completed. */
  readonly done: boolean;
}

export interface Arranged {
  readonly trees: readonly SourceTask[];
  /** How many tasks were left out because they are done or cancelled. */
  readonly done: number;
  readonly cancelled: number;
}

/** Each is looked up before anything is made. */
const mostTasks = 10_000;

interface Known {
  readonly task: SourceTask;
  readonly above: string | null;
}

const nameOf = ({ key, given }: SourceTask): string => (key === given.title ? `"${key}"` : `${key} "${given.title}"`);

/** Every task by its key. A key or an external id that occurs twice is a fault. */
function indexOf(trees: readonly SourceTask[], report: Report): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  const externals = new Set<string>();
  const add = (task: SourceTask, above: string | null): void => {
    if (known.has(task.key) || externals.has(task.externalId)) report.fault(task.place, `the id ${task.key} is used twice`);
    known.set(task.key, { task, above });
    externals.add(task.externalId);
    for (const child of task.tasks) add(child, task.key);
  };
  for (const tree of trees) add(tree, null);
  return known;
}

export function* everySource(trees: readonly SourceTask[]): Generator<SourceTask> {
  for (const tree of trees) {
    yield tree;
    yield* everySource(tree.tasks);
  }
}

const isOver = (status: SourceTask['status']): boolean => status === 'done' || status === 'cancelled';

export function arrange(trees: readonly SourceTask[], { done }: ArrangeOptions, report: Report): Arranged {
  const known = indexOf(trees, report);
  if (known.size > mostTasks)
    report.fault({}, `there are ${known.size} tasks: at most ${mostTasks} are imported at once; divide the source`);
  const left = { done: 0, cancelled: 0 };

  /** Without what is left out; null when nothing remains. */
  const keep = (task: SourceTask): SourceTask | null => {
    const tasks = task.tasks.flatMap((child) => keep(child) ?? []);
    const isNeeded = tasks.some((child) => [...everySource([child])].some(({ status }) => status === 'open'));
    if (task.status === 'open' || (task.status === 'group' && tasks.length > 0)) return { ...task, tasks };
    if (isOver(task.status) && isNeeded) {
      report.remark(task.place, `${nameOf(task)} is ${task.status} in the source, but something below it is open: here it is open`);
      return { ...task, status: 'open', tasks };
    }
    if (task.status === 'done' && done) return { ...task, tasks };
    if (task.status === 'done') left.done += 1;
    if (task.status === 'cancelled') left.cancelled += 1 + tasks.length;
    return null;
  };

  const kept = trees.flatMap((tree) => keep(tree) ?? []);
  const keptKeys = new Map([...everySource(kept)].map((task) => [task.key, task]));
  const isAbove = (above: string, key: string): boolean => {
    for (let at = known.get(key)?.above ?? null; at !== null; at = known.get(at)?.above ?? null) if (at === above) return true;
    return false;
  };

  /** The edge as it holds here; null when it does not. */
  const edgeOf = (task: SourceTask, edge: SourceEdge): SourceEdge | null => {
    const target = known.get(edge.on)?.task;
    const drop = (why: string): null => {
      report.remark(task.place, `${nameOf(task)}: ${why}: the edge is left out`);
      return null;
    };
    if (edge.on === task.key) return drop('it waits for itself');
    if (target === undefined) return drop(`it waits for ${edge.on}, which is not there`);
    if (isAbove(task.key, edge.on)) return null;
    if (isAbove(edge.on, task.key)) return drop(`it waits for ${edge.on}, which it is a part of`);
    const there = keptKeys.get(edge.on);
    if (there === undefined && target.status === 'cancelled') return drop(`it waits for ${edge.on}, which is cancelled`);
    if (there === undefined) return null;
    if (task.status === 'done' && there.status !== 'done') return drop(`it is done, though ${edge.on} is not`);
    return edge;
  };

  const connect = (task: SourceTask): SourceTask => {
    const edges = new Map(task.dependsOn.flatMap((edge) => (edgeOf(task, edge) === null ? [] : [[edge.on, edge] as const])));
    if (edges.size > limits.dependencies)
      report.fault(task.place, `${nameOf(task)} waits for ${edges.size} tasks: at most ${limits.dependencies}`);
    return { ...task, dependsOn: [...edges.values()], tasks: task.tasks.map(connect) };
  };

  const connected = report.faults.length > 0 ? kept : kept.map(connect);
  const circle = report.faults.length > 0 ? null : circleIn(connected);
  const [first] = circle ?? [];
  if (circle !== null && first !== undefined)
    report.fault(first.place, `tasks would wait for each other: ${[...circle, first].map(({ key }) => key).join(' waits for ')}`);
  return { trees: connected.flatMap((tree) => split(tree, report)), ...left };
}

/** A tree that is too large becomes one tree for each of its parts, if it is only a list. */
function split(tree: SourceTask, report: Report): readonly SourceTask[] {
  const size = [...everySource([tree])].length;
  if (size <= limits.treeTasks) return [tree];
  if (tree.status === 'group') {
    report.remark(tree.place, `${nameOf(tree)} has ${size} tasks, a tree at most ${limits.treeTasks}: each part becomes a tree of its own`);
    return tree.tasks.flatMap((part) => split(part, report));
  }
  report.fault(tree.place, `${nameOf(tree)} has ${size} tasks in its tree: at most ${limits.treeTasks}; divide it in the source`);
  return [];
}
