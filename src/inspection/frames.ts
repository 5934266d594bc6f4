import type { ActorId } from '../ids.ts';
import { sessionMachine } from '../machines/session.ts';
import { taskMachine } from '../machines/task.ts';
import type { ActorRecord } from '../persistence/store.ts';
import type { ActorEvent } from '../protocol/event.ts';
import type { Json } from '../protocol/values.ts';
import { definitionOf } from './definition.ts';
import { takenOf } from './taken.ts';

/** The frames of `@statelyai/inspect`, as its receivers and the Stately Inspector take them: JSON texts. */

/** Of that package, whose frames these are. */
export const framesVersion = '0.7.2';

export interface FrameOptions {
  /** Whether contexts are told, and what events carried. */
  readonly context: boolean;
  /** A definition with the first actor of each machine, or with every actor. */
  readonly definition: 'once' | 'each';
}

type Kind = ActorRecord['kind'];

const definitions: Readonly<Record<Kind, string>> = {
  task: definitionOf(taskMachine),
  session: definitionOf(sessionMachine),
};

interface Actor {
  readonly kind: Kind;
  readonly id: ActorId;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly createdAt: number;
}

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

export const actorIdOf = (event: ActorEvent): ActorId => event.taskId ?? event.sessionId;
export const isBirth = ({ type }: ActorEvent): boolean => type === 'task.created' || type === 'session.created';
/** A session is of no tree. */
const rootIdOf = (record: ActorRecord): ActorId => (record.kind === 'task' ? record.rootId : record.id);

/** What every frame has. Times are milliseconds as text. */
const common = (sessionId: string, rootId: string, at: number) => ({
  _version: framesVersion,
  sessionId,
  rootId,
  createdAt: String(at),
});

/** What one inspector is told; it remembers which definitions it was told. */
export class Frames {
  readonly #options: FrameOptions;
  readonly #told = new Set<Kind>();

  constructor(options: FrameOptions) {
    this.#options = options;
  }

  /** An actor as its record has it. */
  actor(record: ActorRecord): string {
    const { title, createdAt } = record.snapshot.context.spec;
    const parentId = record.kind === 'task' ? record.snapshot.context.spec.parentId : null;
    const actor = { kind: record.kind, id: record.id, rootId: rootIdOf(record), parentId, name: title, createdAt };
    return this.#actor(actor, this.#snapshot(record.snapshot.value, record));
  }

  /** An actor's present state, when what led to it is not told; `name` is the newest event that it took. */
  latest(record: ActorRecord, name: string): string {
    return JSON.stringify({
      type: '@xstate.snapshot',
      ...common(record.id, rootIdOf(record), record.snapshot.context.marks.updatedAt),
      id: null,
      event: { type: name },
      snapshot: this.#snapshot(record.snapshot.value, record),
    });
  }

  /** Everything of an event. The record is that of its actor, if it is to be told: its context only when it is as the event left it. */
  event(event: ActorEvent, position: string, record: ActorRecord | undefined): string[] {
    const shared = common(actorIdOf(event), event.rootId ?? event.sessionId, Date.parse(event.time));
    const asLeft = record?.rev === event.rev ? record : undefined;
    const snapshot = this.#snapshot(textOf(event.data['status']) ?? '', asLeft);
    const frames = isBirth(event) ? [this.#born(event, snapshot)] : [];
    let last = {};
    for (const { name, sourceId, details } of takenOf(event)) {
      last = { type: name, by: event.by, rev: event.rev, ...(this.#options.context ? { data: details } : {}) };
      frames.push(JSON.stringify({ type: '@xstate.event', ...shared, id: position, sourceId, event: last }));
    }
    frames.push(JSON.stringify({ type: '@xstate.snapshot', ...shared, id: null, event: last, snapshot }));
    return frames;
  }

  #born(event: ActorEvent, snapshot: object): string {
    const id = actorIdOf(event);
    const kind = event.taskId === null ? 'session' : 'task';
    const { title, parentId } = event.data;
    const rootId = event.rootId ?? event.sessionId;
    return this.#actor(
      { kind, id, rootId, parentId: textOf(parentId), name: textOf(title) ?? id, createdAt: Date.parse(event.time) },
      snapshot,
    );
  }

  #actor({ kind, id, rootId, parentId, name, createdAt }: Actor, snapshot: object): string {
    const isTold = this.#told.has(kind) && this.#options.definition === 'once';
    this.#told.add(kind);
    return JSON.stringify({
      type: '@xstate.actor',
      ...common(id, rootId, createdAt),
      id: null,
      name,
      parentId: parentId ?? undefined,
      definition: isTold ? undefined : definitions[kind],
      snapshot,
    });
  }

  /** No actor of ours is ever done: a finished task can be reopened. */
  #snapshot(value: string, record: ActorRecord | undefined) {
    const isTold = this.#options.context && record !== undefined;
    return { status: 'active', value, ...(isTold ? { context: record.snapshot.context } : {}) };
  }
}
