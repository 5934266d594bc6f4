import type { ActorId } from '../ids.ts';
import { isTaskId } from '../ids.ts';
import { TroupeError } from '../errors.ts';
import { defaults } from '../protocol/defaults.ts';
import type { Store } from '../persistence/store.ts';
import type { ActorSystem } from './system.ts';

export interface TimersOptions {
  readonly system: ActorSystem;
  readonly store: Store;
  /** After a start, workers get this long to come back before their leases end. Default 60 s. */
  readonly graceMs?: number;
  /** How often the store is asked who is due. Default 250 ms. */
  readonly pollMs?: number;
  readonly onError?: (error: unknown) => void;
}

const batch = 100;

/**
 * Time as a caller: asks the store whose time has come and sends each a TIMER, an ordinary command.
 * Nothing is scheduled in memory, so a restart forgets nothing and a delay of years is a number in a record.
 */
export class Timers {
  readonly #options: TimersOptions;
  readonly #graceUntil: number;
  readonly #busy = new Set<string>();
  #interval: NodeJS.Timeout | null = null;
  #ticking: Promise<void> | null = null;

  constructor(options: TimersOptions) {
    this.#options = options;
    this.#graceUntil = options.store.now() + (options.graceMs ?? defaults.graceMs);
  }

  start(): void {
    this.#interval = setInterval(() => void this.tick().catch((error: unknown) => this.#tell(error)), this.#options.pollMs ?? 250);
    this.#interval.unref();
  }

  /** Sends a TIMER to everyone who is due, until nobody is; resolves when all have been taken. One round at a time. */
  tick(): Promise<void> {
    this.#ticking ??= this.#tick().finally(() => {
      this.#ticking = null;
    });
    return this.#ticking;
  }

  async stop(): Promise<void> {
    if (this.#interval !== null) clearInterval(this.#interval);
    this.#interval = null;
    await this.#ticking?.catch(() => {});
  }

  async #tick(): Promise<void> {
    const { store } = this.#options;
    const seen = new Set<string>();
    for (;;) {
      const now = store.now();
      const inGrace = now < this.#graceUntil;
      const due = await store.claimDue(now, batch + seen.size + this.#busy.size);
      const fresh = due.filter(({ id, rev }) => !seen.has(`${id}:${rev}`) && !this.#busy.has(`${id}:${rev}`));
      if (fresh.length === 0) return;
      for (const { id, rev } of fresh) seen.add(`${id}:${rev}`);
      const ripe = fresh.filter(({ leased }) => !(leased && inGrace));
      await Promise.all(ripe.map(({ id, rev }) => this.#fire(id, rev)));
    }
  }

  async #fire(id: ActorId, rev: number): Promise<void> {
    if (!isTaskId(id)) return;
    const { system } = this.#options;
    const key = `${id}:${rev}`;
    this.#busy.add(key);
    try {
      await system.run({
        id: `timer:${key}`,
        by: 'timer',
        method: 'timer',
        payload: null,
        remembers: () => id,
        talk: (talk) => {
          talk.addressed = id;
          talk.send(id, { type: 'TIMER', at: talk.at, by: talk.by });
        },
      });
    } catch (error) {
      this.#tell(error);
    } finally {
      this.#busy.delete(key);
    }
  }

  /** Not a refusal: then the task moved on before its time came, which is as good as done, or a store is away and is asked again. */
  #tell(error: unknown): void {
    if (!(error instanceof TroupeError)) this.#options.onError?.(error);
  }
}
