import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** Who may speak to the port at all, decided from the headers before anything else is read. */
export interface Gate {
  /** Why the request is refused with 403, for the log; null when it may pass. */
  refusal(request: IncomingMessage): string | null;
}

export interface GateOptions {
  /** What the service listens on. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Further values of the Host header: `name` or `name:port`. */
  readonly allowHosts: readonly string[];
  /** Further origins: `https://name[:port]`. */
  readonly allowOrigins: readonly string[];
}

/**
 * The Host allow-list stops DNS rebinding, the Origin allow-list cross-site WebSocket hijacking. Both compare whole values:
 * look-alikes and the origin `null` are in no list. A request without Origin comes from a program, which has the token or hasn't.
 */
export function createGate(options: GateOptions): Gate {
  const scheme = options.tls ? 'https' : 'http';
  const defaultPort = options.tls ? 443 : 80;
  const names = ['localhost', '127.0.0.1', '[::1]'];
  if (isSpecific(options.host)) names.push(hostText(options.host));
  const hosts = new Set<string>();
  for (const name of [...names, ...options.allowHosts.map((host) => host.toLowerCase())]) {
    hosts.add(`${name}:${options.port}`);
    if (options.port === defaultPort) hosts.add(name);
  }
  for (const host of options.allowHosts) hosts.add(host.toLowerCase());
  const origins = new Set<string>(options.allowOrigins.map((origin) => origin.toLowerCase()));
  for (const host of hosts) origins.add(`${scheme}://${host}`);
  return {
    refusal({ headersDistinct: { host = [], origin = [] } }) {
      // Of two values, something on the way may have looked at the other one.
      if (host.length !== 1 || !host.every((value) => hosts.has(value.toLowerCase()))) return 'Host not allowed';
      if (origin.length > 1 || !origin.every((value) => origins.has(value.toLowerCase()))) return 'Origin not allowed';
      return null;
    },
  };
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The token of an `Authorization: Bearer` header, undefined without one. */
export function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer +([^\s]{1,256})$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** An address in a URL or a Host header. */
export function hostText(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host.toLowerCase();
}

/** An address literal can't be rebound by a name server; a wildcard names no host at all. */
function isSpecific(host: string): boolean {
  return isIP(host) !== 0 && host !== '0.0.0.0' && host !== '::';
}
