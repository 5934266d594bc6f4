import { TroupeError } from '../errors.ts';
import { closeCodes, finalCloseCodes } from '../protocol/close-codes.ts';
import { Pauses, unlessAborted } from './pauses.ts';
import { LostError, unreachable } from './refusals.ts';
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
}

/** The same message would be refused on every connection. */
const brokenCodes = new Set<number>([closeCodes.protocolError, closeCodes.notText, closeCodes.policy, closeCodes.tooBig]);

/** Keeps at most one connection, and knows when to make another and when to stop (PROTOCOL.md, sections 5 and 7). */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #hooks: Hooks;
  readonly #closing = new AbortController();
  #session: Session | null = null;
  #connecting: Promise<Session> | null = null;
  /** Why there will be no connection any more. */
  #ended: TroupeError | null = null;
  /** How the last connection ended. */
  #lostWith: number | null = null;
  /** Tokens refused in a row. */
  #refusedTokens = 0;

  constructor(options: ConnectorOptions, hooks: Hooks) {
    this.#options = options;
    this.#hooks = hooks;
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
    this.#ended ??= error;
    this.#closing.abort(error);
    await this.#session?.close();
  }

  async #make(): Promise<Session> {
    const { address, giveUpMs = 30_000 } = this.#options;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(unreachable(`no connection within ${giveUpMs} ms`)), giveUpMs);
    const signal = AbortSignal.any([this.#closing.signal, late.signal]);
    const pauses = new Pauses(100, 2_000);
    let last: unknown = null;
    try {
      if (this.#lostWith === closeCodes.rate) await pauses.take(signal, 1_000);
      else if (this.#lostWith !== null && this.#lostWith !== closeCodes.restart) await pauses.take(signal);
      for (;;) {
        try {
          const place = await unlessAborted(address(signal), signal);
          return await this.#open(place, signal);
        } catch (error) {
          last = error;
          if (!signal.aborted && this.#judge(error) === 'at once') continue;
        }
        await pauses.take(signal);
      }
    } catch (error) {
      const told = this.#ended ?? (late.signal.aborted ? unreachable(last ?? late.signal.reason) : error);
      throw told instanceof TroupeError ? told : unreachable(told);
    } finally {
      clearTimeout(timer);
    }
  }

  /** When to try again. Throws what ends these attempts, or all of them. */
  #judge(error: unknown): 'at once' | 'after a pause' {
    const final = error instanceof LostError ? this.#finalOf(error) : null;
    if (final !== null) throw (this.#ended = final);
    if (!(error instanceof TroupeError) || error.retryable) return 'after a pause';
    if (error.reason === 'UNAUTHENTICATED' && this.#refusedTokens === 0) {
      // The token is read once more.
      this.#refusedTokens = 1;
      return 'at once';
    }
    if (error.reason === 'UNAUTHENTICATED' || error.reason === 'FORBIDDEN') this.#ended = error;
    throw error;
  }

  async #open(place: Address, signal: AbortSignal): Promise<Session> {
    let taken: Session | null = null;
    const session = await Session.open(
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
    this.#refusedTokens = 0;
    this.#hooks.onSession(session);
    return session;
  }

  #lose(lost: LostError): void {
    this.#session = null;
    this.#lostWith = lost.code;
    if (lost.code === closeCodes.unauthenticated) this.#refusedTokens = 1;
    this.#ended ??= this.#finalOf(lost);
    this.#hooks.onLost(this.#ended);
  }

  #finalOf({ code, message }: LostError): TroupeError | null {
    if (code === closeCodes.forbidden) return new TroupeError('FORBIDDEN', message);
    if (!finalCloseCodes.includes(code) && !brokenCodes.has(code)) return null;
    return new TroupeError('INVALID_REQUEST', message, { fix: 'use a program that speaks troupe.v1' });
  }
}
