import { messagesOf } from './sequence.ts';
import type { Message, Told } from './sequence.ts';

const keyOf = ({ taskId, rev }: Told): string => `${taskId} ${rev}`;

/** The messages of a plan: what was read of the past, and behind it what came since, in the order of the log. Bounded. */
export class MessageLog {
  readonly #most: number;
  #past: readonly Message[] = [];
  #live: Message[] = [];
  readonly #heard = new Set<string>();
  /** What was dropped again because there was too much. */
  dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get messages(): readonly Message[] {
    return [...this.#past, ...this.#live];
  }

  /** Events as they come; what comes twice is taken once. */
  hear(events: readonly Told[]): void {
    for (const event of events) {
      if (this.#heard.has(keyOf(event))) continue;
      this.#heard.add(keyOf(event));
      this.#live.push(...messagesOf(event));
    }
    const over = this.#past.length + this.#live.length - this.#most;
    if (over <= 0) return;
    this.dropped += over;
    const fromPast = Math.min(over, this.#past.length);
    this.#past = this.#past.slice(fromPast);
    this.#live = this.#live.slice(over - fromPast);
  }

  /** The past in order; what was heard since it began to be read is no past. */
  recall(events: readonly Told[]): void {
    const room = Math.max(0, this.#most - this.#live.length);
    const all = events.filter((event) => !this.#heard.has(keyOf(event))).flatMap(messagesOf);
    this.#past = room === 0 ? [] : all.slice(-room);
  }
}
