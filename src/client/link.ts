import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type * as z from 'zod';
import { TroupeError } from '../errors.ts';
import type { EventFilter } from '../protocol/event.ts';
import { methods } from '../protocol/methods.ts';
import type { MethodName, Output } from '../protocol/methods.ts';
import { Connector } from './connector.ts';
import { Following } from './following.ts';
import type { Listener, StreamEvent } from './following.ts';
import { Pauses, unlessAborted } from './pauses.ts';
import { isPassing, LostError, unreachable, withCommandId } from './refusals.ts';
import type { Address, Session } from './session.ts';
import { Uploading } from './uploading.ts';
import type { Params } from './uploading.ts';

export type { Address, StreamEvent };

export interface LinkOptions {
  /**
   * Where the service is; asked before every connection, so that whoever starts it again can be plugged in. A rejection with a
   * TroupeError that is not retryable reaches the callers at once; after any other the link asks again. The signal aborts when nobody
   * waits for the answer any more.
   */
  readonly address: (signal: AbortSignal) => Promise<Address>;
  readonly client: { readonly name: string; readonly version: string };
  /** Tells this process apart from others with the same token: 1 to 64 of `A-Z a-z 0-9 . _ : -`. The holder of its leases. */
  readonly worker: string;
  /** How long calls wait without a connection before they are rejected with UNREACHABLE. Default 30 s. */
  readonly giveUpMs?: number | undefined;
  /** How long a call that is refused because of the moment (rate, drain, store) is sent again. Default 10 s. */
  readonly patienceMs?: number | undefined;
}

/** What goes into a method. */
export type Asked<M extends MethodName> = z.input<(typeof methods)[M]['input']>;

export interface CallOptions {
  /** Withdraws the call: it is rejected with CANCELLED unless it was answered before. A command may have taken effect all the same. */
  readonly signal?: AbortSignal | undefined;
}

const mutations: ReadonlySet<string> = new Set(
  Object.entries(methods).flatMap(([name, { input }]) => ('commandId' in input.shape ? [name] : [])),
);

