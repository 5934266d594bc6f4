import { laneOf, lanes } from '../lanes.ts';
import { asks } from '../row.ts';
import type { Lane } from '../lanes.ts';
import type { Route } from '../route.ts';
import type { Row } from '../row.ts';

/** The board, worked out from the tasks: a swimlane per plan, and in it the lanes. */

export interface Swimlane {
  /** The root, when the page holds it. */
  readonly root: Row | null;
  readonly rootId: string;
  readonly cells: Readonly<Record<Lane, readonly Row[]>>;
  /** Of the tasks below the root, whatever is filtered out. */
  readonly done: number;
  readonly total: number;
}

export interface Board {
  /** Plans of several tasks, newest first. */
  readonly plans: readonly Swimlane[];
  /** Tasks that are a plan of their own; null when there are none. */
  readonly singles: Swimlane | null;
  /** Of what is shown. */
  readonly counts: Readonly<Record<Lane, number>>;
  /** Tasks that wait for a person, whatever is filtered out. */
  readonly questions: readonly Row[];
}

export type BoardFilter = Pick<Route, 'plan' | 'text' | 'ready' | 'hideBlocked' | 'hideDone' | 'specialists'>;

/** Whether the filters let a task through. */
export function passes(row: Row, filter: BoardFilter): boolean {
  const lane = laneOf(row);
  if (filter.plan !== null && row.rootId !== filter.plan) return false;
  if (filter.ready && lane !== 'ready') return false;
  if (filter.hideBlocked && lane === 'waiting' && !asks(row)) return false;
  if (filter.hideDone && lane === 'done') return false;
  if (filter.specialists.length > 0 && !filter.specialists.includes(row.specialist)) return false;
  return matches(row, filter.text);
}

/** Whether the text stands in the title, a tag or the id. */
export function matches(row: { readonly id: string; readonly title: string; readonly tags: readonly string[] }, text: string): boolean {
  if (text === '') return true;
  const sought = text.toLowerCase();
  return row.title.toLowerCase().includes(sought) || row.id.includes(sought) || row.tags.some((tag) => tag.toLowerCase().includes(sought));
}

const byUrgency = (one: Row, other: Row): number =>
  other.priority - one.priority ||
  (one.createdAt < other.createdAt ? -1 : Number(one.createdAt > other.createdAt)) ||
  one.position - other.position;
const byRecency = (one: Row, other: Row): number => (one.updatedAt < other.updatedAt ? 1 : -1);

const sorts: Readonly<Record<Lane, (one: Row, other: Row) => number>> = {
  ready: byUrgency,
  waiting: byUrgency,
  running: byUrgency,
  done: byRecency,
  failed: byRecency,
};

class Building {
  readonly cells: Record<Lane, Row[]> = { ready: [], waiting: [], running: [], done: [], failed: [] };
  root: Row | null = null;
  done = 0;
  total = 0;

  add(row: Row, isShown: boolean, isCounted: boolean): void {
    const lane = laneOf(row);
    if (isCounted) this.total += 1;
    if (isCounted && lane === 'done') this.done += 1;
    if (isShown) this.cells[lane].push(row);
  }

  get isEmpty(): boolean {
    return lanes.every((lane) => this.cells[lane].length === 0);
  }

  built(rootId: string): Swimlane {
    for (const lane of lanes) this.cells[lane].sort(sorts[lane]);
    const { root, cells, done, total } = this;
    return { root, rootId, cells, done, total };
  }
}

export function boardOf(rows: Iterable<Row>, filter: BoardFilter): Board {
  const byRoot = new Map<string, Row[]>();
  const questions: Row[] = [];
  for (const row of rows) {
    const tree = byRoot.get(row.rootId);
    if (tree === undefined) byRoot.set(row.rootId, [row]);
    else tree.push(row);
    if (asks(row)) questions.push(row);
  }
  const singles = new Building();
  const plans: Swimlane[] = [];
  for (const [rootId, tree] of byRoot) {
    const [only] = tree;
    const isSingle = tree.length === 1 && only?.id === rootId;
    const building = isSingle ? singles : new Building();
    for (const row of tree) {
      const isHeading = row.id === rootId && !isSingle;
      if (isHeading) building.root = row;
      // A root that only waits for its tasks stands above them; when there is something to do with it, it is a card as well.
      if (isHeading && laneOf(row) === 'waiting') continue;
      building.add(row, passes(row, filter), !isHeading);
    }
    if (!isSingle && !building.isEmpty) plans.push(building.built(rootId));
  }
  plans.sort((one, other) => ((one.root?.createdAt ?? '') < (other.root?.createdAt ?? '') ? 1 : -1));
  singles.root = null;
  const own = singles.isEmpty ? null : singles.built('');
  const counts = { ready: 0, waiting: 0, running: 0, done: 0, failed: 0 };
  for (const { cells } of own === null ? plans : [...plans, own]) for (const lane of lanes) counts[lane] += cells[lane].length;
  questions.sort((one, other) => (one.updatedAt < other.updatedAt ? -1 : 1));
  return { plans, singles: own, counts, questions };
}
