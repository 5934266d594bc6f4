import { Link } from './link.ts';
import type { LinkOptions } from './link.ts';
import type { Socket } from './socket.ts';

declare const WebSocket: new (url: string, subprotocol: string) => Socket;

/** A link over the WebSocket that browsers have. */
export const createLink = (options: Omit<LinkOptions, 'openSocket'>): Link =>
  new Link({ ...options, openSocket: (url, subprotocol) => new WebSocket(url, subprotocol) });
