/** WebSocket close codes (RFC 6455, section 7.4; 4000-4999 are the application's). */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  notText: 1007,
  /** A message in too many pieces. */
  policy: 1008,
  tooBig: 1009,
  /** The service restarts: reconnect now. */
  restart: 1012,
  badFrame: 4400,
  /** Refresh the token once, then stop. */
  unauthenticated: 4401,
  forbidden: 4403,
  subprotocol: 4406,
  helloTimeout: 4408,
  /** Reconnect and resume. */
  slowConsumer: 4410,
  heartbeatLost: 4411,
  rate: 4429,
} as const;

/** After these a client must not reconnect by itself. */
export const finalCloseCodes: readonly number[] = [closeCodes.badFrame, closeCodes.forbidden, closeCodes.subprotocol];
