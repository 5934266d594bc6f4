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

/**
 * What of the piece can be made now; the rest become pieces of their own. Null when its top task can't. Between trees only a new task can
 * be given an edge, so whoever waits is made after what it waits for.
 */
function possible(piece: Piece, made: ReadonlySet<string>): { readonly now: Piece; readonly rest: readonly Piece[] } | null {
  const rest: Piece[] = [];
  let { task } = piece;
  for (;;) {
    const keys = new Set([...everySource([task])].map(({ key }) => key));
    const isEarly = ({ dependsOn }: SourceTask): boolean => dependsOn.some(({ on }) => !keys.has(on) && !made.has(on));
    if (isEarly(task)) return null;
    const before = rest.length;
    const prune = (one: SourceTask): SourceTask => ({
      ...one,
      tasks: one.tasks.flatMap((child) => {
        if (!isEarly(child)) return [prune(child)];
        rest.push({ task: child, above: one.key });
        return [];
      }),
    });
    task = prune(task);
    if (rest.length === before) return { now: { ...piece, task }, rest };
  }
}

interface Made {
  readonly makes: readonly Make[];
  /** What only a circle of edges that hold nobody back leaves over. */
  readonly later: readonly { readonly task: SourceTask; readonly edge: SourceEdge }[];
}

export function makesOf(trees: readonly SourceTask[], existing: ReadonlySet<string>): Made {
  const made = new Set(existing);
  const makes: Make[] = [];
  const later: Made['later'][number][] = [];
  const make = (piece: Piece): void => {
    const tasks = [...everySource([piece.task])];
    for (const { key } of tasks) made.add(key);
    const isMade = ({ on }: SourceEdge): boolean => made.has(on);
    later.push(...tasks.flatMap((task) => task.dependsOn.filter((edge) => !isMade(edge)).map((edge) => ({ task, edge }))));
    makes.push({ ...piece, edges: new Map(tasks.map(({ key, dependsOn }) => [key, dependsOn.filter(isMade)])) });
  };
  let waiting = piecesOf(trees, existing);
  // Whole pieces as long as there are any, then one that is cut, then one that leaves an edge out.
  while (waiting.length > 0) {
    const rest: Piece[] = [];
    for (const piece of waiting) {
      const cut = isPlaced(piece, made) ? possible(piece, made) : null;
      if (cut?.rest.length === 0) make(piece);
      else rest.push(piece);
    }
    if (rest.length < waiting.length) waiting = rest;
    else waiting = makeOne(rest, made, make);
  }
  return { makes, later };
}

const isPlaced = ({ above }: Piece, made: ReadonlySet<string>): boolean => above === null || made.has(above);

function makeOne(pieces: readonly Piece[], made: ReadonlySet<string>, make: (piece: Piece) => void): Piece[] {
  for (const piece of pieces) {
    const cut = isPlaced(piece, made) ? possible(piece, made) : null;
    if (cut === null) continue;
    make(cut.now);
    return [...pieces.filter((one) => one !== piece), ...cut.rest];
  }
  const first = pieces.find((piece) => isPlaced(piece, made));
  if (first === undefined) throw new RangeError('a piece whose parent nobody makes');
  make(first);
  return pieces.filter((one) => one !== first);
}
