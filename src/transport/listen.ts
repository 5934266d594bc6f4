import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server } from 'node:http';

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly timeouts?: Partial<HttpTimeouts> | undefined;
}

/** Against clients that send slowly; milliseconds. */
interface HttpTimeouts {
  /** For all headers of a request, an upgrade's too. Default 10,000. */
  readonly headersTimeout: number;
  /** For a whole request. Default 30,000. */
  readonly requestTimeout: number;
  /** Between requests of one connection. Default 5,000. */
  readonly keepAliveTimeout: number;
  /** How often the first two are looked at. Default 5,000. */
  readonly connectionsCheckingInterval: number;
}

export const defaultTimeouts: HttpTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
};

/** A server that listens, and on which port. Rejects with the error of the system when it can't be had. */
export async function listen({ host, port, tls, timeouts }: ListenOptions): Promise<{ readonly server: Server; readonly port: number }> {
  const all = { ...defaultTimeouts, ...timeouts };
  const server = tls === undefined ? createServer(all) : createTlsServer({ ...all, ...tls });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : port };
}
