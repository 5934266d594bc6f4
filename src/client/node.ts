import { WebSocket } from 'ws';
import { Link } from './link.ts';
import type { LinkOptions } from './link.ts';

export * from './index.ts';

/** A link over the WebSocket of `ws`, for Node. */
export const createLink = (options: Omit<LinkOptions, 'openSocket'>): Link =>
  new Link({ ...options, openSocket: (url, subprotocol) => new WebSocket(url, subprotocol, { perMessageDeflate: false }) });
