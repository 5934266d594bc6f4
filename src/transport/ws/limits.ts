/** What one service grants its WebSocket clients. Every member can be set; times are milliseconds. */
export interface Limits {
  readonly maxMessageBytes: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  readonly maxConnections: number;
  /** Requests of one connection that wait for their answer. */
  readonly maxInFlight: number;
  /** Requests of all connections that wait for their answers; when there are as many, a connection gets only its `fairInFlight`. */
  readonly maxInFlightOfAll: number;
  readonly fairInFlight: number;
  readonly maxSubscriptions: number;
  readonly maxInspectors: number;
  /** How long a ticket for an inspector is good for. */
  readonly ticketMs: number;
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  /** Requests refused in a row for their rate before the connection is closed. */
  readonly maxRefusals: number;
  readonly helloMs: number;
  /** Between pings; a peer that answers none for two of them is dropped. */
  readonly heartbeatMs: number;
  /** Bytes that wait in a socket before its subscriptions are no longer pumped and its requests no longer read. */
  readonly highWaterBytes: number;
  /** How long a socket above the high-water mark may take to drain. */
  readonly drainMs: number;
  /** How long requests in flight may take when the service stops. */
  readonly finishMs: number;
  /** How long a peer may take to answer a close. */
  readonly closeMs: number;
}

export const defaultLimits: Limits = {
  maxMessageBytes: 262_144,
  maxFragments: 64,
  maxBufferedChunks: 1_024,
  maxConnections: 1_024,
  maxInFlight: 64,
  maxInFlightOfAll: 2_048,
  fairInFlight: 4,
  maxSubscriptions: 32,
  maxInspectors: 16,
  ticketMs: 60_000,
  requestsPerSecond: 2_000,
  requestBurst: 4_000,
  maxRefusals: 1_000,
  helloMs: 10_000,
  heartbeatMs: 15_000,
  highWaterBytes: 1_048_576,
  drainMs: 30_000,
  finishMs: 4_000,
  closeMs: 2_000,
};
