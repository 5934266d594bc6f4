import type { WebSocket } from 'ws';
import { closeCodes } from '../../protocol/close-codes.ts';

interface Peer {
  readonly ws: WebSocket;
  /** Whether its socket is so full that nothing of it is read. */
  isClogged(): boolean;
  /** Whether what it came in with is still good. */
  mayStay(): boolean;
  close(code: number, reason: string): void;
}

/** Finds out whether a peer is still there, and may be: PROTOCOL.md, sections 1.4 and 10. */
export class Heartbeat {
  readonly #peer: Peer;
  #alive = true;

  constructor(peer: Peer) {
    this.#peer = peer;
    peer.ws.on('pong', () => this.heard());
  }

  /** Anything from it is a sign of life. */
  heard(): void {
    this.#alive = true;
  }

  /** Drops a peer that gave no sign since the last beat, and one whose token was revoked. */
  beat(): void {
    const { ws } = this.#peer;
    if (!this.#peer.mayStay()) {
      this.#peer.close(closeCodes.unauthenticated, 'the token was revoked');
    } else if (this.#peer.isClogged()) {
      // Nothing is read from a clogged peer, its pongs neither; the time it has to drain is its heartbeat.
    } else if (this.#alive) {
      this.#alive = false;
      ws.ping();
    } else {
      this.#peer.close(closeCodes.heartbeatLost, 'heartbeat lost');
      setImmediate(() => ws.terminate());
    }
  }
}
