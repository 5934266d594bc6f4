import { TroupeError } from '../errors.ts';
import { unreadableActor } from './unreadable.ts';
import type { SessionId, TaskId } from '../ids.ts';
import type { TaskContext, TaskState } from '../machines/context.ts';
import { isFact } from '../machines/events.ts';
import type { MachineEvent, Message } from '../machines/events.ts';
import type { Taken } from '../machines/published.ts';
import { childTotal, isReady } from '../machines/readings.ts';
import { refusalOf } from '../machines/refusal.ts';
import type { ArtifactContent } from '../persistence/store.ts';
import { SessionTalk } from './session-talk.ts';
import type { SessionPart, SessionResident, SessionResidents } from './session-talk.ts';
import { TaskResident } from './task-resident.ts';
import type { TaskResidents } from './task-resident.ts';

/** Thrown inside a conversation that needs what is not in memory; the system brings it in and starts the conversation again. */
export class Absent extends Error {
  readonly ids: readonly TaskId[];
  readonly tree: TaskId | null;
  readonly session: SessionId | null;

  constructor(ids: readonly TaskId[], tree: TaskId | null = null, session: SessionId | null = null) {
    super('not in memory');
    this.ids = ids;
    this.tree = tree;
    this.session = session;
  }
}

/** One task's part in a conversation. */
export interface Part {
  readonly resident: TaskResident;
  readonly created: boolean;
  /** The revision that the task has after the command. */
  readonly rev: number;
  state: TaskState;
  readonly taken: Taken[];
  /** The task whose fact came first; null when the caller addressed this one. */
  readonly source: TaskId | null;
}

/** The ids of a tree by parent, as the store lists them. */
export type Tree = ReadonlyMap<TaskId, readonly TaskId[]>;

interface Known {
  readonly residents: TaskResidents;
  readonly sessions: SessionResidents;
  /** Ids that were looked for and don't exist. */
  readonly missing: ReadonlySet<TaskId>;
  readonly missingSessions: ReadonlySet<SessionId>;
  readonly trees: ReadonlyMap<TaskId, Tree>;
  /** Tasks of the tree that are being made by commits in flight, by parent. */
  readonly unborn: (rootId: TaskId) => readonly { readonly id: TaskId; readonly parentId: TaskId | null }[];
}

const noSessions: ReadonlyMap<SessionId, never> = new Map<SessionId, never>();

const bringSession = (id: SessionId): never => {
  throw new Absent([], null, id);
};

/**
 * A command's short talk with the actors that it concerns: the addressed task takes its event, tells others, they take theirs,
 * until nothing is left to say. Synchronous; all that changed becomes one unit, or none of it does.
 */
export class Conversation {
  readonly at: number;
  readonly by: string;
  readonly parts = new Map<TaskId, Part>();
  /** Read but not changed; the unit holds only if they stay as they were read. */
  readonly visited = new Map<TaskId, TaskResident>();
  readonly artifacts: ArtifactContent[] = [];
  /** The task whose record remembers the command. */
  addressed: TaskId | SessionId | null = null;
  readonly #known: Known;
  /** Most commands have nothing to do with sessions. */
  #sessions: SessionTalk | null = null;

  constructor(known: Known, at: number, by: string) {
    this.#known = known;
    this.at = at;
    this.by = by;
  }

