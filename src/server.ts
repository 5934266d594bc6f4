import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Clock } from './clock.ts';
import { TroupeError } from './errors.ts';
import { ServiceHost } from './host.ts';
import { createLog } from './logger.ts';
import type { Logger } from './logger.ts';
import type { Scope } from './protocol/methods.ts';
import type { FailPoint } from './persistence/lowdb/fail-point.ts';
import type { Store } from './persistence/store.ts';
import { openHttp } from './transport/http.ts';
import type { HttpServer } from './transport/http.ts';
import { standAt } from './transport/stand-at.ts';
import { addToken, listTokens, revokeToken } from './transport/tokens.ts';
import type { TokenInfo } from './transport/tokens.ts';
import type { Limits } from './transport/ws/limits.ts';

/** The composition root: here, in `host.ts` and in `run.ts` adapters are put together, and nowhere else. */

export interface TroupeOptions {
  /** The data directory; made when it is not there. */
  readonly data: string;
  /** Default 127.0.0.1. Any other address needs `tls` or `insecure`. */
  readonly host?: string | undefined;
  /** Default 7420; 0 for any free one. */
  readonly port?: number | undefined;
  /**
   * Where a server of your own is reached, with the path below which Troupe answers: `http://127.0.0.1:3000/troupe`. Nothing is
   * listened on then: hand what comes to `Troupe.request` and `Troupe.upgrade`. Not together with `host`, `port` or `tls`.
   */
  readonly at?: string | undefined;
  readonly allowHosts?: readonly string[] | undefined;
  readonly allowOrigins?: readonly string[] | undefined;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly insecure?: boolean | undefined;
  /** Ends the service after this long without a connection or request. */
  readonly idleExitMs?: number | undefined;
  /** Default: warnings and errors as lines of JSON on standard error. */
  readonly logger?: Logger | undefined;
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

/** Who may do what. A change takes effect with the next connection; those of a token that was revoked end within a heartbeat. */
export interface TroupeTokens {
  /** Makes a token; the answer is the only place where it can ever be read. */
  add(grant: TokenGrant): string;
  /** False when no token has the name. */
  revoke(name: string): boolean;
  list(): TokenInfo[];
}

export interface TokenGrant {
  /** 1 to 64 letters, digits and `.` `_` `-`, which no other token has. */
  readonly name: string;
  /** Default `read` and `write`. */
  readonly scopes?: readonly Scope[] | undefined;
  /** Default all. */
  readonly projects?: readonly string[] | undefined;
}

/** With what was left open decided. */
export type ServiceOptions = TroupeOptions & { readonly logger: Logger };

export interface Troupe {
  /** Where WebSocket clients connect. */
  readonly url: string;
  /** Where the page is, and everything else that speaks HTTP. */
  readonly http: string;
  /** Holds the first token, which may do everything. */
  readonly tokenFile: string;
  readonly tokens: TroupeTokens;
  /** Answers a request that came to a server of your own; false, with nothing touched, when it is not below the path of `at`. */
  request(request: IncomingMessage, response: ServerResponse): boolean;
  /** The same for its `upgrade` events. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Drains and stops: in-flight work is answered, clients are told, everything is durable. */
  close(): Promise<void>;
  /** Resolves when the service has stopped, for whatever reason; rejects when it ended because a restart failed. */
  readonly closed: Promise<void>;
}

/** Starts a service: one data directory, one port or place in a server. Rejects, with nothing changed on disk, when it can't have either. */
export async function createTroupe({ logger = createLog('warn').logger, ...given }: TroupeOptions): Promise<Troupe> {
  const options = { ...given, logger };
  // The port first: a service that can't be reached must not touch the directory.
  const http = await openPort(options);
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
    tokens: {
      add: ({ name, scopes = ['read', 'write'], projects = null }) => addToken(data, { name, scopes, projects, now: Date.now() }),
      revoke: (name) => revokeToken(data, name),
      list: () => listTokens(data),
    },
    request: (request, response) => http.request(request, response),
    upgrade: (request, socket, head) => http.upgrade(request, socket, head),
    close: () => host.close(),
    closed: host.closed,
  };
}

async function openPort({
  at,
  host,
  port,
  tls,
  allowHosts = [],
  allowOrigins = [],
  insecure = false,
  logger,
}: ServiceOptions): Promise<HttpServer> {
  const admission = { allowHosts, allowOrigins, insecure, logger };
  if (at === undefined) return openHttp({ ...admission, host: host ?? '127.0.0.1', port: port ?? 7420, tls });
  if (host !== undefined || port !== undefined || tls !== undefined)
    throw new TroupeError('INVALID_PARAMS', 'at is the address of another server, so there is nothing to listen on', {
      fix: 'leave out host, port and tls, or at',
    });
  return standAt(at, admission);
}
