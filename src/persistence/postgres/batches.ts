import type { TroupeError } from '../../errors.ts';
import type { ActorId } from '../../ids.ts';
import type { CommitOutcome, Unit } from '../store.ts';
import type { Prepared } from './prepared.ts';

/** Why a group of a batch was not applied. */
export type Lost =
  | { readonly kind: 'conflict'; readonly ids: ReadonlySet<ActorId> }
  | { readonly kind: 'refused'; readonly error: TroupeError; readonly unit: Staged };

/** What became of a batch: for each group why it was lost, or null; and the place of each unit that was applied. */
export interface Flown {
  readonly lost: readonly (Lost | null)[];
  readonly positionOf: (unit: Staged) => string;
}

/** A unit on its way, as the batches see it. */
export interface Staged {
  readonly unit: Unit;
  readonly prepared: Prepared;
  /** Its place among all units. */
  readonly order: number;
  /** Units on their way that it was built on. */
  readonly bases: ReadonlySet<Staged>;
  readonly settle: (outcome: CommitOutcome) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatchesOptions {
  /** Batches on their way at the same time; their rows are disjoint. */
  readonly flights: number;
  readonly maxBatchBytes: number;
  readonly maxBatchUnits: number;
  /** Commits groups, each all or nothing. A rejection means that it is not known what became of any. */
  readonly fly: (groups: readonly (readonly Staged[])[]) => Promise<Flown>;
}

const onNothing: ReadonlySet<Staged> = new Set();

const idsOf = ({ writes, checks }: Unit): ActorId[] => [...writes.map(({ record }) => record.id), ...checks.map(({ id }) => id)];

/**
 * Gathers units into batches. A unit may be built on one that is still on its way: in the same batch they are one group, and otherwise it
 * waits until the other has landed. When that one is lost it is lost too, whatever revision the row has by then: another node's may
 * have the same number.
 */
export class Batches {
  readonly #options: BatchesOptions;
  /** The unit on its way that will be an actor's newest revision. */
  readonly #heads = new Map<ActorId, { readonly by: Staged; readonly rev: number }>();
  #waiting: Staged[] = [];
  readonly #flying = new Set<readonly Staged[]>();
  #scheduled = false;
  #staged = 0;
  #idle: (() => void)[] = [];

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  commit(prepared: Prepared): Promise<CommitOutcome> {
    const { unit } = prepared;
    let bases = onNothing;
    const conflicts: ActorId[] = [];
    const standsOn = (id: ActorId, rev: number): void => {
      const head = this.#heads.get(id);
      if (head === undefined) return;
      if (head.rev === rev) bases = new Set(bases).add(head.by);
      else if (!conflicts.includes(id)) conflicts.push(id);
    };
    for (const { id, rev } of unit.checks) standsOn(id, rev);
    for (const { expectedRev, record } of unit.writes) standsOn(record.id, expectedRev);
    if (conflicts.length > 0) return Promise.resolve({ status: 'conflict', ids: conflicts });
    return new Promise((resolve, reject) => {
      const staged: Staged = {
        unit,
        prepared,
        order: this.#staged++,
        bases,
        settle: (outcome) => this.#end(staged, () => resolve(outcome)),
        reject: (error) => this.#end(staged, () => reject(error instanceof Error ? error : new Error(String(error)))),
      };
      for (const { record } of unit.writes) this.#heads.set(record.id, { by: staged, rev: record.rev });
      this.#waiting.push(staged);
      this.#schedule();
    });
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    if (this.#waiting.length === 0 && this.#flying.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #end({ unit }: Staged, tell: () => void): void {
    for (const { record } of unit.writes) if (this.#heads.get(record.id)?.by.unit === unit) this.#heads.delete(record.id);
    tell();
  }

  /** Whatever arrives in the same turn of the event loop goes together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#flying.size < this.#options.flights && this.#depart());
    });
  }

  /** Sends the next batch; false when there is nothing to send. */
  #depart(): boolean {
    const batch = this.#take();
    if (batch.length === 0) return false;
    this.#flying.add(batch);
    const groups = groupsOf(batch);
    this.#options.fly(groups).then(
      (flown) => this.#land(batch, groups, flown),
      (error: unknown) => this.#crash(batch, error),
    );
    return true;
  }

