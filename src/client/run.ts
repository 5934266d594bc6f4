import { TroupeError } from '../errors.ts';
import type { Output } from '../protocol/methods.ts';
import type { Task } from '../protocol/task.ts';
import type { Asked, CallOptions, Link } from './link.ts';
import { Pauses } from './pauses.ts';
import type { SentEvent } from './guards.ts';
import { asError } from './refusals.ts';

type Execution = Output<'task.execute'>;
type Given<M extends 'task.progress' | 'task.complete'> = Omit<Asked<M>, 'taskId' | 'lease'>;

/** What was done: the input of `task.complete` without task and lease. */
export type Work = Given<'task.complete'>;

/** Shorter runs are not watched: their end is their news. */
const watchAfterMs = 1_000;
/** Runs that one client watches by events, so that most of its subscriptions are left to others. The rest hear it when they renew. */
const mostWatched = 16;
/** What timers take. */
const longestMs = 2 ** 31 - 1;

/** The runs of each link that are watched. */
const watched = new WeakMap<Link, number>();

/** A task that this client executes. It holds the lease and renews it until the run ends. */
export class Run {
  /** As it was when the run began. */
  readonly task: Task;
  /** What its worker is told: the specialist's context and prompts, instructions, dependencies with their work. */
  readonly context: Pick<Execution, 'specialist' | 'instructions' | 'dependencies' | 'nextSteps'>;
  readonly #link: Link;
  readonly #lease: Execution['lease']['id'];
  readonly #over = new AbortController();
  readonly #pauses = new Pauses(100, 2_000);
  #lengthMs = 0;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #unwatch = (): void => {};
  /** Calls that may end the run, under way. */
  #ending = 0;
  #isEnded = false;

  constructor(link: Link, { task, lease, specialist, instructions, dependencies, nextSteps }: Execution) {
    this.#link = link;
    this.#lease = lease.id;
    this.task = task;
    this.context = { specialist, instructions, dependencies, nextSteps };
    this.#renewed(task, lease);
    this.#watch = setTimeout(() => this.#follow(), Math.min(watchAfterMs, this.#lengthMs / 4));
  }

  /** Aborts when the task is not this client's any more: its lease is over, or it was cancelled, blocked, reopened or taken by another. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Whether it was completed, failed, blocked, released or lost. */
  get ended(): boolean {
    return this.#isEnded;
  }

  /** Reports progress, which renews the lease. A number is the value. */
  async progress(given: number | Given<'task.progress'>, options?: CallOptions): Promise<Task> {
    const { task, lease } = await this.#report(typeof given === 'number' ? { value: given } : given, options);
    this.#renewed(task, lease);
    return task;
  }

  /** Ends the run with its work; a text is the summary. With `nextAction: 'continue'` the work is stored and the run goes on. */
  complete(work: string | Work, options?: CallOptions): Promise<Output<'task.complete'>> {
    const given = typeof work === 'string' ? { summary: work } : work;
    return this.#end(this.#link.call('task.complete', { ...given, taskId: this.task.id, lease: this.#lease }, options));
  }

