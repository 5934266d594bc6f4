import type { ActorId } from '../ids.ts';
import type { CommitOutcome, Store } from '../persistence/store.ts';
import type { ActorEvent } from '../protocol/event.ts';
import type { Conversation } from './conversation.ts';
import type { SessionResident, SessionResidents } from './session-talk.ts';
import { TaskResident } from './task-resident.ts';
import type { TaskResidents } from './task-resident.ts';

/** Whether the states that a conversation has used are durable and the newest: a refusal, or an answer that changes nothing, is worth no more than they are. */
export class Standing {
  readonly #store: Store;
  readonly #tasks: TaskResidents;
  readonly #sessions: SessionResidents;

  constructor(store: Store, tasks: TaskResidents, sessions: SessionResidents) {
    this.#store = store;
    this.#tasks = tasks;
    this.#sessions = sessions;
  }

  /** Waits for the commits that the talk's states stand on; false when one of them was lost. */
  async settled(talk: Conversation): Promise<boolean> {
    let all = true;
    for (const { inFlight, newest } of residentsOf(talk)) if (inFlight > 0 && !(await succeeded(newest))) all = false;
    return all;
  }

  /** As `settled`, and where others write too, compares with what is stored: what is in memory may be behind, and is forgotten then. */
  async holds(talk: Conversation): Promise<boolean> {
    if (!(await this.settled(talk))) return false;
    if (this.#store.ordered) return true;
    const residents = [...residentsOf(talk)].filter(({ record }) => record !== null);
    const stored = await this.#store.load(residents.map(({ id }): ActorId => id));
    const stale = residents.filter(({ id, record }) => stored.get(id)?.rev !== record?.rev);
    for (const resident of stale) this.#forget(resident);
    return stale.length === 0;
  }

  /** Another node may have moved the actor on: whoever needs it next reads it again. */
  overtaken(event: ActorEvent): void {
    const resident = event.taskId === null ? this.#sessions.get(event.sessionId) : this.#tasks.get(event.taskId);
    if (resident?.record != null && resident.inFlight === 0 && resident.record.rev < event.rev) this.#forget(resident);
  }

  #forget(resident: TaskResident | SessionResident): void {
    if (resident instanceof TaskResident) this.#tasks.forget(resident);
    else this.#sessions.forget(resident);
  }
}

/** Everyone whose state the talk has used. */
const residentsOf = (talk: Conversation): ReadonlySet<TaskResident | SessionResident> =>
  new Set([
    ...talk.visited.values(),
    ...[...talk.parts.values()].map((part) => part.resident),
    ...talk.visitedSessions.values(),
    ...[...talk.sessionParts.values()].map((part) => part.resident),
  ]);

/** Whether a commit was taken; nothing to wait for is as good. */
export async function succeeded(commit: Promise<readonly CommitOutcome[]> | null): Promise<boolean> {
  if (commit === null) return true;
  try {
    const [outcome] = await commit;
    return outcome?.status === 'ok';
  } catch {
    return false;
  }
}
