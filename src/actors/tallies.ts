import { createStore } from '@xstate/store';
import { isStatus, tally } from '../machines/tally.ts';
import type { Counts } from '../persistence/store.ts';
import type { ActorEvent, EventType } from '../protocol/event.ts';
import type { Status } from '../protocol/values.ts';

/** Changes from one status to another. */
interface Transition {
  readonly from: Status;
  readonly to: Status;
  readonly count: number;
}

export interface Tallies {
  readonly tasks: Readonly<Record<Status, number>>;
  /** Since the start, by type. */
  readonly events: Readonly<Partial<Record<EventType, number>>>;
  /** Since the start, by `from>to`. */
  readonly transitions: Readonly<Record<string, Transition>>;
}

/** Counts of what is durable: started from the store's, moved by committed events. */
export function createTallies({ byStatus }: Counts) {
  const context: Tallies = { tasks: byStatus, events: {}, transitions: {} };
  return createStore({
    context,
    on: {
      committed: (tallies: Tallies, { events: committed }: { events: readonly ActorEvent[] }): Tallies => {
        const tasks = { ...tallies.tasks };
        const events = { ...tallies.events };
        const transitions = { ...tallies.transitions };
        for (const { type, taskId, data } of committed) {
          const { status, from } = data;
          events[type] = (events[type] ?? 0) + 1;
          // A session has statuses of its own, some of the same name.
          if (taskId === null) continue;
          tally(tasks, { type, from, status }, 1);
          if (!isStatus(from) || !isStatus(status)) continue;
          const key = `${from}>${status}`;
          transitions[key] = { from, to: status, count: (transitions[key]?.count ?? 0) + 1 };
        }
        return { tasks, events, transitions };
      },
    },
  });
}
