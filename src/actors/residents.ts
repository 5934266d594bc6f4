import { createActor } from 'xstate';
import type { Actor } from 'xstate';
import type { TaskId } from '../ids.ts';
import type { TaskState } from '../machines/context.ts';
import type { Message } from '../machines/events.ts';
import { taskMachine } from '../machines/task.ts';
import type { ActorRecord, CommitOutcome } from '../persistence/store.ts';
import { restorable } from './envelope.ts';

/** A task in memory: its newest record, which may still be on its way to the disk, and its actor while it is in use. */
export class Resident {
  readonly id: TaskId;
  /** Null while the task is being made. */
  record: ActorRecord | null;
  #actor: Actor<typeof taskMachine> | null = null;
  #fault: unknown = null;
  #outbox: Message[] = [];
  /** Commands that brought the task in and are not answered yet. */
  users = 0;
  /** The commits that are not answered yet; the newest is the one to wait for. */
  inFlight = 0;
  newest: Promise<readonly CommitOutcome[]> | null = null;

  constructor(id: TaskId, record: ActorRecord | null) {
    this.id = id;
    this.record = record;
  }

  /** Sends to the actor, activating it from `state` first when it is cold. Null: the event was refused and nothing changed. */
  send(state: TaskState, event: Parameters<Actor<typeof taskMachine>['send']>[0], outbox: Message[]): TaskState | null {
    const actor = (this.#actor ??= this.#activate(state));
    const before = actor.getSnapshot();
    this.#outbox = outbox;
    actor.send(event);
    const after = actor.getSnapshot();
    if (this.#fault !== null) throw this.#fault;
    // Every transition carries an assignment, so the same snapshot means that none was taken.
    return after === before ? null : { value: after.value, context: after.context };
  }

  /** The actor has taken events that will not be committed: the next one starts from the record again. */
  reset(): void {
    this.#actor = null;
    this.#fault = null;
  }

  #activate({ value, context }: TaskState): Actor<typeof taskMachine> {
    const actor = createActor(taskMachine, { id: this.id, input: context, snapshot: taskMachine.resolveState({ value, context }) });
    actor.on('tell', ({ messages }) => {
      for (const message of messages) this.#outbox.push(message);
    });
    // Without an observer XState would throw a guard's error from a timer, out of everyone's reach.
    actor.subscribe({
      error: (error) => {
        this.#fault = error;
      },
    });
    return actor.start();
  }
}

export interface ResidentsOptions {
  /** How many tasks are kept in memory beside the store's own and those in use; the least recently used leave first. */
  readonly limit: number;
  readonly load: (ids: readonly TaskId[]) => Promise<ReadonlyMap<string, ActorRecord>>;
  /** Reports a record that can't be restored; it stays in the store as it is. */
  readonly setAside: (record: ActorRecord, reason: string) => void;
}

/** The bounded map of tasks in use. */
export class Residents {
  readonly limit: number;
  readonly #options: ResidentsOptions;
  readonly #map = new Map<TaskId, Resident>();

  constructor(options: ResidentsOptions) {
    this.#options = options;
    this.limit = options.limit;
  }

  get size(): number {
    return this.#map.size;
  }

  get(id: TaskId): Resident | undefined {
    return this.#map.get(id);
  }

  /** Brings tasks into memory for a command, until it lets go of what it holds. Answers those that don't exist, or can't be restored. */
  async load(ids: readonly TaskId[], held: Set<Resident>): Promise<readonly TaskId[]> {
    const absent = ids.filter((id) => !this.#hold(this.#map.get(id), held));
    if (absent.length === 0) return [];
    const records = await this.#options.load(absent);
    return absent.filter((id) => {
      // Someone else may have brought it in meanwhile, and moved it on.
      if (this.#hold(this.#map.get(id), held)) return false;
      const stored = records.get(id);
      if (stored === undefined) return true;
      const record = restorable(stored);
      if (typeof record === 'string') {
        this.#options.setAside(stored, record);
        return true;
      }
      const resident = new Resident(id, record);
      this.#hold(resident, held);
      this.keep(resident);
      return false;
    });
  }

  /** Lets the tasks of a command go. */
  release(held: ReadonlySet<Resident>): void {
    for (const resident of held) resident.users--;
    if (this.#map.size > this.limit) this.#evict();
  }

  keep(resident: Resident): void {
    this.#map.delete(resident.id);
    this.#map.set(resident.id, resident);
    if (this.#map.size > this.limit) this.#evict();
  }

  /** What was built on a commit that failed starts again from what is durable. */
  forget(resident: Resident): void {
    resident.reset();
    if (this.#map.get(resident.id) === resident) this.#map.delete(resident.id);
  }

  #hold(resident: Resident | undefined, held: Set<Resident>): boolean {
    if (resident === undefined) return false;
    if (!held.has(resident)) resident.users++;
    held.add(resident);
    return true;
  }

  #evict(): void {
    for (const [id, resident] of this.#map) {
      if (this.#map.size <= this.limit) return;
      // Nothing but this map knows a state that is not durable yet; and commands that together need more than the limit
      // must not drive each other's tasks out.
      if (resident.inFlight === 0 && resident.users === 0) this.#map.delete(id);
    }
  }
}
