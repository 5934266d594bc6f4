/** For what a worker throws when no other attempt can succeed. Any error with `retryable: false` says the same. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  readonly retryable = false;
}
