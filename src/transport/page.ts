import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { etagOf } from './etag.ts';
import { sendJson } from './http.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Route } from './http.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Best first. Each was written beside the file when the page was built. */
const encodings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

/** The page runs its own files and speaks to its own port, and nothing else. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface PageFile {
  readonly type: string;
  readonly cacheControl: string;
  readonly etag: string;
  /** By content coding; `identity` is the file as it is. */
  readonly bodies: ReadonlyMap<string, Buffer>;
}

/** The page, public like any program: `/` and its files below `/assets/`. What it shows needs a token. */
export function pageRoutes(directory: string): Route[] {
  const files = existsSync(join(directory, 'index.html')) ? readFiles(directory) : null;
  const handle = (file: string) => (request: IncomingMessage, response: ServerResponse) => {
    const found = files?.get(file === '' ? assetOf(request) : file);
    if (found !== undefined) return send(request, response, found);
    const message = files === null ? 'the page was not built: npm run build' : 'there is nothing here';
    sendJson(response, 404, { error: { reason: 'NOT_FOUND', message } });
  };
  const methods = ['GET', 'HEAD'];
  return [
    { path: '/', methods, access: 'public', handle: handle('index.html') },
    { path: '/assets/', methods, access: 'public', handle: handle('') },
  ];
}

const assetOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0]?.slice(1) ?? '';

/** All of them: they are few and small, and no path that a client names is ever opened. */
function readFiles(directory: string): Map<string, PageFile> {
  const names = ['index.html', ...readdirSync(join(directory, 'assets')).map((name) => `assets/${name}`)];
  return new Map(
    names
      .filter((name) => extname(name) in mediaTypes)
      .map((name) => {
        const body = readFileSync(join(directory, name));
        const bodies = new Map([['identity', body]]);
        for (const { name: encoding, ending } of encodings) {
          const path = join(directory, `${name}${ending}`);
          if (existsSync(path)) bodies.set(encoding, readFileSync(path));
        }
        const file: PageFile = {
          type: mediaTypes[extname(name)] ?? '',
          // The name of everything but the first file has a hash of the content in it.
          cacheControl: name === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable',
          etag: etagOf(body),
          bodies,
        };
        return [name, file];
      }),
  );
}

function send(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const encoding = encodingOf(request, file);
  const body = file.bodies.get(encoding) ?? Buffer.alloc(0);
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cache-Control', file.cacheControl);
  response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('ETag', file.etag);
  if (request.headers['if-none-match'] === file.etag) return void response.writeHead(304).end();
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding);
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The best coding that the client takes. One that it weighs with `q=0` it does not take. */
function encodingOf({ headers: { 'accept-encoding': header = '' } }: IncomingMessage, { bodies }: PageFile): string {
  const offered = header.toLowerCase().split(',');
  const accepted = new Set(offered.filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part)).map((part) => part.split(';', 1)[0]?.trim()));
  return encodings.find(({ name }) => bodies.has(name) && accepted.has(name))?.name ?? 'identity';
}
