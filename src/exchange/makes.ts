import { everySource } from './arrange.ts';
import type { SourceEdge, SourceTask } from './source.ts';

/** Trees, cut into pieces that a message can carry and put into an order in which what is waited for comes first. */

export interface Make {
  /** With those below it that are made in the same unit. */
  readonly task: SourceTask;
  /** The key of the task that it is made below; null for a tree of its own. */
  readonly above: string | null;
  /** The edges that can be made with it, by the key of who waits. */
  readonly edges: ReadonlyMap<string, readonly SourceEdge[]>;
}

/** A message has 256 KiB at least and 32 levels, of which a task takes two. */
const roomBytes = 180_000;
const roomLevels = 8;

const encoder = new TextEncoder();

type Piece = Omit<Make, 'edges'>;

function piecesOf(trees: readonly SourceTask[], existing: ReadonlySet<string>): Piece[] {
  const pieces: Piece[] = [];
  const waiting: { readonly task: SourceTask; readonly above: string | null }[] = trees.map((task) => ({ task, above: null }));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    let room = roomBytes;
    const take = (task: SourceTask, depth: number): SourceTask => {
      room -= bytesOf(task);
      const tasks: SourceTask[] = [];
      for (const child of task.tasks) {
        if (existing.has(child.key) || depth === roomLevels || room < bytesOf(child)) waiting.push({ task: child, above: task.key });
        else tasks.push(take(child, depth + 1));
      }
      return { ...task, tasks };
    };
    const { task, above } = next;
    if (existing.has(task.key)) waiting.push(...task.tasks.map((child) => ({ task: child, above: task.key })));
    else pieces.push({ task: take(task, 1), above });
  }
  return pieces;
}

const bytesOf = ({ given, externalId, dependsOn }: SourceTask): number =>
  encoder.encode(JSON.stringify(given)).length + externalId.length * 3 + dependsOn.length * 100 + 200;

export function makesOf(
  trees: readonly SourceTask[],
  existing: ReadonlySet<string>,
): { readonly makes: readonly Make[]; readonly later: readonly { readonly task: SourceTask; readonly edge: SourceEdge }[] } {
  let waiting = piecesOf(trees, existing).map((piece) => {
    const tasks = [...everySource([piece.task])];
    return { piece, tasks, keys: new Set(tasks.map(({ key }) => key)) };
  });
  const made = new Set(existing);
  const makes: Make[] = [];
  const later: { readonly task: SourceTask; readonly edge: SourceEdge }[] = [];
  while (waiting.length > 0) {
    const before = makes.length;
    const rest: typeof waiting = [];
    const make = ({ piece, tasks, keys }: (typeof waiting)[number]): void => {
      const edges = new Map<string, readonly SourceEdge[]>();
      for (const task of tasks) {
        const isKnown = ({ on }: SourceEdge): boolean => keys.has(on) || made.has(on);
        edges.set(task.key, task.dependsOn.filter(isKnown));
        later.push(...task.dependsOn.filter((edge) => !isKnown(edge)).map((edge) => ({ task, edge })));
      }
      for (const key of keys) made.add(key);
      makes.push({ ...piece, edges });
    };
    for (const one of waiting) {
      const { piece, tasks, keys } = one;
      const isThere = piece.above === null || made.has(piece.above);
      if (isThere && tasks.every(({ dependsOn }) => dependsOn.every(({ on }) => keys.has(on) || made.has(on)))) make(one);
      else rest.push(one);
    }
    // Two trees that wait for parts of each other: one of them goes first, and its edge comes behind.
    const first = makes.length > before ? undefined : rest.find(({ piece: { above } }) => above === null || made.has(above));
    if (first !== undefined) make(first);
    else if (makes.length === before) throw new RangeError('a piece whose parent nobody makes');
    waiting = rest.filter((one) => one !== first);
  }
  return { makes, later };
}
