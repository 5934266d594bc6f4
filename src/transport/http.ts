import { TroupeError } from '../errors.ts';
import { wireOf } from '../fixes.ts';
import { faultFor } from './fault.ts';
import { bearerOf, createGate, hostText, isLoopback } from './gate.ts';
import { listen } from './listen.ts';
import { refuseUpgrade } from './upgrade.ts';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '../logger.ts';
import type { Gate } from './gate.ts';
import type { ListenOptions } from './listen.ts';
import type { Grant, Tokens } from './tokens.ts';

/** One path of the port. Whatever reaches it has passed the gate. */
export type Route = {
  /** The whole path; with a slash at its end, everything below it. */
  readonly path: string;
  readonly methods: readonly string[];
  /** Ends the answers that would go on for ever, such as streams. Called when the service stops or restarts; no request comes after. */
  end?(): Promise<void> | void;
} & (
  | { readonly access: 'public'; handle(request: IncomingMessage, response: ServerResponse): Promise<void> | void }
  | { readonly access: 'token'; handle(request: IncomingMessage, response: ServerResponse, grant: Grant): Promise<void> | void }
);

type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, refuse: (status: number) => void) => void;

export interface Admission {
  readonly allowHosts: readonly string[];
  readonly allowOrigins: readonly string[];
  /** Allows an address that others can reach without TLS. */
  readonly insecure: boolean;
  readonly logger: Logger;
}

export type HttpOptions = Admission & ListenOptions;

/** What answers behind the gate. */
interface Mounted {
  readonly tokens: Tokens;
  readonly routes: readonly Route[];
  /** By path. */
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
}

export interface HttpServer {
  /** `http://host:port`, or https; with the path below which it answers in a server of somebody else's. */
  readonly origin: string;
  /** Answers what is for here; false, with nothing touched, when it is not. */
  request(request: IncomingMessage, response: ServerResponse): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Milliseconds since the last request or connection ended; 0 while there is one. */
  readonly idleMs: number;
  /** Requests and upgrades that were refused, by status. */
  readonly refused: ReadonlyMap<number, number>;
  /** Opens the port for business; until then everything is answered with 503. */
  mount(mounted: Mounted): void;
  /** Answers everything with 503 again; resolves when the requests that were taken before are answered, or after `graceMs`. */
  unmount(graceMs: number): Promise<void>;
  /** Stops listening, and cuts what is still connected after `graceMs`. Whatever comes later is answered with 503. */
  close(graceMs: number): Promise<void>;
}

/** Listens. Rejects with INVALID_PARAMS for an address that needs TLS, and with the error of the system when the port can't be had. */
export async function openHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, tls, insecure, logger } = options;
  if (!isLoopback(host) && tls === undefined && !insecure) {
    throw new TroupeError('INVALID_PARAMS', `${host} can be reached from other machines, so it needs TLS`, {
      fix: 'give --tls-cert and --tls-key, or --insecure behind something that encrypts',
    });
  }
  const { server, port } = await listen(options);
  const gate = createGate({ ...options, port, tls: tls !== undefined });
  const own = new Port({ gate, origin: `${tls === undefined ? 'http' : 'https'}://${hostText(host)}:${port}`, base: '', logger, server });
  server.on('request', (request, response) => own.request(request, response));
  server.on('upgrade', (request, socket, head) => own.upgrade(request, socket, head));
  server.on('error', (error) => logger.error({ err: error }, 'the port failed'));
  return own;
}

interface PortParts {
  readonly gate: Gate;
  readonly origin: string;
  /** The path below which it answers: `/troupe`, or nothing. */
  readonly base: string;
  readonly logger: Logger;
  /** Its own. */
  readonly server: Server | null;
}

/** The gate, and the routes behind it. */
export class Port implements HttpServer {
  readonly origin: string;
  readonly refused = new Map<number, number>();
  readonly #base: string;
  readonly #server: Server | null;
  readonly #gate: Gate;
  readonly #logger: Logger;
  readonly #answering = new Set<ServerResponse>();
  readonly #upgraded = new Set<Duplex>();
  #mounted: Mounted | null = null;
  /** Called when a request or connection has ended. */
  #onEnd = (): void => {};
  #lastMs = performance.now();

  constructor({ gate, origin, base, logger, server }: PortParts) {
    this.#gate = gate;
    this.origin = origin;
    this.#base = base;
    this.#logger = logger;
    this.#server = server;
  }

  get idleMs(): number {
    return this.#answering.size + this.#upgraded.size > 0 ? 0 : performance.now() - this.#lastMs;
  }

  mount(mounted: Mounted): void {
    this.#mounted = mounted;
  }

  async unmount(graceMs: number): Promise<void> {
    await this.#endRoutes();
    const grace = AbortSignal.timeout(graceMs);
    await new Promise<void>((resolve) => {
      grace.addEventListener('abort', () => resolve());
      this.#when(() => this.#answering.size === 0, resolve);
    });
  }

