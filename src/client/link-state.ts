import type { TroupeError } from '../errors.ts';
import type { Hello } from './guards.ts';

/** How a link stands. */
export type LinkState =
  /** Nothing was asked of it so far. */
  | { readonly status: 'idle' }
  | { readonly status: 'connecting' }
  | { readonly status: 'open'; readonly hello: Hello }
  /** There is no connection. `retryAt` (milliseconds since 1970) is when it will be tried again; null: when somebody needs it. */
  | { readonly status: 'lost'; readonly error: TroupeError; readonly retryAt: number | null }
  /** There will be none any more: the token was refused, the protocol is another one, or the link was closed. */
  | { readonly status: 'ended'; readonly error: TroupeError };
