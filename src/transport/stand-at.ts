import { TroupeError } from '../errors.ts';
import { createGate, isLoopback } from './gate.ts';
import { Port } from './http.ts';
import type { Admission, HttpServer } from './http.ts';

/**
 * A place in a server of somebody else's, who hands on what comes. `at` is where the server is reached, with the path below which this
 * answers. Throws INVALID_PARAMS when it is no such address, and when others can reach it without TLS.
 */
export function standAt(at: string, admission: Admission): HttpServer {
  const url = read(at);
  const tls = url.protocol === 'https:';
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  if (!isLoopback(host) && !tls && !admission.insecure)
    throw new TroupeError('INVALID_PARAMS', `${host} can be reached from other machines, so it needs TLS`, {
      fix: 'give the https URL by which it is reached, or insecure: true',
    });
  const usualPort = tls ? 443 : 80;
  const port = url.port === '' ? usualPort : Number(url.port);
  const gate = createGate({ ...admission, host, port, tls, allowHosts: [url.host, ...admission.allowHosts] });
  const base = url.pathname.replace(/\/$/, '');
  return new Port({ gate, origin: `${url.origin}${base}`, base, logger: admission.logger, server: null });
}

function read(at: string): URL {
  const url = URL.canParse(at) ? new URL(at) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}${url.pathname}`)
    throw new TroupeError('INVALID_PARAMS', `there can be no service at ${JSON.stringify(at)}`, {
      fix: 'give a URL such as http://127.0.0.1:3000/troupe',
    });
  return url;
}