  /** The first units whose rows nobody is writing, and that nobody before them waits for. */
  #take(): readonly Staged[] {
    const { maxBatchBytes, maxBatchUnits } = this.#options;
    const written = new Set<ActorId>();
    const checked = new Set<ActorId>();
    const reserve = ({ writes, checks }: Unit): void => {
      for (const { record } of writes) written.add(record.id);
      for (const { id } of checks) checked.add(id);
    };
    for (const batch of this.#flying) for (const { unit } of batch) reserve(unit);
    const taken: Staged[] = [];
    const left: Staged[] = [];
    let bytes = 0;
    for (const staged of this.#waiting) {
      const { writes, checks } = staged.unit;
      const isFree =
        writes.every(({ record }) => !written.has(record.id) && !checked.has(record.id)) && checks.every(({ id }) => !written.has(id));
      const fits = taken.length === 0 || (taken.length < maxBatchUnits && bytes + staged.prepared.bytes <= maxBatchBytes);
      if (isFree && fits) {
        taken.push(staged);
        bytes += staged.prepared.bytes;
      } else {
        reserve(staged.unit);
        left.push(staged);
      }
    }
    this.#waiting = left;
    return taken;
  }

  #land(batch: readonly Staged[], groups: readonly (readonly Staged[])[], { lost, positionOf }: Flown): void {
    this.#flying.delete(batch);
    const again: Staged[] = [];
    const failed = new Set<Staged>();
    for (const [index, group] of groups.entries()) {
      const why = lost[index] ?? null;
      if (why === null) for (const staged of group) staged.settle({ status: 'ok', position: positionOf(staged) });
      else again.push(...this.#judge(group, why, failed));
    }
    this.#cascade(failed);
    this.#waiting = [...again, ...this.#waiting];
    this.#rest();
  }

  /** Of a group that was lost: tells those at fault and those built on them, and answers the others, which are sent again. */
  #judge(group: readonly Staged[], why: Lost, failed: Set<Staged>): Staged[] {
    const again: Staged[] = [];
    const seen = new Set<ActorId>();
    for (const staged of group) {
      const own = idsOf(staged.unit).filter((id) => !seen.has(id));
      for (const { record } of staged.unit.writes) seen.add(record.id);
      const ids = why.kind === 'conflict' ? own.filter((id) => why.ids.has(id)) : [];
      if (why.kind === 'refused' && why.unit === staged) staged.settle({ status: 'refused', error: why.error });
      else if (ids.length > 0) staged.settle({ status: 'conflict', ids });
      else if (!this.#isLost(staged, failed)) {
        again.push(staged);
        continue;
      }
      failed.add(staged);
    }
    return again;
  }

  /** Whether it was built on one that failed; if so it is told. */
  #isLost(staged: Staged, failed: ReadonlySet<Staged>): boolean {
    const bases = [...staged.bases].filter((base) => failed.has(base));
    if (bases.length === 0) return false;
    const theirs = new Set(bases.flatMap(({ unit }) => unit.writes.map(({ record }) => record.id)));
    staged.settle({ status: 'conflict', ids: idsOf(staged.unit).filter((id) => theirs.has(id)) });
    return true;
  }

  /** What waits and was built on what failed fails as well. */
  #cascade(failed: Set<Staged>): void {
    if (failed.size === 0) return;
    this.#waiting = this.#waiting.filter((staged) => {
      if (!this.#isLost(staged, failed)) return true;
      failed.add(staged);
      return false;
    });
  }

  /** Nobody knows what was applied; whoever asked looks it up. */
  #crash(batch: readonly Staged[], error: unknown): void {
    this.#flying.delete(batch);
    const unknown = new Set(batch);
    for (const staged of batch) staged.reject(error);
    this.#waiting = this.#waiting.filter((staged) => {
      if (![...staged.bases].some((base) => unknown.has(base))) return true;
      unknown.add(staged);
      staged.reject(error);
      return false;
    });
    this.#rest();
  }

  #rest(): void {
    if (this.#waiting.length > 0) this.#schedule();
    else if (this.#flying.size === 0) for (const tell of this.#idle.splice(0)) tell();
  }
}

/** A unit that stands on what another one of the batch writes belongs to its group: they stand or fall with the first. */
function groupsOf(batch: readonly Staged[]): (readonly Staged[])[] {
  const groupOf = new Map<Staged, Staged[]>();
  const writerOf = new Map<ActorId, Staged>();
  for (const staged of batch) {
    let group: Staged[] = [];
    for (const id of idsOf(staged.unit)) {
      const writer = writerOf.get(id);
      const near = writer === undefined ? undefined : groupOf.get(writer);
      if (near === undefined || near === group) continue;
      for (const member of group) {
        near.push(member);
        groupOf.set(member, near);
      }
      group = near;
    }
    group.push(staged);
    groupOf.set(staged, group);
    for (const { record } of staged.unit.writes) writerOf.set(record.id, staged);
  }
  const groups = [...new Set(groupOf.values())];
  for (const group of groups) group.sort((one, other) => one.order - other.order);
  return groups;
}
