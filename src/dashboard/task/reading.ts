import { refusalOf } from '../refusal.ts';
import { withEvents } from './history.ts';
import { latest } from './latest.ts';
import type { TroupeError } from '../../errors.ts';
import type { Link } from '../../client/link.ts';
import type { Task } from '../../protocol/task.ts';
import type { Call } from './form.ts';
import type { HistoryEvent } from './history.ts';

/** One task with its events, kept up to date while somebody looks at it. */

export interface Shown {
  /** Null until it was read. */
  readonly task: Task | null;
  readonly events: readonly HistoryEvent[];
  /** Whether there are events between those that were read and those that came since. */
  readonly hasMore: boolean;
  /** Why there is no task to show. */
  readonly error: TroupeError | null;
}

export interface Reading {
  /** The task as the answer to a command had it. */
  take(task: Task): void;
  readMore(): void;
  close(): void;
}

const pageItems = 500;
/** Read without being asked for. */
const mostPages = 10;

export function readTask(
  taskId: Task['id'],
  link: { readonly call: Call; readonly follow: Link['follow'] },
  tell: (shown: Shown) => void,
): Reading {
  let shown: Shown = { task: null, events: [], hasMore: false, error: null };
  let cursor: string | null = null;
  const closed = new AbortController();
  const set = (change: Partial<Shown>): void => {
    if (closed.signal.aborted) return;
    shown = { ...shown, ...change };
    tell(shown);
  };
  /** Answers may pass each other; the newest revision stays. */
  const take = (task: Task): void => {
    if (shown.task === null || task.rev >= shown.task.rev) set({ task, error: null });
  };

  const readAgain = latest(async () => {
    try {
      take((await link.call('task.get', { taskId })).task);
    } catch (error) {
      // What was read before stays: the header says what became of the connection.
      if (shown.task === null) set({ error: refusalOf(error) });
    }
  });
  const readEvents = latest(async () => {
    try {
      for (let page = 0; page < mostPages && !closed.signal.aborted; page++) {
        const { items, nextCursor } = await link.call('task.history', { taskId, limit: pageItems, ...(cursor === null ? {} : { cursor }) });
        cursor = nextCursor;
        set({ events: withEvents(shown.events, items), hasMore: nextCursor !== null });
        if (nextCursor === null) return;
      }
    } catch (error) {
      if (shown.task === null) set({ error: refusalOf(error) });
    }
  });

  const unfollow = link.follow(
    (told) => {
      switch (told.kind) {
        case 'live':
        case 'list':
          cursor = null;
          // Another log can have another task of the same revision.
          if (told.kind === 'list') set({ task: null, events: [] });
          readAgain();
          readEvents();
          break;
        case 'events':
          set({ events: withEvents(shown.events, told.events) });
          readAgain();
          break;
        case 'ended':
          if (shown.task === null) set({ error: told.error });
      }
    },
    { taskId },
    { batchMs: 50 },
  );

  return {
    take,
    readMore: () => readEvents(),
    close() {
      closed.abort();
      unfollow();
    },
  };
}
