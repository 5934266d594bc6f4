import type * as z from 'zod';
import type { MethodName, Output, methods } from '../../protocol/methods.ts';

/** What a caller gives to a method: the input as it is written, before defaults. */
export type Given<M extends MethodName> = z.input<(typeof methods)[M]['input']>;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The service as the MCP face sees it: in the same process behind `/mcp`, at the other end of a connection over stdio. Rejects
 * with the TroupeError that the service refused with.
 */
export interface Backend {
  /** Who holds the leases of its calls, beside the token's name; null when a call must prove its lease by id. */
  readonly worker: string | null;
  call<M extends MethodName>(method: M, input: Given<M>, options?: CallOptions): Promise<Output<M>>;
  /** The same service for another worker. */
  as(worker: string): Backend;
}
