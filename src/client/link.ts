import { TroupeError } from '../errors.ts';
import type { EventFilter } from '../protocol/event.ts';
import type { MethodName, Output } from '../protocol/methods.ts';
import { mutations } from '../protocol/mutations.ts';
import { Connector } from './connector.ts';
import { Following } from './following.ts';
import type { Listener, StreamEvent } from './following.ts';
import { Pauses, unlessAborted, withTimeout } from './pauses.ts';
import type { Asked, CallOptions, FollowAloneOptions, FollowOptions, Held, LinkOptions } from './link-options.ts';
import type { LinkState } from './link-state.ts';
import { asError, cancelled, isPassing, LostError, unreachable, withCommandId } from './refusals.ts';
import type { Address, Session } from './session.ts';
import type { Params, Uploading } from './uploading.ts';
import { randomId } from './random-id.ts';

export type { Address, Asked, CallOptions, FollowOptions, LinkOptions, Listener, LinkState, StreamEvent };

/** A request that was on its way when so many connections ended is not sent again: it may be what ends them. */
const mostLosses = 16;
/** Calls that wait for a connection or an answer: whoever has more of them does not listen. */
const mostWaiting = 10_000;
/** Fits into a message of any service. */
const smallestMessage = 65_536;

/**
 * A client of `troupe.v1` for programs that must neither lose nor repeat a command. It connects when it is first needed, keeps one
 * connection, and makes a new one when that is lost. A command gets its `commandId` before it is first sent and is sent again with the
 * same one until it is answered, so it takes effect once. Work that no message can carry is uploaded first.
 */
export class Link {
  readonly #connector: Connector;
  readonly #patienceMs: number;
  readonly #followings = new Set<Following>();
  /** Made when it is first needed: most never are. */
  #uploading: Promise<Uploading> | null = null;
  readonly #watchers = new Set<(state: LinkState) => void>();
  readonly #closing = new AbortController();
  #waiting = 0;

