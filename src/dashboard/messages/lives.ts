import type { Message } from './sequence.ts';

/** A task while it takes part, from one row to another, in a column that is nobody else's meanwhile. Outside (null) lives all the time. */
export interface Life {
  readonly who: string | null;
  readonly first: number;
  readonly last: number;
  readonly column: number;
}

export interface Sequence {
  readonly messages: readonly Message[];
  readonly lives: readonly Life[];
  /** Of every message, whose lives it goes from and to. */
  readonly ends: readonly (readonly [from: Life, to: Life])[];
  readonly columns: number;
}

/** Who is silent for so many rows leaves its column to others and comes again later: so a plan of a thousand tasks stays narrow. */
const silence = 24;

type Living = { -readonly [K in keyof Life]: Life[K] };

export function sequenceOf(messages: readonly Message[]): Sequence {
  const lives: Living[] = [];
  const newest = new Map<string | null, Living>();
  if (messages.some(({ source }) => source === null)) {
    const outside = { who: null, first: 0, last: messages.length - 1, column: 0 };
    lives.push(outside);
    newest.set(null, outside);
  }
  const lifeAt = (who: string | null, row: number): Living => {
    const known = newest.get(who);
    if (known !== undefined && row - known.last <= silence) {
      known.last = Math.max(known.last, row);
      return known;
    }
    const life = { who, first: row, last: row, column: 0 };
    lives.push(life);
    newest.set(who, life);
    return life;
  };
  const ends = messages.map(({ source, target }, row) => [lifeAt(source, row), lifeAt(target, row)] as const);
  /** Until which row a column is taken. */
  const taken: number[] = [];
  for (const life of lives) {
    const free = taken.findIndex((until) => until < life.first);
    life.column = free === -1 ? taken.length : free;
    taken[life.column] = life.last;
  }
  return { messages, lives, ends, columns: taken.length };
}
