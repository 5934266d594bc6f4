import { laneOf } from '../lanes.ts';
import { childrenOf } from '../row.ts';
import { statusText } from './standing.ts';
import type { Task } from '../../protocol/task.ts';
import type { Row } from '../row.ts';

/** The tasks around a task. */

interface Other {
  readonly id: Task['id'];
  readonly lane: string;
  readonly words: string;
  readonly reason: string;
  /** The ancestors that an edge is inherited from. */
  readonly via: readonly string[];
  /** Whether the edge was given to the task itself, and so can be changed at it. */
  readonly isDirect: boolean;
  readonly isWaived: boolean;
}

interface Group {
  readonly title: string;
  readonly about: string;
  readonly items: readonly Other[];
  /** How many there are that the page does not hold. */
  readonly absent: number;
}

type Edge = Task['dependsOn'][number];

const edgeLane = ({ status, waived }: Edge): string =>
  waived || status === 'satisfied' ? 'done' : status === 'failed' ? 'failed' : 'waiting';

const edgeOf = (edge: Edge): Other => ({
  id: edge.taskId,
  lane: edgeLane(edge),
  words: [
    edge.waived ? 'waived' : edge.status,
    ...(edge.kind === 'completion' ? [] : [edge.kind]),
    ...(edge.mandatory ? [] : ['only mentioned']),
  ].join(', '),
  reason: edge.reason ?? '',
  via: edge.direct ? [] : edge.via,
  isDirect: edge.direct,
  isWaived: edge.waived,
});

const taskOf = (row: Row): Other => ({
  id: row.id,
  lane: laneOf(row),
  words: statusText(row.status),
  reason: '',
  via: [],
  isDirect: false,
  isWaived: false,
});

/** What it waits for, what waits for it, and its children, as far as the page holds them; only what there is. */
export function groupsOf(task: Task, rows: ReadonlyMap<string, Row>): Group[] {
  const total = childrenOf(task);
  const [children, down]: [Row[], Row[]] = [[], []];
  if (total + task.dependents > 0)
    for (const row of rows.values()) {
      if (row.parentId === task.id) children.push(row);
      if (row.dependsOn.some(({ taskId, direct }) => direct && taskId === task.id)) down.push(row);
    }
  children.sort((one, other) => one.position - other.position);
  const groups: Group[] = [
    { title: 'Waits for', about: String(task.dependsOn.length), items: task.dependsOn.map(edgeOf), absent: 0 },
    { title: 'Unblocks', about: String(task.dependents), items: down.map(taskOf), absent: task.dependents - down.length },
    {
      title: 'Children',
      about: `${task.children.completed} of ${total} done`,
      items: children.map(taskOf),
      absent: total - children.length,
    },
  ];
  return groups.filter(({ items, absent }) => items.length + absent > 0);
}
