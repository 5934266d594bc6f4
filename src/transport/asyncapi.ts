import { etagOf } from './etag.ts';
import type { AsyncApiOptions } from '../protocol/asyncapi.ts';
import type { Route } from './http.ts';

/** `GET /asyncapi.json`: the protocol for programs. Public, as the protocol is; nothing of what is stored is in it. */
export function asyncApiRoute(options: AsyncApiOptions): Route {
  // Made with the first request: a start does not wait for what few ask for.
  let made: Promise<{ readonly bytes: Buffer; readonly etag: string }> | undefined;
  return {
    path: '/asyncapi.json',
    methods: ['GET', 'HEAD'],
    access: 'public',
    async handle(request, response) {
      const { bytes, etag } = await (made ??= make(options));
      response.setHeader('Cache-Control', 'no-cache');
      response.setHeader('ETag', etag);
      if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
      response.end(request.method === 'HEAD' ? undefined : bytes);
    },
  };
}

async function make(options: AsyncApiOptions) {
  const { asyncApi } = await import('../protocol/asyncapi.ts');
  const bytes = Buffer.from(`${JSON.stringify(asyncApi(options))}\n`);
  return { bytes, etag: etagOf(bytes) };
}
