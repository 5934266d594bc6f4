import { TroupeError } from '../errors.ts';
import type { Asked, Link } from './link.ts';
import { Pauses, unlessAborted } from './pauses.ts';
import { randomId } from './random-id.ts';
import { asError, cancelled } from './refusals.ts';
import { Run } from './run.ts';
import type { Work } from './run.ts';

export { Run };

type Claim = Asked<'task.claim'>;
export type WorkFilter = NonNullable<Claim['filter']>;

/**
 * Does one task. What it returns completes it, a text is the summary; nothing, when it has ended the run itself. What it throws fails
 * it: for good when the error has `retryable: false`. The signal aborts when the lease is lost or the work is stopped at once.
 */
export type Handler = (run: Run, signal: AbortSignal) => Promise<string | Work | void> | string | Work | void;

export interface WorkOptions extends Pick<Claim, 'leaseMs' | 'contextBytes'> {
  /** Tasks that are executed at the same time. Default 1. */
  readonly concurrency?: number | undefined;
  /** Ends when nothing is ready and nothing runs. It then waits for a service no longer than any call does. Default false. */
  readonly untilEmpty?: boolean | undefined;
  /** Stops at once, as `stop({ now: true })` does. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of every run that did not complete. Must not throw. */
  readonly onError?: ((error: unknown, run: Run) => void) | undefined;
}

/** How long one claim waits at the service. */
const waitMs = 20_000;
/** How often a completion is sent, each as patiently as the link is. */
const attempts = 5;

/** A loop that claims tasks and hands them to a function, until it is stopped. */
export class Worker {
  /** Resolves when it has stopped, or found nothing more, and nothing runs; rejects when it may not claim. */
  readonly done: Promise<void>;
  readonly #link: Link;
  readonly #claim: Claim;
  readonly #handler: Handler;
  readonly #options: WorkOptions;
  readonly #stopping = new AbortController();
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(link: Link, filter: WorkFilter, handler: Handler, options: WorkOptions = {}) {
    const { leaseMs, contextBytes, signal, untilEmpty = false } = options;
    this.#link = link;
    this.#claim = { filter, leaseMs, contextBytes, waitMs: untilEmpty ? 0 : waitMs };
    this.#handler = handler;
    this.#options = options;
    const abort = (): void => void this.stop({ now: true }).catch(() => {});
    signal?.addEventListener('abort', abort);
    this.done = this.#work().finally(() => signal?.removeEventListener('abort', abort));
    // Whoever wants to know waits for it himself.
    this.done.catch(() => {});
    if (signal?.aborted === true) abort();
  }

  /** Claims nothing more, and resolves when what runs has finished. With `now` the handlers' signals abort, and their tasks are given back. */
  stop({ now = false } = {}): Promise<void> {
    if (now) this.#ending.abort(cancelled('the worker was stopped'));
    this.#stopping.abort();
    return this.done;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    const { concurrency = 1, untilEmpty = false } = this.#options;
    const pauses = new Pauses(100, 5_000);
    // Kept until it is answered, so that a task whose answer was lost is found again.
    let commandId = randomId();
    try {
      while (!signal.aborted) {
        if (this.#running.size >= concurrency) {
          await Promise.race(this.#running);
          continue;
        }
        const asked = performance.now();
        try {
          const execution = await this.#link.call('task.claim', { ...this.#claim, commandId }, { signal });
          commandId = randomId();
          pauses.reset();
          const running: Promise<void> = this.#run(new Run(this.#link, execution)).finally(() => this.#running.delete(running));
          this.#running.add(running);
        } catch (error) {
          if (signal.aborted) break;
          const { reason, retryable, details } = asError(error);
          if (reason === 'NOTHING_READY' && untilEmpty) {
            if (this.#running.size === 0) return;
            // What runs may make something ready.
            await Promise.race(this.#running);
            continue;
          }
          if (reason === 'STALE_LEASE') commandId = randomId();
          else if (!retryable || untilEmpty || this.#link.state.status === 'ended') throw error;
          if (reason === 'NOTHING_READY' && performance.now() - asked > waitMs / 2) continue;
          await pauses.take(signal, details.retryAfterMs).catch(() => {});
        }
      }
    } finally {
      await Promise.all(this.#running);
    }
  }

  async #run(run: Run): Promise<void> {
    const { signal: stopped } = this.#ending;
    const signal = AbortSignal.any([run.signal, stopped]);
    try {
      stopped.throwIfAborted();
      const handled = (async () => this.#handler(run, signal))();
      // A handler that does not listen is not waited for.
      await this.#finish(run, await unlessAborted(handled, stopped));
    } catch (error) {
      this.#options.onError?.(error, run);
      // A lease that is lost belongs to somebody else.
      if (run.ended) return;
      await (stopped.aborted ? run.release('its worker was stopped') : run.fail(error)).catch(() => {});
    }
  }

  /** Work is not thrown away because nobody could be told of it. Late work is taken too, as long as nobody else has begun. */
  async #finish(run: Run, result: string | Work | void): Promise<void> {
    if (run.ended && !run.signal.aborted) return;
    if (result === undefined && run.signal.aborted) throw run.signal.reason;
    if (result === undefined)
      throw new TroupeError('INVALID_PARAMS', 'the handler returned nothing and did not end the run', { fix: 'return what was done' });
    const work = { commandId: randomId(), ...(typeof result === 'string' ? { summary: result } : result) };
    const pauses = new Pauses(100, 2_000);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await run.complete(work);
        return;
      } catch (error) {
        if (!asError(error).retryable || attempt === attempts || this.#link.state.status === 'ended') throw error;
        await pauses.take(this.#ending.signal);
      }
    }
  }
}