  constructor(options: LinkOptions) {
    this.#patienceMs = options.patienceMs ?? 10_000;
    if (options.onState !== undefined) this.#watchers.add(options.onState);
    this.#connector = new Connector(options, {
      onSession: (session) => {
        for (const following of this.#followings) void this.#subscribe(session, following);
      },
      onNotification: (method, params) => {
        for (const following of this.#followings) following.take(method, params);
      },
      onLost: (final) => {
        for (const following of this.#followings) following.view = null;
        if (final !== null) this.#endFollowings(final);
        else if (this.#followings.size > 0) this.#attend();
      },
      onState: (state) => {
        for (const watcher of this.#watchers) watcher(state);
      },
    });
  }

  get state(): LinkState {
    return this.#connector.state;
  }

  /** Tells the watcher how the link stands whenever that changes. Answers how to stop. The watcher must not throw. */
  watch(watcher: (state: LinkState) => void): () => void {
    const own = (state: LinkState): void => watcher(state);
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  /** For a page that comes back online or wakes: a pause between two attempts ends now, and a connection that died is found out. */
  retryNow(): void {
    this.#connector.retryNow();
  }

  /**
   * Sends a request and resolves with its result, however many connections that takes. Rejects with the service's refusal as a
   * TroupeError; with UNREACHABLE when there is no service; with CANCELLED when the signal aborts or the link is closed. A retryable
   * error of a command carries its `commandId` in `details`: sent again with it, the command still takes effect once.
   */
  async call<M extends MethodName>(method: M, input: Asked<M>, { signal, timeoutMs }: CallOptions = {}): Promise<Output<M>> {
    const given: Params = { ...input };
    const params = Object.hasOwn(mutations, method) ? { ...given, commandId: given['commandId'] ?? randomId() } : given;
    if (this.#waiting >= mostWaiting) {
      throw new TroupeError('TOO_MANY_IN_FLIGHT', `${mostWaiting} calls wait already`, { fix: 'wait for answers before calling more' });
    }
    this.#waiting += 1;
    try {
      return await withTimeout(timeoutMs, signal, (stop) => this.#perform<Output<M>>(method, params, stop));
    } catch (error) {
      throw withCommandId(error, params['commandId']);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Resolves when the service has answered: the way there and back, without the work of a method. Rejects as `call` does. */
  async ping(options: CallOptions = {}): Promise<void> {
    await this.#send('system.ping', {}, options.signal);
  }

  /**
   * Tells the listener of every event from now on, across reconnects, without a gap and none twice. It begins with `live` and begins
   * anew with `list` when the log was replaced. Answers how to stop. The listener must not throw.
   */
  follow(listener: Listener, filter: EventFilter = {}, { batchMs = 0 }: FollowOptions = {}): () => void {
    const fresh = new Following(filter, batchMs);
    const known = [...this.#followings].find(({ key, isShared }) => isShared && key === fresh.key);
    const following = known ?? fresh;
    // Of its own, so that the same function can follow twice.
    const own: Listener = (event) => listener(event);
    following.listeners.add(own);
    if (known === undefined) this.#open(following);
    else if (known.position !== null) own({ kind: 'live', position: known.position });
    return () => {
      following.listeners.delete(own);
      if (following.listeners.size === 0) this.#shut(following);
    };
  }

  /**
   * The same for a listener that must be able to make the service wait. Paused, it is told nothing; resumed, it is told what it missed,
   * or `list` when that was too much. It begins from the position `since`, or from now.
   */
  followAlone(listener: Listener, filter: EventFilter, { batchMs = 0, since }: FollowAloneOptions): Held {
    const following = new Following(filter, batchMs, false, since);
    following.listeners.add(listener);
    this.#open(following);
    return { pause: () => this.#shut(following), resume: () => this.#open(following) };
  }

  /** Ends the connection. Calls that still wait are rejected, and followers are told. */
  async close(): Promise<void> {
    const error = cancelled('the link was closed');
    this.#closing.abort(error);
    this.#endFollowings(error);
    await this.#connector.close(error);
  }

  async #perform<T>(method: MethodName, params: Params, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await this.#send<T>(method, params, signal);
    } catch (error) {
      const { detailedWork } = params;
      const isTooLarge = error instanceof TroupeError && error.reason === 'TOO_LARGE';
      if (!isTooLarge || method !== 'task.complete' || typeof detailedWork !== 'string') throw error;
      const maxBytes = error.details.limit?.max ?? smallestMessage;
      this.#uploading ??= import('./uploading.ts').then((module) => new module.Uploading());
      const claiming = await (
        await this.#uploading
      ).claiming((step, given) => this.#send(step, given, signal), params, detailedWork, maxBytes);
      return await this.#send<T>(method, claiming, signal);
    }
  }

  async #send<T>(method: string, params: object, signal?: AbortSignal): Promise<T> {
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal]);
    const connector = this.#connector;
    const pauses = new Pauses(50, 1_000);
    let losses = 0;
    let until: number | null = null;
    for (;;) {
      if (stop.aborted) throw this.#withdrawn();
      try {
        // The connector hears of the end of the link by itself.
        const connecting = (): Promise<Session> => (signal === undefined ? connector.connect() : unlessAborted(connector.connect(), stop));
        const session = connector.session ?? (await connecting());
        return await session.request<T>(method, params, signal === undefined ? {} : { signal: stop });
      } catch (error) {
        if (stop.aborted) throw this.#withdrawn();
        if (error instanceof LostError) {
          losses += 1;
          if (losses === mostLosses) throw unreachable(error);
        } else if (isPassing(error)) {
          until ??= performance.now() + this.#patienceMs;
          if (performance.now() > until) throw error;
          // One of its own: of many calls that pause each would listen to the same signal.
          await pauses.take(AbortSignal.any([stop]), error.details.retryAfterMs).catch(() => {});
        } else throw error;
      }
    }
  }

  #withdrawn(): TroupeError {
    return this.#closing.signal.aborted ? cancelled('the link was closed') : cancelled('the call was withdrawn');
  }

  /** Connects for the followers alone. */
  #attend(): void {
    // When it succeeds everyone is subscribed by then.
    this.#connector.connect().catch((error: unknown) => this.#endFollowings(asError(error)));
  }

  async #subscribe(session: Session, following: Following): Promise<void> {
    const pauses = new Pauses(50, 1_000);
    const until = performance.now() + this.#patienceMs;
    const { filter, batchMs } = following;
    while (this.#connector.session === session && this.#followings.has(following)) {
      const since = following.position === null ? {} : { since: following.position };
      try {
        const onAnswer = (answer: Output<'events.subscribe'>): void => following.opened(answer);
        await session.request('events.subscribe', { filter, batchMs, ...since }, { onAnswer });
        if (!this.#followings.has(following)) this.#leave(following);
        return;
      } catch (error) {
        // The next connection subscribes again.
        if (error instanceof LostError) return;
        if (!isPassing(error) || performance.now() > until) return this.#endFollowing(following, asError(error));
        await pauses.take(AbortSignal.any([this.#closing.signal]), error.details.retryAfterMs).catch(() => {});
      }
    }
  }

  async #unsubscribe(view: string): Promise<void> {
    // A connection that is lost meanwhile has no views any more.
    await this.#connector.session?.request('events.unsubscribe', { view }).catch(() => {});
  }

  #open(following: Following): void {
    if (this.#followings.has(following)) return;
    this.#followings.add(following);
    const { session } = this.#connector;
    if (session === null) this.#attend();
    else void this.#subscribe(session, following);
  }

  #shut(following: Following): void {
    if (this.#followings.delete(following)) this.#leave(following);
  }

  /** A connection has only one view of equal filters: it stays for whoever else follows it. */
  #leave(following: Following): void {
    const { view, key } = following;
    following.view = null;
    if (view !== null && ![...this.#followings].some((other) => other.key === key)) void this.#unsubscribe(view);
  }

  #endFollowing(following: Following, error: TroupeError): void {
    this.#followings.delete(following);
    following.tell({ kind: 'ended', error });
  }

  #endFollowings(error: TroupeError): void {
    // As they are now: a listener that is told may follow anew.
    const now = [...this.#followings];
    for (const following of now) this.#endFollowing(following, error);
  }
}
