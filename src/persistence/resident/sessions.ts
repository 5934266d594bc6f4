import type { ActorId, SessionId } from '../../ids.ts';
import type { Page, SessionQuery, SessionTasks, SessionView } from '../store.ts';
import { decodeSessionCursor, encodeSessionCursor } from './cursor.ts';
import { createOrder } from './order.ts';
import type { Row, SessionEntry } from './row.ts';
import { createSessionTally, noTasks } from './session-tally.ts';
import type { SessionTally } from './session-tally.ts';

/** What a session is put in order by. */
export interface SessionKey {
  /** When it was made, in milliseconds. */
  readonly at: number;
  readonly id: SessionId;
}

const compareKeys = (a: SessionKey, b: SessionKey): number => (a.at === b.at ? (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) : a.at - b.at);

const keyOf = ({ record }: SessionEntry): SessionKey => ({ at: record.snapshot.context.spec.createdAt, id: record.id });

/** The sessions, and how their tasks stand. */
export interface Sessions {
  readonly size: number;
  get(id: ActorId): SessionEntry | undefined;
  put(entry: SessionEntry): void;
  entries(): Iterable<SessionEntry>;
  isPaused(id: SessionId | null): boolean;
  /** A task was filed in the place of the one before it; undefined for none. */
  moveTask(before: Row | undefined, after: Row | undefined): void;
  tasksOf(id: SessionId): SessionTasks;
  /** @param tasksOf how the tasks of a session stand, when the caller knows more of them */
  list(query: SessionQuery, tasksOf?: (id: SessionId) => SessionTasks): Page<SessionView>;
}

function createFilter({ filter, projects }: SessionQuery): (entry: SessionEntry) => boolean {
  const { status, project } = filter;
  return ({ record }) =>
    (status === undefined ? record.snapshot.value !== 'archived' : status.includes(record.snapshot.value)) &&
    (project === undefined || record.project === project) &&
    (projects === undefined || projects.includes(record.project));
}

export function createSessions(): Sessions {
  const entries = new Map<ActorId, SessionEntry>();
  const order = createOrder(compareKeys);
  const tallies = new Map<SessionId, SessionTally>();

  function tallyOf(id: SessionId): SessionTally {
    let tally = tallies.get(id);
    if (tally === undefined) tallies.set(id, (tally = createSessionTally()));
    return tally;
  }

  const tasksOfResident = (id: SessionId): SessionTasks => tallies.get(id)?.read() ?? noTasks;

  return {
    get size() {
      return entries.size;
    },
    get: (id) => entries.get(id),
    put(entry) {
      const before = entries.get(entry.record.id);
      if (before !== undefined) order.delete(keyOf(before));
      order.add(keyOf(entry));
      entries.set(entry.record.id, entry);
    },
    entries: () => entries.values(),
    isPaused: (id) => id !== null && entries.get(id)?.record.snapshot.value === 'paused',
    moveTask(before, after) {
      const id = (after ?? before)?.record.snapshot.context.spec.sessionId ?? null;
      if (id !== null) tallyOf(id).move(before, after);
    },
    tasksOf: tasksOfResident,
    list(query, tasksOf = tasksOfResident) {
      const matches = createFilter(query);
      const after = query.cursor === undefined ? null : decodeSessionCursor(query.cursor);
      const found: SessionEntry[] = [];
      for (const { id } of order.backwards(after)) {
        const entry = entries.get(id);
        if (entry === undefined || !matches(entry)) continue;
        found.push(entry);
        if (found.length > query.limit) break;
      }
      let total = 0;
      for (const entry of entries.values()) if (matches(entry)) total++;
      const shown = found.slice(0, query.limit);
      const last = shown.at(-1);
      return {
        items: shown.map(({ record }) => ({ record, tasks: tasksOf(record.id) })),
        next: last === undefined || found.length === shown.length ? null : encodeSessionCursor(keyOf(last)),
        total,
      };
    },
  };
}
