import type { SessionId } from '../ids.ts';
import type { TaskState } from '../machines/context.ts';
import type { Store, Tail } from '../persistence/store.ts';

const pageItems = 1_000;

/** Which sessions are paused, as far as that is durable: for answers, which tell no task of theirs as ready. */
export class PausedSessions {
  readonly #ids = new Set<SessionId>();
  #tail: Tail | null = null;

  /** Reads who is paused, and follows the log from there. */
  static async open(store: Store): Promise<PausedSessions> {
    const paused = new PausedSessions();
    const heard = new Set<SessionId>();
    paused.#tail = await store.tail('now', (entries) => {
      for (const { event } of entries) {
        if (event.taskId !== null) continue;
        heard.add(event.sessionId);
        if (event.data['status'] === 'paused') paused.#ids.add(event.sessionId);
        else paused.#ids.delete(event.sessionId);
      }
    });
    let cursor: string | undefined;
    do {
      const page = await store.sessions({ filter: { status: ['paused'] }, limit: pageItems, cursor });
      for (const { record } of page.items) if (!heard.has(record.id)) paused.#ids.add(record.id);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return paused;
  }

  /** Whether its session keeps the task from being executed. */
  holds({ context: { spec } }: TaskState): boolean {
    return spec.sessionId !== null && this.#ids.has(spec.sessionId);
  }

  close(): void {
    this.#tail?.close();
  }
}
