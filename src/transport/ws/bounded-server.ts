import { WebSocketServer } from 'ws';
import type { Limits } from './limits.ts';

interface Own {
  /** Bytes of a message. */
  readonly maxPayload: number;
  /** The subprotocol that is taken of those offered. Without an answer of ours `ws` echoes the first, whatever it is. */
  readonly choose: (offered: ReadonlySet<string>) => string | false;
}

/** A WebSocket server of this port: it takes upgrades that were looked at before, within the limits, uncompressed. */
export function createBoundedServer({ maxFragments, maxBufferedChunks, closeMs }: Limits, { maxPayload, choose }: Own): WebSocketServer {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    maxFragments,
    maxBufferedChunks,
    closeTimeout: closeMs,
    handleProtocols: choose,
  };
  return new WebSocketServer(options);
}
