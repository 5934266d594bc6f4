import { inOrder } from './sequence.ts';
import type { Told } from './sequence.ts';

/**
 * The newest events of many tasks, read task by task, the last changed first. It stops as soon as enough is known to be newest: what a
 * task that was not read yet can tell is no newer than its last change.
 */
export class Past<E extends Told, Id extends string = string> {
  readonly #tasks: readonly { readonly id: Id; readonly updatedAt: string }[];
  readonly #read: (id: Id) => Promise<readonly E[]>;
  readonly #events: E[] = [];
  #next = 0;

  constructor(tasks: Iterable<{ readonly id: Id; readonly updatedAt: string }>, read: (id: Id) => Promise<readonly E[]>) {
    this.#tasks = [...tasks].sort((one, other) => (one.updatedAt < other.updatedAt ? 1 : -1));
    this.#read = read;
  }

  /** At least so many of the newest, if there are so many, in order; and whether there are older ones. */
  async newest(count: number): Promise<{ readonly events: readonly E[]; readonly isAll: boolean }> {
    while (!this.#isKnown(count)) {
      const those = this.#tasks.slice(this.#next, this.#next + together);
      const read = await Promise.all(those.map(({ id }) => this.#read(id)));
      this.#next += those.length;
      for (const events of read) this.#events.push(...events);
    }
    const known = inOrder(this.#events);
    const shown = known.slice(-count);
    return { events: shown, isAll: this.#next >= this.#tasks.length && shown.length === known.length };
  }

  #isKnown(count: number): boolean {
    const next = this.#tasks[this.#next];
    if (next === undefined) return true;
    const { updatedAt: since } = next;
    return this.#events.filter(({ time }) => time > since).length >= count;
  }
}

/** So many tasks are read at once. */
const together = 8;
