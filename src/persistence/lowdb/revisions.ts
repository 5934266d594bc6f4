import type { ActorId } from '../../ids.ts';
import type { Unit } from '../store.ts';

/** Compare-and-set over what is committed and what is on its way there. */
export class Revisions {
  readonly #stored: (id: ActorId) => number;
  /** Of units in flight, so that a unit may be built on an earlier one before that is durable. */
  readonly #staged = new Map<ActorId, number>();

  /** @param stored the committed revision: 0 for none, NaN for what nothing may be written over */
  constructor(stored: (id: ActorId) => number) {
    this.#stored = stored;
  }

  /** The ids that are at another revision than the unit names. */
  conflicts({ checks, writes }: Unit): ActorId[] {
    const ids = new Set<ActorId>();
    for (const { id, rev } of checks) if (this.#current(id) !== rev) ids.add(id);
    for (const { expectedRev, record } of writes) if (this.#current(record.id) !== expectedRev) ids.add(record.id);
    return [...ids];
  }

  isStaged(id: ActorId): boolean {
    return this.#staged.has(id);
  }

  stage({ writes }: Unit): void {
    for (const { record } of writes) this.#staged.set(record.id, record.rev);
  }

  /** The unit is committed; what a later one staged stays. */
  settle({ writes }: Unit): void {
    for (const { record } of writes) if (this.#staged.get(record.id) === record.rev) this.#staged.delete(record.id);
  }

  /** Nothing in flight will be committed. */
  clear(): void {
    this.#staged.clear();
  }

  #current(id: ActorId): number {
    return this.#staged.get(id) ?? this.#stored(id);
  }
}
