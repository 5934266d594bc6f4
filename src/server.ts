import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { ServiceHost } from './host.ts';
import type { Logger } from './logger.ts';
import type { FailPoint } from './persistence/lowdb/fail-point.ts';
import type { Store } from './persistence/store.ts';
import { openHttp } from './transport/http.ts';
import type { Limits } from './transport/ws/limits.ts';

/** The composition root: here, in `host.ts` and in `run.ts` adapters are put together, and nowhere else. */

export interface TroupeOptions {
  /** The data directory; made when it is not there. */
  readonly data: string;
  /** Default 127.0.0.1. Any other address needs `tls` or `insecure`. */
  readonly host?: string | undefined;
  /** Default 7420; 0 for any free one. */
  readonly port?: number | undefined;
  readonly allowHosts?: readonly string[] | undefined;
  readonly allowOrigins?: readonly string[] | undefined;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly insecure?: boolean | undefined;
  /** Ends the service after this long without a connection or request. */
  readonly idleExitMs?: number | undefined;
  readonly logger: Logger;
  readonly limits?: Partial<Limits> | undefined;
  /** Where the built page is. Default: that of the package. */
  readonly page?: string | undefined;
  readonly windowEvents?: number | undefined;
  readonly checkpointBytes?: number | undefined;
  /** How long leases outlive a start. Default 60 s. */
  readonly graceMs?: number | undefined;
  readonly failPoint?: FailPoint | undefined;
  /** Another store than the one in the data directory, which then holds tokens, roles and templates only. The service closes it; a restart asks again. */
  readonly openStore?: ((clock: Clock) => Store | Promise<Store>) | undefined;
}

export interface Troupe {
  /** Where WebSocket clients connect. */
  readonly url: string;
  readonly http: string;
  readonly tokenFile: string;
  /** Drains and stops: in-flight work is answered, clients are told, everything is durable. */
  close(): Promise<void>;
  /** Resolves when the service has stopped, for whatever reason; rejects when it ended because a restart failed. */
  readonly closed: Promise<void>;
}

/** Starts a service: one data directory, one port. Rejects, with nothing changed on disk, when it can't have either. */
export async function createTroupe(options: TroupeOptions): Promise<Troupe> {
  // The port first: a service that can't be reached must not touch the directory.
  const http = await openHttp({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 7420,
    allowHosts: options.allowHosts ?? [],
    allowOrigins: options.allowOrigins ?? [],
    tls: options.tls,
    insecure: options.insecure ?? false,
    logger: options.logger,
  });
  let host: ServiceHost;
  try {
    host = await ServiceHost.open(http, options);
  } catch (error) {
    await http.close(0);
    throw error;
  }
  const { idleExitMs, data } = options;
  const idle = setInterval(() => {
    if (idleExitMs !== undefined && host.phase === 'running' && http.idleMs >= idleExitMs) void host.close();
  }, 250);
  idle.unref();
  const stopLooking = () => clearInterval(idle);
  host.closed.then(stopLooking, stopLooking);
  return {
    url: `${http.origin.replace(/^http/, 'ws')}/ws`,
    http: http.origin,
    tokenFile: join(data, 'token'),
    close: () => host.close(),
    closed: host.closed,
  };
}
