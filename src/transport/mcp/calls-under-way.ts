import { TroupeError } from '../../errors.ts';

/** Calls of one token that have no answer yet. */
export class CallsUnderWay {
  readonly #open = new Set<AbortController>();
  #ended: TroupeError | null = null;

  /** Runs a call that its caller may withdraw, and that the end withdraws if it only waits. */
  async run<T>(signal: AbortSignal | undefined, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#ended !== null) throw this.#ended;
    const controller = new AbortController();
    const withdraw = (): void => controller.abort();
    signal?.addEventListener('abort', withdraw);
    if (signal?.aborted === true) withdraw();
    this.#open.add(controller);
    try {
      return await call(controller.signal);
    } catch (error) {
      throw this.#ended !== null && error instanceof TroupeError && error.reason === 'CANCELLED' ? this.#ended : error;
    } finally {
      this.#open.delete(controller);
      signal?.removeEventListener('abort', withdraw);
    }
  }

  /** Answers with the reason what only waits, and whatever is asked from now on. Work that has begun goes on to its answer. */
  end(reason: TroupeError): void {
    this.#ended = reason;
    for (const controller of this.#open) controller.abort();
  }
}
