import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebSocket } from 'ws';
import { pageOf, script, style } from './inspect-page.ts';
import type { PageOptions } from './inspect-page.ts';

/** A page on this machine that hands frames of `/inspect` to an inspector in the browser. The token never gets there, nor does a ticket. */

export interface BridgeOptions {
  readonly page: PageOptions;
  /** Where the frames come from: a fresh address for each connection. */
  readonly address: () => Promise<string>;
}

export interface Bridge {
  readonly url: string;
  close(): Promise<void>;
}

const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  // The path is the secret: the inspector must not see it.
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** A page that is loaded again leaves its stream behind for a moment. */
const mostStreams = 4;
const reconnectMs = 1_000;

export async function openBridge({ page, address }: BridgeOptions): Promise<Bridge> {
  const base = `/${randomBytes(16).toString('base64url')}/`;
  const files = new Map([
    [base, ['text/html; charset=utf-8', pageOf(page)]],
    [`${base}bridge.js`, ['text/javascript; charset=utf-8', script]],
    [`${base}bridge.css`, ['text/css; charset=utf-8', style]],
  ]);
  const streams = new Set<ServerResponse>();
  let host = '';

  function respond(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const { host: asked, origin } = request.headers;
    // A name that is rebound to this machine, or another site's page.
    if (asked !== host || (origin !== undefined && origin !== `http://${host}`)) return refuse(response, 403);
    if (request.method !== 'GET') return refuse(response, 405);
    if (request.url === `${base}frames`) return streams.size < mostStreams ? stream(response) : refuse(response, 503);
    const [type, content] = files.get(request.url ?? '') ?? [];
    if (type === undefined) return refuse(response, 404);
    response.writeHead(200, { 'Content-Type': type }).end(content);
  }

  function stream(response: ServerResponse): void {
    streams.add(response);
    response.on('close', () => streams.delete(response));
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(`retry: ${reconnectMs}\n\n`);
    address().then(
      (url) => forward(url, response),
      (error: unknown) => end(response, error instanceof Error ? error.message : String(error)),
    );
  }

  const server = createServer(respond);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const bound = server.address();
  host = `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  return {
    url: `http://${host}${base}`,
    async close() {
      for (const response of streams) response.end();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Frames as server-sent events, no faster than the page takes them. A page whose stream ends asks for another by itself. */
function forward(url: string, response: ServerResponse): void {
  const ws = new WebSocket(url, { perMessageDeflate: false });
  response.on('close', () => ws.terminate());
  if (response.destroyed) return ws.terminate();
  response.on('drain', () => ws.resume());
  ws.on('message', (frame: Buffer) => {
    if (!response.write(`data: ${frame.toString()}\n\n`)) ws.pause();
  });
  // A close follows every error.
  ws.on('error', () => {});
  ws.on('close', () => end(response, 'The service went away; looking for it again.'));
}

function end(response: ServerResponse, why: string): void {
  if (response.writable) response.end(`event: fault\ndata: ${why.replaceAll(/\s+/g, ' ')}\n\n`);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end();
}
