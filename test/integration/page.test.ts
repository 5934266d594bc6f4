import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createTroupe } from '../../src/server.ts';
import type { Troupe } from '../../src/server.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

const html = '<!doctype html><title>A page</title>';
const script = `console.log(${JSON.stringify('x'.repeat(500))});`;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Without what `fetch` adds and undoes. */
function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** A page as the build leaves it. */
async function builtPage(): Promise<string> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'assets'));
  for (const [name, text] of [
    ['index.html', html],
    ['assets/main-abc123.js', script],
    ['assets/notes.txt', 'not a file of the page'],
  ] as const) {
    await writeFile(join(directory, name), text);
    await writeFile(join(directory, `${name}.gz`), gzipSync(text));
    await writeFile(join(directory, `${name}.br`), brotliCompressSync(Buffer.from(text)));
  }
  return directory;
}

async function open(page: string): Promise<Troupe & { readonly lines: readonly string[]; readonly token: string }> {
  const lines: string[] = [];
  const write = (facts: unknown, message?: string): void => void lines.push(`${JSON.stringify(facts)} ${message ?? ''}`);
  const logger = { debug: write, info: write, warn: write, error: write };
  const troupe = await createTroupe({ data: await temporaryDirectory(), port: 0, page, logger });
  onTestFinished(() => troupe.close());
  return { ...troupe, lines, token: (await readFile(troupe.tokenFile, 'utf8')).trim() };
}

describe('the page', () => {
  let http = '';
  beforeEach(async () => {
    ({ http } = await open(await builtPage()));
  });

  test('is public, and its policy lets it load and reach nothing but its own port', async () => {
    const { status, headers, body } = await get(`${http}/`);
    expect([status, body.toString()]).toEqual([200, html]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    const policy = new Map((headers['content-security-policy'] as string).split('; ').map((line) => [line.split(' ')[0], line]));
    expect([...policy.values()].filter((line) => !/ '(none|self)'$/.test(line))).toEqual([]);
    expect(policy.get('default-src')).toBe("default-src 'none'");
    expect(policy.get('frame-ancestors')).toBe("frame-ancestors 'none'");
  });

  test('keeps what has a hash in its name for ever, and asks about the rest', async () => {
    const asset = await get(`${http}/assets/main-abc123.js`);
    expect(asset.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
    });
    const first = await get(`${http}/`);
    const second = await get(`${http}/`, { 'If-None-Match': first.headers.etag ?? '' });
    expect([second.status, second.body.length]).toEqual([304, 0]);
    expect((await get(`${http}/`, { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  test('comes in the best coding that the client takes', async () => {
    const url = `${http}/assets/main-abc123.js`;
    const brotli = await get(url, { 'Accept-Encoding': 'gzip, deflate, br' });
    expect([brotli.headers['content-encoding'], brotli.headers.vary]).toEqual(['br', 'Accept-Encoding']);
    expect(brotliDecompressSync(brotli.body).toString()).toBe(script);
    const gzip = await get(url, { 'Accept-Encoding': 'br;q=0, gzip;q=0.5' });
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzip.body).toString()).toBe(script);
    const plain = await get(url);
    expect([plain.headers['content-encoding'], plain.body.toString()]).toEqual([undefined, script]);
  });

  test('answers HEAD without a body, and other methods not at all', async () => {
    const head = await get(`${http}/`, {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(html.length), 0]);
    expect((await get(`${http}/`, {}, 'POST')).status).toBe(405);
  });

  test.each(['/assets/', '/assets/none.js', '/assets/../../package.json', '/assets/%2e%2e/index.html', '/assets/notes.txt', '/index.html'])(
    'has no %s',
    async (path) => {
      expect((await get(`${http}${path}`)).status).toBe(404);
    },
  );

  test('is behind the gate like everything else', async () => {
    expect((await get(`${http}/`, { Host: 'rebound.example' })).status).toBe(403);
    expect((await get(`${http}/`, { Origin: 'https://elsewhere.example' })).status).toBe(403);
  });
});

test('a page that was not built says how to build it, and the rest of the service works', async () => {
  const { http } = await open(await temporaryDirectory());
  const { status, body } = await get(`${http}/`);
  expect([status, body.toString()]).toEqual([404, expect.stringContaining('npm run build')]);
  expect((await get(`${http}/readyz`)).status).toBe(200);
});

test('a token in the query of the page opens nothing and stands in no log', async () => {
  const { http, lines, token } = await open(await builtPage());
  await get(`${http}/?token=${token}`);
  expect((await get(`${http}/metrics?token=${token}`)).status).toBe(401);
  expect(lines.filter((line) => line.includes(token))).toEqual([]);
});
