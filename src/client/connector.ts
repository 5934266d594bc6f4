import { TroupeError } from '../errors.ts';
import type { Reason } from '../errors.ts';
import { closeCodes, finalCloseCodes } from '../protocol/close-codes.ts';
import type { LinkState } from './link-state.ts';
import { Pauses, unlessAborted, wait } from './pauses.ts';
import { asError, LostError, unreachable } from './refusals.ts';
import { Session } from './session.ts';
import type { Address, Greeting } from './session.ts';

export interface ConnectorOptions extends Greeting {
  readonly address: (signal: AbortSignal) => Promise<Address>;
  readonly giveUpMs?: number | undefined;
}

interface Hooks {
  /** A connection is there. */
  onSession(session: Session): void;
  onNotification(method: string, params: unknown): void;
  /** The connection ended; null when another may be made. */
  onLost(final: TroupeError | null): void;
  onState(state: LinkState): void;
}

/** The same message would be refused on every connection. */
const brokenCodes = new Set<number>([closeCodes.protocolError, closeCodes.notText, closeCodes.policy, closeCodes.tooBig]);

/** After these the same will be refused on every connection. */
const finalReasons = new Set<Reason>(['UNAUTHENTICATED', 'FORBIDDEN', 'INVALID_REQUEST']);

const firstPauseMs = 100;
/** Between two attempts of a call that waits, and of a program that waits for ever. */
const longestPauseMs = { bounded: 2_000, endless: 5_000 };
/** A connection that lived so long was a good one. */
const goodMs = 5_000;

/** Keeps at most one connection, and knows when to make another and when to stop (PROTOCOL.md, sections 5 and 7). */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #hooks: Hooks;
  readonly #giveUpMs: number;
  readonly #pauses: Pauses;
  readonly #closing = new AbortController();
  #session: Session | null = null;
  #connecting: Promise<Session> | null = null;
  /** Why there will be no connection any more. */
  #ended: TroupeError | null = null;
  /** How the last connection ended. */
  #lost: LostError | null = null;
  #openedAt = 0;
  /** Tokens refused in a row. */
  #refusedTokens = 0;
  #skipPause = (): void => {};
  #state: LinkState = { status: 'idle' };

  constructor(options: ConnectorOptions, hooks: Hooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#giveUpMs = options.giveUpMs ?? 30_000;
    const { bounded, endless } = longestPauseMs;
    this.#pauses = new Pauses(firstPauseMs, Number.isFinite(this.#giveUpMs) ? bounded : endless);
  }

  get state(): LinkState {
    return this.#state;
  }

  get session(): Session | null {
    return this.#session;
  }

  /** The connection, or the next one. Rejects with a TroupeError when there is none in time, and at once after `close` or a final refusal. */
  connect(): Promise<Session> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (this.#session !== null) return Promise.resolve(this.#session);
    this.#connecting ??= this.#make().finally(() => (this.#connecting = null));
    return this.#connecting;
  }

  async close(error: TroupeError): Promise<void> {
    this.#end(error);
    this.#closing.abort(error);
    await this.#session?.close();
  }

  /** The present pause ends here; a connection that may be dead is found out soon. */
  retryNow(): void {
    this.#pauses.reset();
    this.#skipPause();
    this.#session?.probe();
  }

  async #make(): Promise<Session> {
    const late = new AbortController();
    const giveUpMs = this.#giveUpMs;
    const giveUp = (): void => late.abort(unreachable(`no connection within ${giveUpMs} ms`));
    const timer = Number.isFinite(giveUpMs) ? setTimeout(giveUp, giveUpMs) : undefined;
    const signal = AbortSignal.any([this.#closing.signal, late.signal]);
    let last: unknown = null;
    try {
      let pauseMs = this.#firstPause();
      for (;;) {
        if (pauseMs > 0) await this.#pause(pauseMs, last ?? this.#lost, signal);
        this.#turn({ status: 'connecting' });
        try {
          const place = await unlessAborted(this.#options.address(signal), signal);
          return await this.#open(place, signal);
        } catch (error) {
          last = error;
          signal.throwIfAborted();
          pauseMs = this.#judge(error) === 'at once' ? 0 : this.#pauses.next();
        }
      }
    } catch (error) {
      const told = this.#ended ?? asError(late.signal.aborted ? unreachable(last ?? late.signal.reason) : error);
      if (this.#ended === null) this.#turn({ status: 'lost', error: told, retryAt: null });
      throw told;
    } finally {
      clearTimeout(timer);
    }
  }

  #firstPause(): number {
    // One that ends again and again as soon as it is there is not asked for ever faster than one that is not there.
    if (performance.now() - this.#openedAt > goodMs) this.#pauses.reset();
    if (this.#lost === null || this.#lost.code === closeCodes.restart) return 0;
    return this.#pauses.next(this.#lost.code === closeCodes.rate ? 1_000 : 0);
  }

  async #pause(ms: number, why: unknown, signal: AbortSignal): Promise<void> {
    const skipping = new AbortController();
    this.#skipPause = () => skipping.abort();
    this.#turn({ status: 'lost', error: asError(why), retryAt: Date.now() + ms });
    await wait(ms, AbortSignal.any([signal, skipping.signal])).catch(() => signal.throwIfAborted());
  }

  #end(error: TroupeError): TroupeError {
    if (this.#ended === null) {
      this.#ended = error;
      this.#turn({ status: 'ended', error });
    }
    return this.#ended;
  }

  #turn(state: LinkState): void {
    if (this.#state.status === 'ended') return;
    this.#state = state;
    this.#hooks.onState(state);
  }

  /** When to try again. Throws what ends these attempts, or all of them. */
  #judge(error: unknown): 'at once' | 'after a pause' {
    const final = error instanceof LostError ? this.#finalOf(error) : null;
    if (final !== null) throw this.#end(final);
    if (!(error instanceof TroupeError) || error.retryable) return 'after a pause';
    if (error.reason === 'UNAUTHENTICATED' && this.#refusedTokens === 0) {
      // The token is read once more.
      this.#refusedTokens = 1;
      return 'at once';
    }
    throw finalReasons.has(error.reason) ? this.#end(error) : error;
  }

  async #open(place: Address, signal: AbortSignal): Promise<Session> {
    let taken: Session | null = null;
    const { session, hello } = await Session.open(
      place,
      this.#options,
      {
        onNotification: this.#hooks.onNotification,
        onClosed: (lost) => {
          if (taken !== null && this.#session === taken) this.#lose(lost);
        },
      },
      signal,
    );
    taken = session;
    this.#session = session;
    this.#openedAt = performance.now();
    this.#refusedTokens = 0;
    this.#turn({ status: 'open', hello });
    this.#hooks.onSession(session);
    return session;
  }

  #lose(lost: LostError): void {
    this.#session = null;
    this.#lost = lost;
    if (lost.code === closeCodes.unauthenticated) this.#refusedTokens = 1;
    const final = this.#ended ?? this.#finalOf(lost);
    if (final === null) this.#turn({ status: 'lost', error: unreachable(lost), retryAt: null });
    else this.#end(final);
    this.#hooks.onLost(final);
  }

  #finalOf({ code, message }: LostError): TroupeError | null {
    if (code === closeCodes.forbidden) return new TroupeError('FORBIDDEN', message, { fix: 'use a token with the scope and project' });
    if (!finalCloseCodes.includes(code) && !brokenCodes.has(code)) return null;
    return new TroupeError('INVALID_REQUEST', message, { fix: 'use a program that speaks troupe.v1' });
  }
}