  /** Ends the attempt. It is retryable unless told otherwise, here or by a `retryable` of the error. */
  fail(error: unknown, { retryable = isRetryable(error), ...options }: { readonly retryable?: boolean } & CallOptions = {}): Promise<Task> {
    const text = error instanceof Error ? error.message : String(error);
    const message = text.slice(0, 4_000).toWellFormed() || 'it failed';
    const given = { taskId: this.task.id, lease: this.#lease, error: { message, retryable } };
    return this.#end(this.#link.call('task.fail', given, options)).then(({ task }) => task);
  }

  /** Stops the task with a reason, or with a question for a person. Blocking asks for no lease, so a run that is over must not do it. */
  async block(why: string | { readonly question: string }, options?: CallOptions): Promise<Task> {
    this.#over.signal.throwIfAborted();
    const given = { taskId: this.task.id, ...(typeof why === 'string' ? { reason: why } : why) };
    return (await this.#end(this.#link.call('task.block', given, options))).task;
  }

  /** Gives the task back for another attempt, after the pause that follows a failed one. It counts as one. */
  release(why = 'released by its worker', options?: CallOptions): Promise<Task> {
    return this.fail(why, { ...options, retryable: true });
  }

  #report(given: Given<'task.progress'>, options?: CallOptions): Promise<Output<'task.progress'>> {
    return this.#link.call('task.progress', { ...given, taskId: this.task.id, lease: this.#lease }, options);
  }

  /** What comes while it is under way may be its own effect. A refusal leaves the run as it was. */
  async #end<T extends { readonly task: Task }>(call: Promise<T>): Promise<T> {
    this.#ending += 1;
    try {
      const answer = await call;
      if (answer.task.lease?.id !== this.#lease) this.#stop();
      return answer;
    } catch (error) {
      if (this.#ending === 1) void this.#look();
      throw error;
    } finally {
      this.#ending -= 1;
    }
  }

  /** Both times are the service's, whatever clock is here. */
  #renewed({ updatedAt }: Task, { expiresAt }: { readonly expiresAt: string }): void {
    if (this.#isEnded) return;
    this.#lengthMs = Math.max(this.#lengthMs, Date.parse(expiresAt) - Date.parse(updatedAt), 1);
    this.#pauses.reset();
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.#lose('its lease ended before it could be renewed'), Math.min(longestMs, this.#lengthMs));
    this.#renewIn(this.#lengthMs / 3);
  }

  #renewIn(ms: number): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => void this.#renew(), Math.min(longestMs, ms));
  }

  async #renew(): Promise<void> {
    try {
      await this.progress({});
    } catch (error) {
      this.#refused(error);
      if (!this.#isEnded) this.#renewIn(this.#pauses.next());
    }
  }

  #refused(error: unknown): void {
    const told = asError(error);
    if (!told.retryable && this.#ending === 0) this.#lose(told.message);
  }

  #follow(): void {
    const count = watched.get(this.#link) ?? 0;
    if (count >= mostWatched) return;
    watched.set(this.#link, count + 1);
    const stop = this.#link.follow(
      (told) => {
        if (told.kind === 'events') for (const event of told.events) this.#hear(event);
        else if (told.kind !== 'ended') void this.#look();
        else if (told.error.reason === 'CANCELLED') this.#lose(told.error.message);
      },
      { taskId: this.task.id },
    );
    this.#unwatch = () => {
      this.#unwatch = () => {};
      watched.set(this.#link, (watched.get(this.#link) ?? 1) - 1);
      stop();
    };
    if (this.#isEnded) this.#unwatch();
  }

  #hear({ rev, type, data }: SentEvent): void {
    if (rev <= this.task.rev || this.#ending > 0) return;
    const isOther = type === 'task.started' && data['attempt'] !== this.task.attempt;
    if (isOther || data['status'] !== 'in_progress') this.#lose(`it was taken away: ${type}`);
  }

  /** What happened before anyone listened. */
  async #look(): Promise<void> {
    if (this.#isEnded) return;
    try {
      const { items } = await this.#link.call('task.list', { filter: { ids: [this.task.id] }, fields: ['lease'] });
      if (items[0]?.lease?.id !== this.#lease && this.#ending === 0) this.#lose('its lease is over');
    } catch (error) {
      this.#refused(error);
    }
  }

  #lose(why: string): void {
    if (this.#isEnded) return;
    this.#stop();
    const fix = 'stop; the task is executed again when it is ready';
    this.#over.abort(new TroupeError('STALE_LEASE', `the run is over: ${why}`, { taskId: this.task.id, fix }));
  }

  #stop(): void {
    this.#isEnded = true;
    clearTimeout(this.#renewal);
    clearTimeout(this.#expiry);
    clearTimeout(this.#watch);
    this.#unwatch();
  }
}

/** Whether another attempt may succeed: what an error says of itself, and true when it says nothing. */
const isRetryable = (error: unknown): boolean =>
  !(typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === false);
