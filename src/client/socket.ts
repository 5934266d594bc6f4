/** The WebSocket that a link is given, as browsers have it and `ws` has it too. */

export interface SocketEvent {
  readonly type: string;
  /** Of a message. */
  readonly data?: unknown;
  /** Of a close. */
  readonly code?: number;
  readonly reason?: string;
  /** Of an error, where it says more than that there was one. */
  readonly message?: string;
}

export interface Socket {
  readonly readyState: number;
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: SocketEvent) => void): void;
  send(text: string): void;
  close(code?: number): void;
  /** Ends it without waiting for the peer, where that can be done. */
  terminate?(): void;
}

/** Begins to connect. Throws when there can be no such connection. */
export type OpenSocket = (url: string, subprotocol: string) => Socket;
