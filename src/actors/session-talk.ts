import { createActor } from 'xstate';
import type { Actor } from 'xstate';
import { TroupeError } from '../errors.ts';
import type { SessionId } from '../ids.ts';
import type { SessionContext, SessionMachineEvent, SessionState } from '../machines/session-context.ts';
import { sessionRefusalOf } from '../machines/session-refusal.ts';
import { sessionMachine } from '../machines/session.ts';
import type { SessionRecord, Store } from '../persistence/store.ts';
import type { SessionStatus } from '../protocol/values.ts';
import { Resident } from './residents.ts';
import type { Residents } from './residents.ts';
import { unreadableActor } from './unreadable.ts';

type SessionActor = Actor<typeof sessionMachine>;

export type SessionResidents = Residents<SessionRecord, SessionResident>;

/** A session in memory. */
export class SessionResident extends Resident<SessionRecord, SessionMachineEvent, SessionActor> {
  /** Null: the event was refused and nothing changed. */
  send(state: SessionState, event: SessionMachineEvent): SessionState | null {
    return this.take(state, event);
  }

  protected override stateOf(actor: SessionActor): SessionState {
    const { value, context } = actor.getSnapshot();
    return { value, context };
  }

  protected override activate({ value, context }: SessionState): SessionActor {
    const actor = createActor(sessionMachine, { id: this.id, input: context, snapshot: sessionMachine.resolveState({ value, context }) });
    actor.subscribe({
      error: (error) => {
        this.fault = error;
      },
    });
    return actor.start();
  }
}

/** One session's part in a conversation. */
export interface SessionPart {
  readonly resident: SessionResident;
  /** The revision that the session has after the command. */
  readonly rev: number;
  readonly state: SessionState;
  /** What it took, and the status before; null for a session that is being made. */
  readonly taken: { readonly event: SessionMachineEvent; readonly from: SessionStatus } | null;
}

/** Thrown for a session that is not in memory. */
type Bring = (id: SessionId) => never;

/** The sessions of a conversation. A session hears only from callers and says nothing to others. */
export class SessionTalk {
  readonly parts = new Map<SessionId, SessionPart>();
  /** Read but not changed; the unit holds only if they stay as they were read. */
  readonly visited = new Map<SessionId, SessionResident>();
  readonly #residents: SessionResidents;
  readonly #missing: ReadonlySet<SessionId>;
  readonly #bring: Bring;

  constructor(residents: SessionResidents, missing: ReadonlySet<SessionId>, bring: Bring) {
    this.#residents = residents;
    this.#missing = missing;
    this.#bring = bring;
  }

  /** The session's newest state, or undefined when there is no such session, or none that can be read. */
  find(id: SessionId): SessionState | undefined {
    const part = this.parts.get(id);
    if (part !== undefined) return part.state;
    const resident = this.#residents.get(id);
    if (resident?.record != null) {
      this.visited.set(id, resident);
      return resident.record.snapshot;
    }
    return this.#missing.has(id) ? undefined : this.#bring(id);
  }

  /** The session's newest state; SESSION_NOT_FOUND when there is none. */
  state(id: SessionId, issuePath?: string): SessionState {
    const state = this.find(id);
    if (state !== undefined) return state;
    if (this.#residents.isUnreadable(id)) throw unreadableActor(id);
    const message = `there is no session ${id}`;
    throw new TroupeError('SESSION_NOT_FOUND', message, {
      sessionId: id,
      ...(issuePath === undefined ? {} : { issues: [{ path: issuePath, message }] }),
    });
  }

  create(id: SessionId, context: SessionContext): void {
    this.parts.set(id, { resident: new SessionResident(id, null), rev: 1, state: { value: 'active', context }, taken: null });
  }

  /** Sends the one event that the session takes in this conversation. Throws the refusal. */
  send(id: SessionId, event: SessionMachineEvent): void {
    const state = this.state(id);
    const resident = this.visited.get(id);
    if (resident === undefined) throw new Error(`session ${id} was sent a second event in one conversation`);
    const after = resident.send(state, event);
    if (after === null)
      throw sessionRefusalOf(id, state, event) ?? new Error(`session ${id} in ${state.value} ignored ${event.type}, which its rows accept`);
    this.visited.delete(id);
    this.parts.set(id, { resident, rev: (resident.record?.rev ?? 0) + 1, state: after, taken: { event, from: state.value } });
  }
}

/** Sessions of the store, by id. */
export async function loadSessions(store: Store, ids: readonly SessionId[]): Promise<Map<SessionId, SessionRecord>> {
  const records = new Map<SessionId, SessionRecord>();
  for (const [, record] of await store.load(ids)) if (record.kind === 'session') records.set(record.id, record);
  return records;
}
