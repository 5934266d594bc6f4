import { matches, passes } from '../board/board.ts';
import { laneOf } from '../lanes.ts';
import type { Lane } from '../lanes.ts';
import type { Route } from '../route.ts';
import type { Row } from '../row.ts';
import { isDescending, keyFor } from './keys.ts';
import type { SortKey } from './keys.ts';

export type ListQuery = Pick<Route, 'plan' | 'text' | 'ready' | 'hideBlocked' | 'hideDone' | 'specialists' | 'lanes' | 'archived' | 'sort'>;

/** What the list is worked out from. */
export interface ListInput {
  /** Tasks of the page's live view. */
  readonly rows: ReadonlyMap<string, Row>;
  /** Tasks that the service named for this very query, for what the page does not hold. */
  readonly found: ReadonlyMap<string, Row>;
  readonly query: ListQuery;
  /** Rows keep their places although something else should stand there by now. */
  readonly hold: boolean;
}

export interface Listing {
  readonly rows: readonly ListedRow[];
  /** Of what passes all filters but that of the lanes. */
  readonly lanes: Readonly<Record<Lane, number>>;
  readonly total: number;
  /** Places that would change if they were not held. */
  readonly pending: number;
}

interface ListedRow {
  readonly id: string;
  readonly row: Row;
  /** It does not belong here any more and stands here only because the places are held. */
  readonly isGone: boolean;
}

class Entry implements ListedRow {
  readonly id: string;
  row: Row;
  lane: Lane = 'ready';
  key: SortKey = '';
  /** Whether it passes everything but the filter of lanes. */
  isNear = false;
  isIn = false;
  round = 0;

  constructor(row: Row) {
    this.id = row.id;
    this.row = row;
  }

  get isGone(): boolean {
    return !this.isIn;
  }
}

/**
 * The rows of the list in their order, kept from one draw to the next. A draw looks at every row once, but works out only those that
 * changed, and merges those that belong elsewhere into the order of all others: sorting again is not needed for 10 draws per second.
 *
 * Places are held while a person points at the rows, has the focus in one, or has scrolled down to some: what they are about to press
 * must not move away. Contents go on changing, and the list says how many places are out of date. Whoever changes the filter or the
 * order gets the new order at once.
 */
export class ListOrder {
  readonly #entries = new Map<string, Entry>();
  /** Whose place is out of date. */
  readonly #moved = new Set<Entry>();
  #order: Entry[] = [];
  #lanes: Record<Lane, number> = noLanes();
  #query = '';
  #round = 0;

  update({ rows, found, query, hold }: ListInput): Listing {
    const asked = JSON.stringify(query);
    const isNew = asked !== this.#query;
    if (isNew) this.#clear(asked);
    this.#round += 1;
    this.#lanes = noLanes();
    const keyOf = keyFor(query.sort);
    for (const row of rows.values()) this.#take(row, query, keyOf, false);
    for (const row of found.values()) if (!rows.has(row.id)) this.#take(row, query, keyOf, true);
    this.#forget();
    if ((isNew || !hold) && this.#moved.size > 0) this.#merge(isDescending(query.sort) ? -1 : 1);
    return { rows: this.#order, lanes: this.#lanes, total: this.#entries.size, pending: this.#moved.size };
  }

  #clear(query: string): void {
    this.#query = query;
    this.#entries.clear();
    this.#moved.clear();
    this.#order = [];
  }

  #take(row: Row, query: ListQuery, keyOf: (row: Row) => SortKey, isFound: boolean): void {
    let entry = this.#entries.get(row.id);
    if (entry === undefined) {
      entry = new Entry(row);
      this.#entries.set(row.id, entry);
      this.#read(entry, query, keyOf, isFound);
      if (entry.isIn) this.#moved.add(entry);
    } else if (entry.row !== row) {
      const { key, isIn } = entry;
      entry.row = row;
      this.#read(entry, query, keyOf, isFound);
      if (isIn !== entry.isIn || (isIn && key !== entry.key)) this.#moved.add(entry);
    }
    entry.round = this.#round;
    if (entry.isNear) this.#lanes[entry.lane] += 1;
  }

  #read(entry: Entry, query: ListQuery, keyOf: (row: Row) => SortKey, isFound: boolean): void {
    const { row } = entry;
    entry.lane = laneOf(row);
    // What the service found has the text in places that the page does not know, and may be archived.
    entry.isNear =
      passes(row, { ...query, text: '' }) && (isFound || matches(row, query.text)) && (row.status !== 'archived' || query.archived);
    entry.isIn = entry.isNear && (query.lanes.length === 0 || query.lanes.includes(entry.lane));
    entry.key = keyOf(row);
  }

  /** What is not held by the page any more. */
  #forget(): void {
    for (const entry of this.#entries.values()) {
      if (entry.round === this.#round) continue;
      this.#entries.delete(entry.id);
      if (entry.isIn) this.#moved.add(entry);
      entry.isIn = false;
    }
  }

  #merge(direction: 1 | -1): void {
    const compare = (one: Entry, other: Entry): number => {
      if (one.key !== other.key) return one.key < other.key ? -direction : direction;
      return one.id < other.id ? -1 : 1;
    };
    const stayed = this.#order.filter((entry) => !this.#moved.has(entry));
    const moved = [...this.#moved].filter(({ isIn }) => isIn).sort(compare);
    this.#moved.clear();
    this.#order = merged(stayed, moved, compare);
  }
}

const noLanes = (): Record<Lane, number> => ({ ready: 0, waiting: 0, running: 0, done: 0, failed: 0 });

/** Two sorted lists as one. */
function merged<T>(one: readonly T[], other: readonly T[], compare: (a: T, b: T) => number): T[] {
  if (other.length === 0) return [...one];
  const all: T[] = [];
  let at = 0;
  for (const item of other) {
    for (let next = one[at]; next !== undefined && compare(next, item) < 0; next = one[at]) {
      all.push(next);
      at += 1;
    }
    all.push(item);
  }
  return all.concat(one.slice(at));
}
