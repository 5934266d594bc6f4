import { refusalOf } from '../refusal.ts';
import type { TroupeError } from '../../errors.ts';
import type { Row } from '../row.ts';

/** Something done with many tasks at once: which of them, in which order, and what became of each. */

export const actions = {
  retry: { title: 'Retry', event: 'RETRY', doing: 'Retrying', done: 'tried again' },
  cancel: { title: 'Cancel', event: 'CANCEL', doing: 'Cancelling', done: 'cancelled' },
  archive: { title: 'Archive', event: 'ARCHIVE', doing: 'Archiving', done: 'archived' },
} as const;
export type Action = keyof typeof actions;

/** Who waits for whom: parents take what is below them along, children make room for their parents, or nobody waits. */
export type Course = 'parents first' | 'children first' | 'any';

export const courseOf = (action: Action, withChildren: boolean): Course => {
  if (action === 'retry') return 'any';
  return action === 'archive' || withChildren ? 'parents first' : 'children first';
};

/** Those that accept the action now. */
export const acceptingOf = (rows: readonly Row[], action: Action): Row[] =>
  rows.filter(({ allowed }) => allowed.includes(actions[action].event));

export interface PlanShare {
  readonly rootId: string;
  readonly count: number;
}

/** The plans that the tasks are of, the most concerned first. */
export function plansOf(rows: readonly Row[]): PlanShare[] {
  const counts = new Map<string, number>();
  for (const { rootId } of rows) counts.set(rootId, (counts.get(rootId) ?? 0) + 1);
  return [...counts].map(([rootId, count]) => ({ rootId, count })).sort((one, other) => other.count - one.count);
}

type ParentOf = (id: string) => string | null | undefined;

const mostLevels = 64;

function ancestorsOf(row: Row, parentOf: ParentOf): string[] {
  // Of a parent that the page does not hold at least the root is known.
  const ids: string[] = row.rootId === row.id ? [] : [row.rootId];
  let id: string | null | undefined = row.parentId;
  for (let level = 0; id != null && level < mostLevels; level += 1) {
    ids.push(id);
    id = parentOf(id);
  }
  return ids;
}

/** What can be sent now, of what is left. At least one, when there is any. */
export function waveOf(left: ReadonlyMap<string, Row>, course: Course, parentOf: ParentOf): Row[] {
  const rows = [...left.values()];
  if (course === 'any') return rows;
  if (course === 'parents first') {
    return rows.filter((row) => !ancestorsOf(row, parentOf).some((id) => left.has(id)));
  }
  const above = new Set(rows.flatMap((row) => ancestorsOf(row, parentOf)));
  return rows.filter(({ id }) => !above.has(id));
}

interface Refused {
  readonly row: Row;
  readonly error: TroupeError;
}

export interface Progress {
  readonly total: number;
  /** Of the tasks that were meant; also those that went along with one above them. Grows on. */
  readonly done: ReadonlySet<string>;
  readonly refused: readonly Refused[];
}

export interface Run {
  readonly rows: readonly Row[];
  readonly course: Course;
  readonly parentOf: ParentOf;
  /** Sends one command; answers the ids of every task that it moved. */
  send(row: Row, signal: AbortSignal): Promise<readonly string[]>;
  /** Nothing more is sent once it aborts; what is on its way is withdrawn. */
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
}

/** Commands on their way at a time. */
const concurrency = 8;

/** Sends one command per task and resolves when all are answered or the run was stopped. Never rejects. */
export async function runAll({ rows, course, parentOf, send, signal, onProgress }: Run): Promise<Progress> {
  const left = new Map<string, Row>(rows.map((row) => [row.id, row]));
  let refused: readonly Refused[] = [];
  const known = new Set(left.keys());
  const done = new Set<string>();
  const progress = (): Progress => ({ total: known.size, done, refused });
  const sendOne = async (row: Row): Promise<void> => {
    try {
      for (const id of [row.id, ...(await send(row, signal))]) {
        left.delete(id);
        if (known.has(id)) done.add(id);
      }
    } catch (error) {
      // Withdrawn: nobody knows, and the row itself will show it.
      if (signal.aborted) return;
      left.delete(row.id);
      refused = [...refused, { row, error: refusalOf(error) }];
    }
    onProgress(progress());
  };
  while (left.size > 0 && !signal.aborted) {
    const wave = waveOf(left, course, parentOf);
    const worker = async (): Promise<void> => {
      for (let row = wave.shift(); row !== undefined && !signal.aborted; row = wave.shift()) await sendOne(row);
    };
    if (wave.length === 0) break;
    await Promise.all(Array.from({ length: concurrency }, worker));
  }
  return progress();
}
