import { setTimeout as pause } from 'node:timers/promises';
import { TroupeError } from '../errors.ts';
import { isTaskId } from '../ids.ts';
import type { ActorId, LeaseId, SessionId, TaskId } from '../ids.ts';
import { classOf } from '../machines/readings.ts';
import type { ActorRecord, CommitOutcome, SessionRecord, Store } from '../persistence/store.ts';
import type { Command, Done } from './command.ts';
import { Absent, Conversation } from './conversation.ts';
import type { Tree } from './conversation.ts';
import { freshCommandId, payloadHash } from './derive.ts';
import { restorable, restorableSession } from './envelope.ts';
import { Residents } from './residents.ts';
import { loadSessions, SessionResident } from './session-talk.ts';
import type { SessionResidents } from './session-talk.ts';
import { Standing, succeeded } from './standing.ts';
import { TaskResident } from './task-resident.ts';
import type { TaskResidents } from './task-resident.ts';
import { unitOf } from './unit.ts';
import { Unborn } from './unborn.ts';

export type { Done } from './command.ts';

export interface SystemOptions {
  readonly store: Store;
  /** Tasks kept in memory beside the store's own records. */
  readonly residentLimit?: number;
  /** How long a command waits before it is run again after each commit that failed: at once, then longer and longer. */
  readonly retryPausesMs?: readonly number[];
  readonly onUnreadable?: (record: ActorRecord, reason: string) => void;
}

/** What a command had brought into memory, or looked for in vain. Most find everything there, and pay nothing for it. */
interface Brought {
  missing: Set<TaskId> | null;
  missingSessions: Set<SessionId> | null;
  trees: Map<TaskId, Tree> | null;
  /** Tasks and sessions that must not leave while the command runs. */
  held: Set<TaskResident> | null;
  heldSessions: Set<SessionResident> | null;
}

const nothing: ReadonlySet<never> = new Set();
const noTrees: ReadonlyMap<TaskId, Tree> = new Map();

/** A little over a second: longer than a sound disk needs for the checkpoint after a fault, shorter than a stop waits. */
const defaultPausesMs: readonly number[] = [0, 20, 40, 80, 160, 320, 640];
/** Against states that change under the command. */
const attempts = 10;
const lookups = 200;

/** Runs commands on actors: brings them in, lets them talk, commits what changed, and answers when it is durable. */
export class ActorSystem {
  readonly store: Store;
  readonly residents: TaskResidents;
  readonly sessions: SessionResidents;
  readonly standing: Standing;
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #unborn = new Unborn();
  readonly #retryPausesMs: readonly number[];

  constructor(options: SystemOptions) {
    this.store = options.store;
    const limit = options.residentLimit ?? 10_000;
    const setAside = (record: ActorRecord, reason: string) => {
      options.onUnreadable?.(record, reason);
      void options.store.setAside(record, reason);
    };
    this.#retryPausesMs = options.retryPausesMs ?? defaultPausesMs;
    this.residents = new Residents({
      limit,
      load: (ids) => options.store.load(ids),
      restorable,
      make: (record) => new TaskResident(record.id, record),
      setAside,
      keepsUnread: (id) => options.store.keepsUnread(id),
    });
    this.sessions = new Residents({
      limit,
      load: (ids) => loadSessions(options.store, ids),
      restorable: restorableSession,
      make: (record) => new SessionResident(record.id, record),
      setAside,
      keepsUnread: (id) => options.store.keepsUnread(id),
    });
    this.standing = new Standing(options.store, this.residents, this.sessions);
  }

  /** Commands that are not answered yet. */
  get inFlight(): number {
    return this.#running.size;
  }

  /** Resolves when every command that is running now is answered. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  /** Runs a command. Rejects with its refusal, or with STORE_UNAVAILABLE when the outcome is not known. */
  async run<R>(command: Command<R>): Promise<Done<R>> {
    const done = await this.#runOn(command);
    if (!done.repeated) return done;
    const { record, commandId } = done;
    if (record.kind !== 'task') throw new Error(`${record.id} is no task`);
    return { repeated: true, record, commandId };
  }

  /** As `run`, for a command that a session remembers. */
  async runOnSession<R>(command: Command<R, SessionRecord>): Promise<Done<R, SessionRecord>> {
    const done = await this.#runOn(command);
    if (!done.repeated) return done;
    const { record, commandId } = done;
    if (record.kind !== 'session') throw new Error(`${record.id} is no session`);
    return { repeated: true, record, commandId };
  }