  async close(graceMs: number): Promise<void> {
    await this.#endRoutes();
    const cut = setTimeout(() => {
      this.#server?.closeAllConnections();
      for (const open of [...this.#answering, ...this.#upgraded]) open.destroy();
    }, graceMs);
    await new Promise<void>((resolve) => {
      if (this.#server === null) this.#when(() => this.#answering.size + this.#upgraded.size === 0, resolve);
      else this.#server.close(() => resolve());
    });
    clearTimeout(cut);
  }

  #when(isSo: () => boolean, then: () => void): void {
    this.#onEnd = () => {
      if (isSo()) then();
    };
    this.#onEnd();
  }

  #hold<T extends ServerResponse | Duplex>(open: Set<T>, one: T): void {
    open.add(one);
    one.on('close', () => {
      open.delete(one);
      this.#lastMs = performance.now();
      this.#onEnd();
    });
  }

  async #endRoutes(): Promise<void> {
    const routes = this.#mounted?.routes ?? [];
    this.#mounted = null;
    const ends = await Promise.allSettled(routes.map(async (route) => route.end?.()));
    for (const end of ends) if (end.status === 'rejected') this.#logger.error({ err: end.reason }, 'a route did not end');
  }

  request(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.#enter(request)) return false;
    void this.#respond(request, response);
    return true;
  }

  /** Takes the base off the URL of what is below it, so that nothing behind it need know where it stands. */
  #enter(request: IncomingMessage): boolean {
    const { url = '' } = request;
    if (this.#base === '') return true;
    const rest = url.slice(this.#base.length);
    if (!url.startsWith(this.#base) || !/^([/?]|$)/.test(rest)) return false;
    request.url = rest;
    return true;
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#hold(this.#answering, response);
    for (const [name, value] of securityHeaders) response.setHeader(name, value);
    try {
      await this.#route(request, response);
    } catch (error) {
      this.#fail(request, response, error);
    }
  }

  #route(request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    const refusal = this.#barred(request);
    if (refusal !== null) return this.#refuse(response, 403, { reason: 'FORBIDDEN', message: refusal });
    if (this.#mounted === null) return this.#refuse(response, 503, { reason: 'DRAINING', message: 'the service starts or restarts' });
    const path = pathOf(request);
    // What the page names is beside it.
    if (path === '') return void response.writeHead(308, { Location: `${this.#base}/` }).end();
    const route = this.#mounted.routes.find((candidate) => covers(candidate, path));
    if (route === undefined) return this.#refuse(response, 404, { reason: 'NOT_FOUND', message: 'there is nothing here' });
    if (!route.methods.includes(request.method ?? '')) {
      response.setHeader('Allow', route.methods.join(', '));
      return this.#refuse(response, 405, { reason: 'METHOD_NOT_ALLOWED', message: `use ${route.methods.join(' or ')}` });
    }
    if (route.access === 'public') return route.handle(request, response);
    const token = bearerOf(request);
    const grant = token === undefined ? null : this.#mounted.tokens.verify(token);
    if (grant === null) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      throw new TroupeError('UNAUTHENTICATED', token === undefined ? 'the request carries no token' : 'the token is unknown or revoked');
    }
    return route.handle(request, response, grant);
  }

  /** Why the gate lets the request go no further. The log has the values, since a proxy's may only have to be allowed. */
  #barred(request: IncomingMessage): string | null {
    const refusal = this.#gate.refusal(request);
    if (refusal !== null) this.#logger.warn({ host: request.headers.host, origin: request.headers.origin }, refusal);
    return refusal;
  }

  #refuse(response: ServerResponse, status: number, error: { readonly reason: string; readonly message: string }): void {
    this.#refused(status, error.reason);
    sendJson(response, status, { error });
  }

  #refused(status: number, reason?: string): void {
    this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
    this.#logger.info({ status, reason }, 'refused');
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const fault = faultFor(error, { logger: this.#logger, method: `${request.method} ${pathOf(request)}` });
    // An answer that has begun can only be cut, so that nobody takes a part for the whole.
    if (response.headersSent) return void response.destroy();
    const { message, data } = wireOf(fault);
    this.#refuse(response, statusOf(fault), { message, ...data });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!this.#enter(request)) return false;
    this.#upgrade(request, socket, head);
    return true;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refuse = (status: number): void => {
      this.#refused(status);
      refuseUpgrade(socket, status);
    };
    if (this.#barred(request) !== null) return refuse(403);
    if (this.#mounted === null) return refuse(503);
    const path = pathOf(request);
    const handler = Object.hasOwn(this.#mounted.upgrades, path) ? this.#mounted.upgrades[path] : undefined;
    if (handler === undefined) return refuse(404);
    this.#hold(this.#upgraded, socket);
    handler(request, socket, head, refuse);
  }
}

/** For every answer; a route that serves pages replaces what it must. */
const securityHeaders = [
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
] as const;

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  response.end(bytes);
}

/** The query is no part of it: nothing on this port is chosen or opened by a query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function covers(route: Route, path: string): boolean {
  return route.path === path || (route.path.endsWith('/') && route.path !== '/' && path.startsWith(route.path));
}

/** Codes of the catalogue below 0 are JSON-RPC's; HTTP has its own words for them. */
function statusOf(fault: TroupeError): number {
  if (fault.code > 0) return fault.code;
  return fault.reason === 'INTERNAL' ? 500 : 400;
}
