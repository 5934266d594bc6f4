import type * as z from 'zod';
import type { MethodName, methods } from '../protocol/methods.ts';
import type { LinkState } from './link-state.ts';
import type { Address } from './session.ts';
import type { OpenSocket } from './socket.ts';

export interface LinkOptions {
  /**
   * Where the service is; asked before every connection, so that whoever starts it again can be plugged in. A rejection with a
   * TroupeError that is not retryable reaches the callers at once; after any other the link asks again. The signal aborts when nobody
   * waits for the answer any more.
   */
  readonly address: (signal: AbortSignal) => Promise<Address>;
  readonly client: { readonly name: string; readonly version: string };
  /** Tells this process apart from others with the same token: 1 to 64 of `A-Z a-z 0-9 . _ : -`. The holder of its leases. */
  readonly worker?: string | undefined;
  /** The WebSocket of the place where this runs. */
  readonly openSocket: OpenSocket;
  /** How long calls wait without a connection before they are rejected with UNREACHABLE. Default 30 s; `Infinity` for ever. */
  readonly giveUpMs?: number | undefined;
  /** How long a call that is refused because of the moment (rate, drain, store) is sent again. Default 10 s. */
  readonly patienceMs?: number | undefined;
  /** Hears how the link stands, whenever that changes. Must not throw. */
  readonly onState?: ((state: LinkState) => void) | undefined;
}

export interface FollowOptions {
  /** How long the service may hold events back to send them together: 0 (the default) to 50 ms. */
  readonly batchMs?: number | undefined;
}

export interface FollowAloneOptions extends FollowOptions {
  /** Where to go on: the position of the last event that was taken. */
  readonly since?: string | undefined;
}

/** A listener that can make the service wait. */
export interface Held {
  pause(): void;
  resume(): void;
}

/** What goes into a method. */
export type Asked<M extends MethodName> = z.input<(typeof methods)[M]['input']>;

export interface CallOptions {
  /** Withdraws the call: it is rejected with CANCELLED unless it was answered before. A command may have taken effect all the same. */
  readonly signal?: AbortSignal | undefined;
  /** After so long the call is withdrawn, and rejected with CANCELLED at once. */
  readonly timeoutMs?: number | undefined;
}
