import { Client, linkOptions } from './client.ts';
import type { ConnectOptions } from './client.ts';
import { Link } from './link.ts';
import type { LinkOptions } from './link.ts';
import type { Socket } from './socket.ts';

export * from './index.ts';

declare const WebSocket: new (url: string, subprotocol: string) => Socket;

/** A link over the WebSocket that browsers have. */
export const createLink = (options: Omit<LinkOptions, 'openSocket'>): Link =>
  new Link({ ...options, openSocket: (url, subprotocol) => new WebSocket(url, subprotocol) });

/** A client of the service at the URL. It connects when it is first needed. */
export const connect = (options: ConnectOptions): Client => new Client(createLink(linkOptions(options)), options);
