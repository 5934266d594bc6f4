import type { TaskId } from '../ids.ts';
import type { DependencyInput } from '../protocol/methods/given.ts';
import { parseTime } from '../clock.ts';
import type { PlannedTaskInput } from '../protocol/methods/given.ts';
import { levelsOf } from '../machines/graph.ts';
import type { Task } from '../protocol/task.ts';
import { everySource } from './arrange.ts';
import { makesOf } from './makes.ts';
import type { Make } from './makes.ts';
import type { Report } from './report.ts';
import type { SourceEdge, SourceTask } from './source.ts';

/** What must be done so that the service has what the source has. */

export const comparedFields = [
  'id',
  'rev',
  'status',
  'title',
  'description',
  'complexity',
  'priority',
  'tags',
  'acceptance',
  'estimatedEffort',
  'dueAt',
  'dependsOn',
] as const satisfies readonly (keyof Task)[];

export type Existing = Pick<Task, (typeof comparedFields)[number]>;

interface Edit {
  readonly task: SourceTask;
  readonly existing: Existing;
  readonly set: Readonly<Record<string, unknown>>;
}

export interface Steps {
  readonly makes: readonly Make[];
  readonly edits: readonly Edit[];
  /** Between tasks that are there, or that could not be made in the right order. */
  readonly edges: readonly { readonly task: SourceTask; readonly edge: SourceEdge }[];
  readonly completions: readonly SourceTask[];
  /** Tasks that are there as the source has them. */
  readonly unchanged: number;
}

const compared = ['title', 'description', 'complexity', 'priority', 'tags', 'acceptance', 'estimatedEffort'] as const;

/** The members that the source says otherwise. What it does not say is not touched. */
function differences({ given }: SourceTask, existing: Existing): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  for (const member of compared) {
    const said = given[member];
    if (said !== undefined && JSON.stringify(said) !== JSON.stringify(existing[member])) set[member] = said;
  }
  if (given.dueAt !== undefined && parseTime(given.dueAt) !== parseTime(existing.dueAt ?? '')) set['dueAt'] = given.dueAt;
  return set;
}

const open: ReadonlySet<string> = new Set(['pending', 'in_progress', 'blocked']);

export interface ReconcileOptions {
  readonly update: boolean;
  readonly done: boolean;
}

export function reconcile(
  trees: readonly SourceTask[],
  existing: ReadonlyMap<string, Existing>,
  { update, done }: ReconcileOptions,
  report: Report,
): Steps {
  const edits: Edit[] = [];
  const edges: Steps['edges'][number][] = [];
  const completions: SourceTask[] = [];
  let unchanged = 0;
  for (const task of everySource(trees)) {
    const there = existing.get(task.key);
    if (task.status === 'done' && (there === undefined || there.status === 'pending')) completions.push(task);
    if (there === undefined) continue;
    const set = differences(task, there);
    const isChanged = Object.keys(set).length > 0;
    const words = `${there.id} differs in ${Object.keys(set).join(', ')}`;
    if (isChanged && update && open.has(there.status)) edits.push({ task, existing: there, set });
    else if (isChanged)
      report.remark(task.place, update ? `${words}, but is ${there.status}: it stays` : `${words}: --update takes that over`);
    const missing = task.dependsOn.filter(({ on }) => {
      const target = existing.get(on);
      return target === undefined || !there.dependsOn.some(({ taskId }) => taskId === target.id);
    });
    if (open.has(there.status) && missing.length > 0 && update) edges.push(...missing.map((edge) => ({ task, edge })));
    else if (open.has(there.status) && missing.length > 0)
      report.remark(task.place, `${there.id} does not wait for ${missing.map(({ on }) => on).join(', ')}: --update takes that over`);
    if (!isChanged && missing.length === 0) unchanged += 1;
  }
  const { makes, later } = makesOf(trees, new Set(existing.keys()));
  edges.push(...later);
  return { makes, edits, edges, completions: done ? inOrder(completions) : [], unchanged };
}

/** Children before their parents, and what is waited for before who waits. */
function inOrder(tasks: readonly SourceTask[]): readonly SourceTask[] {
  const ids = new Map<string, TaskId>(tasks.map(({ key }, index) => [key, `t_${index}`]));
  const levels = levelsOf(
    tasks.map(({ key, dependsOn, tasks: children }) => ({
      id: ids.get(key) ?? 't_',
      waitsFor: [...dependsOn.map(({ on }) => on), ...children.map((child) => child.key)].flatMap((on) => ids.get(on) ?? []),
    })),
  );
  return levels.flat().flatMap((id) => tasks[Number(id.slice(2))] ?? []);
}

export interface Planned {
  readonly input: PlannedTaskInput;
  /** The keys of the tasks below the top one by their `ref`. */
  readonly refs: ReadonlyMap<string, string>;
}

/** What `task.plan` is sent, once it is known which ids the tasks before have got. */
export function plannedOf({ task, edges }: Make, ids: ReadonlyMap<string, TaskId>): Planned {
  const refs = new Map([...everySource([task])].map(({ key }, index) => [key, `n${index}`]));
  const top = refs.get(task.key);
  const inputOf = (one: SourceTask): PlannedTaskInput => {
    const dependsOn = (edges.get(one.key) ?? []).flatMap(({ on, ...how }) => {
      const target = refs.get(on) ?? ids.get(on);
      return target === undefined ? [] : [{ task: target, ...how } satisfies DependencyInputGiven];
    });
    const ref = refs.get(one.key);
    // What is done was reviewed where it was done, if at all.
    const { review, ...given } = one.given;
    return {
      ...given,
      ...(review !== undefined && one.status !== 'done' && { review }),
      ...(one.status === 'group' && { rollUp: 'auto' as const }),
      externalId: one.externalId,
      ...(ref !== undefined && ref !== top && { ref }),
      dependsOn,
      tasks: one.tasks.map(inputOf),
    };
  };
  return { input: inputOf(task), refs: new Map([...refs].flatMap(([key, ref]) => (ref === top ? [] : [[ref, key]]))) };
}

type DependencyInputGiven = Omit<Extract<DependencyInput, object>, 'kind' | 'mandatory' | 'artifactType'> & Omit<SourceEdge, 'on'>;
