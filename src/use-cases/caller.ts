import type { Position } from '../persistence/store.ts';
import type { EventFilter } from '../protocol/event.ts';
import type { Output, Scope } from '../protocol/methods.ts';

/** Who calls, with what rights, and what the transport can do for the call. */
export interface Caller {
  /** The token's name. */
  readonly name: string;
  /** Tells processes of one token apart; the holder of a lease is a name with a worker. */
  readonly worker?: string | undefined;
  readonly scopes: readonly Scope[];
  /** The projects that the token opens; null for all. */
  readonly projects: readonly string[] | null;
  /** Ends what waits (claim, minPosition) when the caller withdraws the request or goes away. */
  readonly signal?: AbortSignal | undefined;
  /** What a transport with a stream offers; absent elsewhere. */
  readonly stream?: Stream | undefined;
  /** Makes a ticket for an inspector of what this caller may read; absent where a transport gives none. */
  readonly ticket?: (() => Output<'inspection.ticket'>) | undefined;
}

export interface Stream {
  subscribe(input: { since?: Position | undefined; filter: EventFilter; batchMs: number }): Output<'events.subscribe'>;
  /** False when there is no such view. */
  unsubscribe(view: string): boolean;
}