/** A request that was on its way when so many connections ended is not sent again: it may be what ends them. */
const mostLosses = 16;
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
  readonly #followings = new Map<string, Following>();
  readonly #uploading = new Uploading();
  readonly #closing = new AbortController();

  constructor(options: LinkOptions) {
    this.#patienceMs = options.patienceMs ?? 10_000;
    // Every call that waits listens.
    setMaxListeners(0, this.#closing.signal);
    this.#connector = new Connector(options, {
      onSession: (session) => {
        for (const following of this.#followings.values()) void this.#subscribe(session, following);
      },
      onNotification: (method, params) => {
        for (const following of this.#followings.values()) following.take(method, params);
      },
      onLost: (final) => {
        for (const following of this.#followings.values()) following.view = null;
        if (final !== null) this.#endFollowings(final);
        else if (this.#followings.size > 0) this.#attend();
      },
    });
  }

  /**
   * Sends a request and resolves with its result, however many connections that takes. Rejects with the service's refusal as a
   * TroupeError; with UNREACHABLE when there is no service; with CANCELLED when the signal aborts or the link is closed. A retryable
   * error of a command carries its `commandId` in `details`: sent again with it, the command still takes effect once.
   */
  async call<M extends MethodName>(method: M, input: Asked<M>, { signal }: CallOptions = {}): Promise<Output<M>> {
    const given: Params = { ...input };
    const params = mutations.has(method) ? { ...given, commandId: given['commandId'] ?? randomUUID() } : given;
    try {
      return await this.#perform<Output<M>>(method, params, signal);
    } catch (error) {
      throw withCommandId(error, params['commandId']);
    }
  }

  /**
   * Tells the listener of every event from now on, across reconnects, without a gap and none twice. It begins with `live` and begins
   * anew with `list` when the log was replaced. Answers how to stop. The listener must not throw.
   */
  follow(listener: Listener, filter: EventFilter = {}): () => void {
    const key = Following.keyOf(filter);
    const known = this.#followings.get(key);
    const following = known ?? new Following(filter);
    // Of its own, so that the same function can follow twice.
    const own: Listener = (event) => listener(event);
    following.listeners.add(own);
    if (known === undefined) {
      this.#followings.set(key, following);
      const { session } = this.#connector;
      if (session === null) this.#attend();
      else void this.#subscribe(session, following);
    } else if (known.position !== null) {
      own({ kind: 'live', position: known.position });
    }
    return () => {
      following.listeners.delete(own);
      if (following.listeners.size > 0 || this.#followings.get(key) !== following) return;
      this.#followings.delete(key);
      if (following.view !== null) void this.#unsubscribe(following.view);
    };
  }

  /** Ends the connection. Calls that still wait are rejected, and followers are told. */
  async close(): Promise<void> {
    const error = new TroupeError('CANCELLED', 'the link was closed');
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
      const claiming = await this.#uploading.claiming((step, given) => this.#send(step, given, signal), params, detailedWork, maxBytes);
      return await this.#send<T>(method, claiming, signal);
    }
  }

  async #send<T>(method: string, params: object, signal?: AbortSignal): Promise<T> {
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal]);
    const pauses = new Pauses(50, 1_000);
    let losses = 0;
    let until: number | null = null;
    for (;;) {
      if (stop.aborted) throw this.#withdrawn();
      try {
        const session = this.#connector.session ?? (await unlessAborted(this.#connector.connect(), stop));
        return await session.request<T>(method, params, signal === undefined ? {} : { signal: stop });
      } catch (error) {
        if (stop.aborted) throw this.#withdrawn();
        if (error instanceof LostError) {
          losses += 1;
          if (losses === mostLosses) throw unreachable(error);
        } else if (isPassing(error)) {
          until ??= performance.now() + this.#patienceMs;
          if (performance.now() > until) throw error;
          await pauses.take(stop, error.details.retryAfterMs).catch(() => {});
        } else throw error;
      }
    }
  }

  #withdrawn(): TroupeError {
    return this.#closing.signal.aborted
      ? new TroupeError('CANCELLED', 'the link was closed')
      : new TroupeError('CANCELLED', 'the call was withdrawn');
  }

  /** Connects for the followers alone. */
  #attend(): void {
    // When it succeeds everyone is subscribed by then.
    this.#connector.connect().catch((error: unknown) => this.#endFollowings(asError(error)));
  }

  async #subscribe(session: Session, following: Following): Promise<void> {
    const pauses = new Pauses(50, 1_000);
    const until = performance.now() + this.#patienceMs;
    const { filter } = following;
    while (this.#connector.session === session && this.#isFollowed(following)) {
      const since = following.position === null ? {} : { since: following.position };
      try {
        const onAnswer = (answer: Output<'events.subscribe'>): void => following.opened(answer);
        await session.request('events.subscribe', { filter, ...since }, { onAnswer });
        if (!this.#isFollowed(following) && following.view !== null) await this.#unsubscribe(following.view);
        return;
      } catch (error) {
        // The next connection subscribes again.
        if (error instanceof LostError) return;
        if (!isPassing(error) || performance.now() > until) return this.#endFollowing(following, asError(error));
        await pauses.take(this.#closing.signal, error.details.retryAfterMs).catch(() => {});
      }
    }
  }

  async #unsubscribe(view: string): Promise<void> {
    // A connection that is lost meanwhile has no views any more.
    await this.#connector.session?.request('events.unsubscribe', { view }).catch(() => {});
  }

  #isFollowed(following: Following): boolean {
    return this.#followings.get(Following.keyOf(following.filter)) === following;
  }

  #endFollowing(following: Following, error: TroupeError): void {
    if (this.#isFollowed(following)) this.#followings.delete(Following.keyOf(following.filter));
    following.tell({ kind: 'ended', error });
  }

  #endFollowings(error: TroupeError): void {
    // As they are now: a listener that is told may follow anew.
    const now = [...this.#followings.values()];
    for (const following of now) this.#endFollowing(following, error);
  }
}

const asError = (error: unknown): TroupeError => (error instanceof TroupeError ? error : unreachable(error));
