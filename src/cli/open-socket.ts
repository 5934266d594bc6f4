import { createRequire } from 'node:module';
import type * as Ws from 'ws';
import type { OpenSocket } from '../client/socket.ts';

/** Required, not imported, for a fast start: see commander.ts. */
const { WebSocket }: typeof Ws = createRequire(import.meta.url)('ws');

export const openSocket: OpenSocket = (url, subprotocol) => new WebSocket(url, subprotocol, { perMessageDeflate: false });
