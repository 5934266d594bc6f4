import { laneOf } from '../lanes.ts';
import type { Row } from '../row.ts';

/** What waits for what in a plan, as it is drawn: from what is done first to what is done later. */

export type EdgeKind =
  /** The later task depends on the earlier one. */
  | 'needs'
  /** A parent waits for its child. */
  | 'child'
  /** The later task waits because an ancestor of it does; it is not drawn, but keeps the task behind what it waits for. */
  | 'inherits'
  /** What stands between is hidden. */
  | 'through';

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** It does not hold the later task back: optional, or waived. */
  readonly isLoose: boolean;
}

export interface PlanGraph {
  /** In the order of the plan: a parent, then its children. */
  readonly ids: readonly string[];
  readonly edges: readonly Edge[];
}

type Member = Pick<Row, 'id' | 'rootId' | 'parentId' | 'position' | 'dependsOn'>;

/** The tasks of a plan. */
export function rowsOfPlan<R extends Pick<Row, 'rootId'>>(rows: Iterable<R>, plan: string): R[] {
  const found: R[] = [];
  for (const row of rows) if (row.rootId === plan) found.push(row);
  return found;
}

export function graphOf(rows: readonly Member[]): PlanGraph {
  const known = new Map(rows.map((row) => [row.id, row]));
  const inOrder = inTreeOrder(rows, known);
  const edges: Edge[] = [];
  const touched = new Set<string>();
  /** Awaited by a sibling: their parent waits for it anyway. */
  const passedOn = new Set<string>();
  for (const { id, parentId, dependsOn } of inOrder) {
    for (const { taskId, direct, mandatory, waived } of dependsOn) {
      const awaited = known.get(taskId);
      if (awaited === undefined || taskId === id) continue;
      edges.push({ from: taskId, to: id, kind: direct ? 'needs' : 'inherits', isLoose: !mandatory || waived });
      touched.add(taskId).add(id);
      if (direct && awaited.parentId === parentId) passedOn.add(taskId);
    }
  }
  const parents = new Set(inOrder.map(({ parentId }) => parentId));
  for (const { id, rootId, parentId } of inOrder) {
    if (parentId === null || !known.has(parentId) || passedOn.has(id)) continue;
    // A task that only the whole plan waits for stands by itself.
    if (parentId === rootId && !touched.has(id) && !parents.has(id)) continue;
    edges.push({ from: id, to: parentId, kind: 'child', isLoose: false });
  }
  return { ids: inOrder.map(({ id }) => id), edges };
}

function inTreeOrder(rows: readonly Member[], known: ReadonlyMap<string, Member>): Member[] {
  const below = new Map<string, Member[]>();
  for (const row of rows) {
    const parent = row.parentId !== null && known.has(row.parentId) ? row.parentId : '';
    const siblings = below.get(parent);
    if (siblings === undefined) below.set(parent, [row]);
    else siblings.push(row);
  }
  for (const siblings of below.values()) siblings.sort((one, other) => one.position - other.position || (one.id < other.id ? -1 : 1));
  const inOrder: Member[] = [];
  const next = (below.get('') ?? []).toReversed();
  for (let row = next.pop(); row !== undefined; row = next.pop()) {
    inOrder.push(row);
    next.push(...(below.get(row.id) ?? []).toReversed());
  }
  return inOrder;
}

/** The graph without what is done. Whatever was connected through it still is. */
export function withoutDone({ ids, edges }: PlanGraph, isDone: (id: string) => boolean): PlanGraph {
  const kept = ids.filter((id) => !isDone(id));
  const into = new Map<string, Edge[]>();
  for (const edge of edges) {
    const those = into.get(edge.to);
    if (those === undefined) into.set(edge.to, [edge]);
    else those.push(edge);
  }
  const shown: Edge[] = [];
  for (const to of kept) {
    const direct = (into.get(to) ?? []).filter(({ from }) => !isDone(from));
    shown.push(...direct);
    const seen = new Set(direct.filter(({ kind }) => kind !== 'inherits').map(({ from }) => from));
    const through = (into.get(to) ?? []).filter(({ from, kind }) => isDone(from) && kind !== 'inherits');
    for (let edge = through.pop(); edge !== undefined; edge = through.pop()) {
      if (seen.has(edge.from)) continue;
      seen.add(edge.from);
      if (isDone(edge.from)) through.push(...(into.get(edge.from) ?? []).filter(({ kind }) => kind !== 'inherits'));
      else shown.push({ from: edge.from, to, kind: 'through', isLoose: true });
    }
  }
  return { ids: kept, edges: shown };
}

/** Equal for graphs that are drawn alike, whatever states their tasks are in. */
export const shapeOf = ({ ids, edges }: PlanGraph): string =>
  `${ids.join(' ')}|${edges.map(({ from, to, kind, isLoose }) => `${from} ${to} ${kind}${isLoose ? '?' : ''}`).join(',')}`;

export const isDone = (row: Pick<Row, 'status' | 'ready'> | undefined): boolean => row !== undefined && laneOf(row) === 'done';
