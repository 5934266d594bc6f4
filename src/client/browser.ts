import { createLink } from './browser-link.ts';
import { Client, linkOptions } from './client.ts';
import type { ConnectOptions } from './client.ts';

export * from './index.ts';
export { createLink };

/** A client of the service at the URL. It connects when it is first needed. */
export const connect = (options: ConnectOptions): Client => new Client(createLink(linkOptions(options)), options);
