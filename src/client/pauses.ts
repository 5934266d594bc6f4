import { cancelled } from './refusals.ts';

/** Pauses that double up to a bound. Each is of any length up to that, so that many clients don't come back together. */
export class Pauses {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #taken = 0;

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  /** The length of the next one, at least `leastMs`. */
  next(leastMs = 0): number {
    const ms = Math.min(this.#longestMs, this.#firstMs * 2 ** this.#taken);
    this.#taken += 1;
    return Math.max(leastMs, ms * Math.random());
  }

  /** Rejects when the signal aborts. */
  take(signal: AbortSignal, leastMs = 0): Promise<void> {
    return wait(this.next(leastMs), signal);
  }

  reset(): void {
    this.#taken = 0;
  }
}

/** Rejects with the signal's reason when it aborts. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await unlessAborted(passed, signal).finally(() => clearTimeout(timer));
}

/** The promise, or a rejection with the signal's reason as soon as it aborts. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** What is done under a signal that aborts with the one given or after the time; then it is not waited for any more. */
export async function withTimeout<T>(
  ms: number | undefined,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (ms === undefined) return work(signal);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(cancelled(`no answer within ${ms} ms`)), ms);
  try {
    return await unlessAborted(work(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])), late.signal);
  } finally {
    clearTimeout(timer);
  }
}