  async #runOn<R>(command: Command<R, ActorRecord>): Promise<Done<R, ActorRecord>> {
    const key = command.id === undefined ? freshCommandId() : `${command.by}\0${command.id}`;
    // The same command twice at once: the second waits, and then finds what the first did.
    for (let first = this.#running.get(key); first !== undefined; first = this.#running.get(key)) await first.catch(() => undefined);
    const brought: Brought = { missing: null, missingSessions: null, trees: null, held: null, heldSessions: null };
    const running = this.#run(command, command.id ?? key, brought);
    this.#running.set(key, running);
    try {
      return await running;
    } finally {
      this.#running.delete(key);
      if (brought.held !== null) this.residents.release(brought.held);
      if (brought.heldSessions !== null) this.sessions.release(brought.heldSessions);
    }
  }

  async #run<R>(command: Command<R, ActorRecord>, commandId: string, brought: Brought): Promise<Done<R, ActorRecord>> {
    const hash = command.id === undefined ? '' : payloadHash(command.by, command.method, command.payload);
    // What commits whose outcome is not known may have left behind, and where.
    const uncertain: { readonly error: unknown; readonly at: ActorId | null }[] = [];
    for (let attempt = 0, lookup = 0; attempt < attempts + uncertain.length; attempt++) {
      const remembers = command.id === undefined ? null : await command.remembers();
      const places = remembers === null && uncertain.length === 0 ? [] : [remembers, ...uncertain.map(({ at }) => at)];
      const before = places.length === 0 ? null : await this.#foundAt(places, commandId, hash, brought);
      if (before === 'uncertain') continue;
      if (before !== null) return { repeated: true, record: before, commandId };
      const talk = this.#converse(brought, command.by);
      let value: R;
      try {
        value = command.talk(talk);
      } catch (error) {
        talk.abandon();
        if (error instanceof Absent) {
          if (++lookup > lookups) throw new TroupeError('STORE_UNAVAILABLE', 'the tasks concerned change faster than they can be read');
          await this.#bring(error, talk, brought);
          attempt--;
          continue;
        }
        // A refusal computed on a state that is not durable yet stands only if that state does.
        if (await this.standing.holds(talk)) throw error;
        this.#lookAgain(brought);
        continue;
      }
      if (talk.parts.size === 0 && talk.sessionParts.size === 0) {
        if (!(await this.standing.holds(talk))) {
          this.#lookAgain(brought);
          continue;
        }
        return { repeated: false, value, commandId, position: null, parts: talk.parts, sessions: talk.sessionParts };
      }
      try {
        const outcome = await this.#commit(talk, commandId, hash);
        if (outcome.status === 'ok')
          return { repeated: false, value, commandId, position: outcome.position, parts: talk.parts, sessions: talk.sessionParts };
        if (outcome.status === 'refused') throw outcome.error;
        this.#lookAgain(brought);
      } catch (error) {
        if (error instanceof TroupeError && error.reason !== 'STORE_UNAVAILABLE') throw error;
        // Whether it was applied is not known: what is durable says so, or it is tried again, or the caller sends it again.
        const pauseMs = this.#retryPausesMs[uncertain.length];
        uncertain.push({ error, at: talk.addressed });
        if (pauseMs === undefined) break;
        if (pauseMs > 0) await pause(pauseMs);
      }
    }
    const last = uncertain.at(-1)?.error;
    if (last instanceof TroupeError) throw last;
    if (last !== undefined) throw new TroupeError('STORE_UNAVAILABLE', 'whether the store took the command is not known');
    throw new TroupeError('STORE_UNAVAILABLE', 'the tasks concerned change faster than the command could be run');
  }

  /** As `#found`, for the places where the command may have been taken. */
  async #foundAt(
    ids: readonly (ActorId | null)[],
    commandId: string,
    hash: string,
    brought: Brought,
  ): Promise<ActorRecord | null | 'uncertain'> {
    for (const id of ids) {
      const found = id === null ? null : await this.#found(id, commandId, hash, brought);
      if (found !== null) return found;
    }
    return null;
  }

  /** The record that remembers the command's first run, if there was one. */
  async #found(id: ActorId, commandId: string, hash: string, brought: Brought): Promise<ActorRecord | null | 'uncertain'> {
    const resident = await this.#resident(id, brought);
    const mark = resident?.record?.commands.find((command) => command.id === commandId);
    if (resident?.record == null || mark === undefined) return null;
    if (!(await succeeded(resident.newest))) return 'uncertain';
    if (mark.payloadHash !== hash)
      throw new TroupeError(
        'COMMAND_REUSED',
        `commandId ${commandId} was used for another command`,
        isTaskId(id) ? { taskId: id } : { sessionId: id },
      );
    return resident.record;
  }

  async #resident(id: ActorId, brought: Brought): Promise<TaskResident | SessionResident | undefined> {
    if (isTaskId(id)) {
      if (this.residents.get(id) === undefined) await this.residents.load([id], (brought.held ??= new Set()));
      return this.residents.get(id);
    }
    if (this.sessions.get(id) === undefined) await this.sessions.load([id], (brought.heldSessions ??= new Set()));
    return this.sessions.get(id);
  }

  #converse({ missing, missingSessions, trees }: Brought, by: string): Conversation {
    return new Conversation(
      {
        residents: this.residents,
        sessions: this.sessions,
        missing: missing ?? nothing,
        missingSessions: missingSessions ?? nothing,
        trees: trees ?? noTrees,
        unborn: this.#unborn.of,
      },
      this.store.now(),
      by,
    );
  }

  async #bring(absent: Absent, talk: Conversation, brought: Brought): Promise<void> {
    if (absent.session !== null) {
      const unknown = await this.sessions.load([absent.session], (brought.heldSessions ??= new Set()));
      if (unknown.length > 0) (brought.missingSessions ??= new Set()).add(absent.session);
      return;
    }
    const missing = (brought.missing ??= new Set());
    const trees = (brought.trees ??= new Map());
    const held = (brought.held ??= new Set());
    if (absent.tree !== null) {
      await this.standing.settled(talk);
      trees.set(absent.tree, await this.#tree(absent.tree));
    }
    // Whoever is in the talk will tell its parent and its dependents, so they come in one go.
    const relatives = [...talk.parts.values()].flatMap(({ state: { context } }) => [
      ...(context.spec.parentId === null ? [] : [context.spec.parentId]),
      ...context.dependents.direct,
      ...context.dependents.inherited,
    ]);
    const ids = [...new Set([...absent.ids, ...relatives])].filter((id) => !talk.parts.has(id));
    const nowhere = await this.residents.load(ids, held);
    for (const id of absent.ids) if (nowhere.includes(id)) missing.add(id);
  }

  async #tree(rootId: TaskId): Promise<Tree> {
    const children = new Map<TaskId, TaskId[]>();
    let cursor: string | undefined;
    do {
      const page = await this.store.list({ filter: { rootId, includeArchived: true }, sort: 'created', limit: 1_000, cursor });
      for (const { id, parentId } of page.items)
        if (parentId !== null) {
          const siblings = children.get(parentId);
          if (siblings === undefined) children.set(parentId, [id]);
          else siblings.push(id);
        }
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return children;
  }

  /** What was not there, and who was in a tree, may have changed meanwhile. */
  #lookAgain(brought: Brought): void {
    brought.missing = null;
    brought.missingSessions = null;
    brought.trees = null;
  }

  async #commit(talk: Conversation, commandId: string, hash: string): Promise<CommitOutcome> {
    const unit = unitOf(talk, commandId, hash);
    const committing = this.store.commit([unit]);
    const parts = [...talk.parts];
    parts.forEach(([id, { resident, created, state }], index) => {
      const record = unit.writes[index]?.record;
      if (record?.kind !== 'task') return;
      resident.record = record;
      resident.inFlight++;
      resident.newest = committing;
      this.residents.keep(resident);
      // A task that is finished is seldom told anything more, and a live actor is the dearest thing to keep.
      if (classOf(state.value) !== 'open') resident.reset();
      if (created) this.#unborn.expect(id, state.context);
    });
    const sessions = [...talk.sessionParts.values()];
    sessions.forEach(({ resident }, index) => {
      const record = unit.writes[parts.length + index]?.record;
      if (record?.kind !== 'session') return;
      resident.record = record;
      resident.inFlight++;
      resident.newest = committing;
      this.sessions.keep(resident);
    });
    let ok = false;
    try {
      const [outcome] = await committing;
      if (outcome === undefined) throw new Error('the store answered no outcome');
      ok = outcome.status === 'ok';
      return outcome;
    } finally {
      for (const [id, { resident, created, state }] of parts) {
        resident.inFlight--;
        if (created) this.#unborn.forget(id, state.context);
        if (!ok) this.residents.forget(resident);
      }
      if (!ok) for (const resident of talk.visited.values()) this.residents.forget(resident);
      for (const { resident } of sessions) {
        resident.inFlight--;
        if (!ok) this.sessions.forget(resident);
      }
      if (!ok) for (const resident of talk.visitedSessions.values()) this.sessions.forget(resident);
    }
  }

  /** The task that holds, or last held, the lease. */
  async byLease(lease: LeaseId): Promise<TaskId | null> {
    const id = await this.store.byLease(lease);
    return id !== null && isTaskId(id) ? id : null;
  }
}
