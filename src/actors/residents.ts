import type { ActorId } from '../ids.ts';
import type { ActorRecord, CommitOutcome } from '../persistence/store.ts';

/** As much of XState's actor as a resident needs. */
interface Live<E> {
  send(event: E): void;
  getSnapshot(): object;
}

/** An actor in memory: its newest record, which may still be on its way to the disk, and the live actor while it is in use. */
export abstract class Resident<R extends ActorRecord, E, A extends Live<E>> {
  readonly id: R['id'];
  /** Null while the actor is being made. */
  record: R | null;
  protected fault: unknown = null;
  #actor: A | null = null;
  /** Commands that brought it in and are not answered yet. */
  users = 0;
  /** The commits that are not answered yet; the newest is the one to wait for. */
  inFlight = 0;
  newest: Promise<readonly CommitOutcome[]> | null = null;

  constructor(id: R['id'], record: R | null) {
    this.id = id;
    this.record = record;
  }

  protected abstract activate(state: R['snapshot']): A;
  protected abstract stateOf(actor: A): R['snapshot'];

  /** Sends to the actor, activating it from `state` first when it is cold. Null: the event was refused and nothing changed. */
  protected take(state: R['snapshot'], event: E): R['snapshot'] | null {
    const actor = (this.#actor ??= this.activate(state));
    const before = actor.getSnapshot();
    actor.send(event);
    if (this.fault !== null) throw this.fault;
    // Every transition carries an assignment, so the same snapshot means that none was taken.
    return actor.getSnapshot() === before ? null : this.stateOf(actor);
  }

  /** The actor has taken events that will not be committed: the next one starts from the record again. */
  reset(): void {
    this.#actor = null;
    this.fault = null;
  }
}

/** What a map of residents and whoever commits knows of one. */
export interface InMemory<R extends ActorRecord> {
  readonly id: R['id'];
  record: R | null;
  users: number;
  inFlight: number;
  newest: Promise<readonly CommitOutcome[]> | null;
  reset(): void;
}

export interface ResidentsOptions<R extends ActorRecord, X extends InMemory<R>> {
  /** How many are kept in memory beside the store's own and those in use; the least recently used leave first. */
  readonly limit: number;
  readonly load: (ids: readonly R['id'][]) => Promise<ReadonlyMap<ActorId, R>>;
  /** The record as today's machine understands it, or why it can't be restored. */
  readonly restorable: (record: R) => R | string;
  readonly make: (record: R) => X;
  /** Reports a record that can't be restored; it stays in the store as it is. */
  readonly setAside: (record: R, reason: string) => void;
  /** Whether the store keeps a record under the id that it can't even load. */
  readonly keepsUnread: (id: R['id']) => boolean;
}

/** The bounded map of actors of one kind that are in use. */
export class Residents<R extends ActorRecord, X extends InMemory<R>> {
  readonly limit: number;
  readonly #options: ResidentsOptions<R, X>;
  readonly #map = new Map<R['id'], X>();
  readonly #unreadable = new Set<R['id']>();

  constructor(options: ResidentsOptions<R, X>) {
    this.#options = options;
    this.limit = options.limit;
  }

  get size(): number {
    return this.#map.size;
  }

  get(id: R['id']): X | undefined {
    return this.#map.get(id);
  }

  /** Brings actors into memory for a command, until it lets go of what it holds. Answers those that don't exist, or can't be restored. */
  async load(ids: readonly R['id'][], held: Set<X>): Promise<readonly R['id'][]> {
    const absent = ids.filter((id) => !this.#hold(this.#map.get(id), held));
    if (absent.length === 0) return [];
    const records = await this.#options.load(absent);
    return absent.filter((id) => {
      // Someone else may have brought it in meanwhile, and moved it on.
      if (this.#hold(this.#map.get(id), held)) return false;
      const stored = records.get(id);
      if (stored === undefined) return true;
      const record = this.#options.restorable(stored);
      if (typeof record === 'string') {
        this.#unreadable.add(id);
        this.#options.setAside(stored, record);
        return true;
      }
      this.#unreadable.delete(id);
      const resident = this.#options.make(record);
      this.#hold(resident, held);
      this.keep(resident);
      return false;
    });
  }

  /** Whether something is stored under an id that was looked for in vain. */
  isUnreadable(id: R['id']): boolean {
    return this.#unreadable.has(id) || this.#options.keepsUnread(id);
  }

  /** Lets the actors of a command go. */
  release(held: ReadonlySet<X>): void {
    for (const resident of held) resident.users--;
    if (this.#map.size > this.limit) this.#evict();
  }

  keep(resident: X): void {
    this.#map.delete(resident.id);
    this.#map.set(resident.id, resident);
    if (this.#map.size > this.limit) this.#evict();
  }

  /** What was built on a commit that failed starts again from what is durable. */
  forget(resident: X): void {
    resident.reset();
    if (this.#map.get(resident.id) === resident) this.#map.delete(resident.id);
  }

  #hold(resident: X | undefined, held: Set<X>): boolean {
    if (resident === undefined) return false;
    if (!held.has(resident)) resident.users++;
    held.add(resident);
    return true;
  }

  #evict(): void {
    for (const [id, resident] of this.#map) {
      if (this.#map.size <= this.limit) return;
      // Nothing but this map knows a state that is not durable yet; and commands that together need more than the limit
      // must not drive each other's actors out.
      if (resident.inFlight === 0 && resident.users === 0) this.#map.delete(id);
    }
  }
}
