import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Between Node's HTTP and the Fetch API's messages, which the MCP SDK speaks. */

/** The request without the headers that say who calls: they were looked at before. */
export function toWebRequest(request: IncomingMessage, origin: string, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (name === 'authorization' || name === 'cookie') continue;
    for (const value of values ?? []) headers.append(name, value);
  }
  const { method = 'GET' } = request;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(request.url ?? '/', origin), {
    method,
    headers,
    signal,
    ...(hasBody && { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' }),
  });
}

/** Sends the answer as it comes. What the port said about caching holds; `no-transform` keeps a proxy from collecting events. */
export async function sendWebResponse(response: ServerResponse, answer: Response): Promise<void> {
  const caching = answer.headers.has('cache-control') ? { 'cache-control': 'no-store, no-transform' } : {};
  response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...caching });
  if (answer.body === null) return void response.end();
  // A stream of events must reach the client before its first event.
  response.flushHeaders();
  await pipeline(Readable.fromWeb(answer.body), response).catch(unlessLeft);
}

/** A client may end a stream whenever it likes. */
function unlessLeft(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ABORT_ERR')))
    throw error;
}
