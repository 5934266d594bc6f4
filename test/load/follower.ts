import type { ReceivedEvent } from '../support/client.ts';
import type { Served } from './serve.ts';
import { Wire } from './wire.ts';

/** A subscriber that follows everything, and says when a revision is left out or the stream can't be resumed. */
export class Follower {
  readonly faults: string[] = [];
  events = 0;
  #position: string | null = null;
  #wire: Wire | null = null;
  readonly #revs = new Map<string, number>();

  /** Connects, and goes on where it stood. */
  async follow(served: Served): Promise<void> {
    const wire = await Wire.connect(served, {
      worker: 'follower',
      onEvent: (event) => this.#take(event),
      onBookmark: (position) => (this.#position = position),
    });
    this.#wire = wire;
    const since = this.#position === null ? {} : { since: this.#position };
    const { mode, position } = await wire.ask('events.subscribe', { ...since, filter: {} });
    if (since.since !== undefined && mode !== 'resumed') this.faults.push(`resumed as ${mode}`);
    this.#position ??= position;
  }

  async leave(): Promise<void> {
    await this.#wire?.close();
  }

  /** Resolves when everything up to now was received. */
  async caughtUp(deadlineMs: number): Promise<void> {
    const head = (await this.#wire?.ask('system.ping', {}))?.position;
    const until = performance.now() + deadlineMs;
    while (this.#position !== head) {
      if (performance.now() > until) throw new Error(`stands at ${this.#position} instead of ${head}`);
      await this.#wire?.ask('system.ping', {});
    }
  }

  #take({ taskId, rev, type, position }: ReceivedEvent): void {
    if (taskId === null) return;
    this.events += 1;
    this.#position = position;
    const before = this.#revs.get(taskId);
    // What came twice after a resume is no fault. Of a task that was there before, nothing is known.
    const isNext = before === undefined ? rev === 1 : rev <= before + 1;
    if (!isNext && this.faults.length < 20) this.faults.push(`${taskId} ${type}: revision ${rev} after ${before ?? 'none'}`);
    if (type === 'task.archived' || type === 'task.deleted') this.#revs.delete(taskId);
    else this.#revs.set(taskId, Math.max(rev, before ?? 0));
  }
}
