import { setTimeout as wait } from 'node:timers/promises';

/** Pauses that double up to a bound. Each is between half and the whole of its length, so that many clients don't come back together. */
export class Pauses {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #taken = 0;

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  /** Waits at least `leastMs`. Rejects when the signal aborts. */
  async take(signal: AbortSignal, leastMs = 0): Promise<void> {
    const ms = Math.min(this.#longestMs, this.#firstMs * 2 ** this.#taken);
    this.#taken += 1;
    await wait(Math.max(leastMs, ms * (0.5 + Math.random() / 2)), undefined, { signal });
  }
}

/** The promise, or a rejection with the signal's reason as soon as it aborts. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
