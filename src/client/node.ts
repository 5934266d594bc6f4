import { WebSocket } from 'ws';
import { Client, linkOptions } from './client.ts';
import type { ConnectOptions } from './client.ts';
import { Link } from './link.ts';
import type { LinkOptions } from './link.ts';

export * from './index.ts';

/** A link over the WebSocket of `ws`, for Node. */
export const createLink = (options: Omit<LinkOptions, 'openSocket'>): Link =>
  new Link({ ...options, openSocket: (url, subprotocol) => new WebSocket(url, subprotocol, { perMessageDeflate: false }) });

/** A client of the service at the URL. It connects when it is first needed. */
export const connect = (options: ConnectOptions): Client => new Client(createLink(linkOptions(options)), options);