  get sessions(): SessionTalk {
    return (this.#sessions ??= new SessionTalk(this.#known.sessions, this.#known.missingSessions, bringSession));
  }

  get sessionParts(): ReadonlyMap<SessionId, SessionPart> {
    return this.#sessions?.parts ?? noSessions;
  }

  get visitedSessions(): ReadonlyMap<SessionId, SessionResident> {
    return this.#sessions?.visited ?? noSessions;
  }

  /** The task's newest state, or undefined when there is no such task. */
  find(id: TaskId): TaskState | undefined {
    const part = this.parts.get(id);
    if (part !== undefined) return part.state;
    const resident = this.#known.residents.get(id);
    if (resident?.record != null) {
      this.visited.set(id, resident);
      return resident.record.snapshot;
    }
    if (this.#known.missing.has(id)) return undefined;
    throw new Absent([id]);
  }

  /** As `find`, for a look that decides nothing: the unit does not depend on it. */
  glance(id: TaskId): TaskState | undefined {
    const known = this.visited.has(id);
    const state = this.find(id);
    if (!known) this.visited.delete(id);
    return state;
  }

  /** The task's newest state; TASK_NOT_FOUND when there is none, UNREADABLE when what there is can't be read. */
  state(id: TaskId): TaskState {
    const state = this.find(id);
    if (state === undefined) throw this.#absence(id);
    return state;
  }

  /** The revision that `ifRev` is compared with. */
  rev(id: TaskId): number {
    return this.#known.residents.get(id)?.record?.rev ?? 0;
  }

  /** Makes a task. What others must hear of it is sent by `deliver`. */
  create(id: TaskId, context: TaskContext): void {
    const state: TaskState = { value: 'pending', context };
    this.parts.set(id, { resident: new TaskResident(id, null), created: true, rev: 1, state, taken: [], source: null });
  }

  /** Sends an event and lets everything that follows from it happen. Throws the refusal. */
  send(id: TaskId, event: MachineEvent): void {
    this.deliver([{ to: id, event }], null);
  }

  /** Delivers messages and what they cause, in order. */
  deliver(messages: readonly { readonly to: TaskId; readonly event: MachineEvent }[], from: TaskId | null): void {
    const queue: { to: TaskId; event: MachineEvent; from: TaskId | null }[] = messages.map(({ to, event }) => ({ to, event, from }));
    for (let index = 0; index < queue.length; index++) {
      const message = queue[index];
      if (message === undefined) break;
      for (const { to, event } of this.#take(message.to, message.event, message.from)) queue.push({ to, event, from: message.to });
    }
  }

  /** How many tasks of the tree are being made by commits in flight. */
  unborn(rootId: TaskId): number {
    return this.#known.unborn(rootId).length;
  }

  /** Everything below the task, parents before children. */
  descendants(id: TaskId): readonly TaskId[] {
    const { context } = this.state(id);
    const { rootId } = context.spec;
    const expected = childTotal(context);
    if (expected === 0) return [];
    const tree = this.#known.trees.get(rootId);
    if (tree === undefined) throw new Absent([], rootId);
    // No list has what commits in flight make, and what this conversation makes.
    const made = [...this.parts].flatMap(([task, { created, state }]) =>
      created ? [{ id: task, parentId: state.context.spec.parentId }] : [],
    );
    const unborn = [...this.#known.unborn(rootId), ...made];
    const below: TaskId[] = [];
    const visit = (parent: TaskId) => {
      const children = new Set([...(tree.get(parent) ?? []), ...unborn.filter((task) => task.parentId === parent).map((task) => task.id)]);
      // The parent counts its children in its own record, so a child that the list does not show yet can't be missed.
      if (children.size !== childTotal(this.state(parent).context)) throw new Absent([], rootId);
      for (const child of children) {
        below.push(child);
        visit(child);
      }
    };
    visit(id);
    const absent = below.filter(
      (child) => !this.parts.has(child) && this.#known.residents.get(child) === undefined && !this.#known.missing.has(child),
    );
    if (absent.length > 0) throw new Absent(absent);
    return below;
  }

  /** The tasks that can be executed now and could not before. */
  becameReady(): readonly TaskId[] {
    return [...this.parts].flatMap(([id, { state, taken, created }]) => {
      const before = taken[0]?.before;
      return isReady(state) && (created || before === undefined || !isReady(before)) ? [id] : [];
    });
  }

  /** Nothing of this conversation will be committed. */
  abandon(): void {
    for (const { resident } of this.parts.values()) resident.reset();
    for (const { resident } of this.sessionParts.values()) resident.reset();
  }

  #absence(id: TaskId): TroupeError {
    return this.#known.residents.isUnreadable(id)
      ? unreadableActor(id)
      : new TroupeError('TASK_NOT_FOUND', `there is no task ${id}`, { taskId: id });
  }

  #take(id: TaskId, event: MachineEvent, from: TaskId | null): readonly Message[] {
    const known = this.parts.get(id);
    const resident = known?.resident ?? this.#known.residents.get(id);
    const before = known?.state ?? resident?.record?.snapshot;
    if (resident === undefined || before === undefined) {
      if (!this.#known.missing.has(id)) throw new Absent([id]);
      // A fact is for a task that is there; when its record can't be read, what depends on it waits until someone mends it.
      if (isFact(event)) throw new TroupeError('UNREADABLE', `task ${id}, which must hear of this, can't be read`, { taskId: id });
      throw this.#absence(id);
    }
    const outbox: Message[] = [];
    const after = resident.send(before, event, outbox);
    if (after === null) {
      const refusal = refusalOf(id, before, event);
      if (refusal !== null && !isFact(event)) {
        this.visited.set(id, resident);
        throw refusal;
      }
      throw new Error(`task ${id} in ${before.value} ignored ${event.type}, which its rows accept`);
    }
    const taken: Taken = { event, before, after };
    if (known === undefined)
      this.parts.set(id, { resident, created: false, rev: (resident.record?.rev ?? 0) + 1, state: after, taken: [taken], source: from });
    else {
      known.state = after;
      known.taken.push(taken);
    }
    return outbox;
  }
}
