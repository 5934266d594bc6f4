import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { addToken } from '../../src/transport/tokens.ts';
import { clientOf, exchange, requestText, serviceOfFile } from './served.ts';

/** The HTTP routes: paths, methods, tokens, downloads. */

const service = serviceOfFile();

const host = (): string => `Host: 127.0.0.1:${service().port}`;
const bearer = (token: string): string => `Authorization: Bearer ${token}`;
const statusOf = async (line: string, ...headers: readonly string[]): Promise<number> =>
  (await exchange(service().port, requestText(`${line} HTTP/1.1`, host(), 'Connection: close', ...headers))).status;

const climbing = [
  '/../tokens.json',
  '/artifacts/../tokens.json',
  '/artifacts/../../tokens.json',
  '/artifacts/..%2ftokens.json',
  '/artifacts/%2e%2e/tokens.json',
  '/artifacts/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '/artifacts/..%252ftokens.json',
  '/artifacts/..%c0%aftokens.json',
  '/artifacts/..\\tokens.json',
  '/artifacts/....//tokens.json',
  '/artifacts//etc/passwd',
  '/artifacts/%00',
  '/artifacts/a_%00',
  '/artifacts/C:\\Windows\\win.ini',
  '/artifacts/file:///etc/passwd',
  '/artifacts/;/token',
  '/token',
  '/tokens.json',
  '/.troupe/token',
  '/healthz/../token',
  '/healthz%2f..%2ftoken',
  '/HEALTHZ',
  '/__proto__',
  '/artifacts/__proto__',
];

test.each(climbing)('%s leads nowhere, with a token that opens everything', async (path) => {
  const { port, token } = service();
  const { status, head } = await exchange(port, requestText(`GET ${path} HTTP/1.1`, host(), 'Connection: close', bearer(token)));
  expect(status).toBe(404);
  expect(head).not.toContain(token);
  expect(head).not.toContain('root:');
});

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])('%s is no method of any route', async (method) => {
  const { token } = service();
  for (const path of ['/healthz', '/readyz', '/artifacts/x'])
    expect([path, await statusOf(`${method} ${path}`, bearer(token))]).toEqual([path, 405]);
});

test('a method that is none, and a request that is none, are refused', async () => {
  const { port } = service();
  // HTTP 0.9 names no Host.
  expect((await exchange(port, 'GET /healthz\r\n\r\n')).status).toBe(403);
  for (const text of ['DANCE / HTTP/1.1\r\n\r\n', '\0\0\0\0\r\n\r\n', 'GET /healthz HTTP/9.9\r\n\r\n'])
    expect([text, (await exchange(port, text)).status]).toEqual([text, 400]);
  // Two lengths: what is one request for us might be two for something before us.
  const smuggled = [
    'POST /healthz HTTP/1.1',
    host(),
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    '',
    '0',
    '',
    'GET /artifacts/x HTTP/1.1',
  ];
  expect((await exchange(port, `${smuggled.join('\r\n')}\r\n\r\n`)).status).toBe(400);
});

describe('a token', () => {
  test('is needed on every route that is not public, even from this machine', async () => {
    expect([await statusOf('GET /healthz'), await statusOf('GET /readyz')]).toEqual([200, 200]);
    expect(await statusOf(`GET /artifacts/a_${'0'.repeat(26)}`)).toBe(401);
    expect(await statusOf('GET /artifacts/')).toBe(401);
  });

  test('counts in the Authorization header only', async () => {
    const { token } = service();
    const path = `/artifacts/a_${'0'.repeat(26)}`;
    expect(await statusOf(`GET ${path}`, bearer(token))).toBe(404);
    for (const query of [`token=${token}`, `access_token=${token}`, `ticket=${token}`, `authorization=Bearer%20${token}`])
      expect([query, await statusOf(`GET ${path}?${query}`)]).toEqual([query, 401]);
    const elsewhere = [
      `Cookie: token=${token}`,
      `X-Token: ${token}`,
      `Proxy-Authorization: Bearer ${token}`,
      `Authorization: Basic ${token}`,
    ];
    for (const header of [...elsewhere, `Authorization: ${token}`, `Authorization: Bearer ${token} x`, `Authorization: Bearer ${token}x`])
      expect([header, await statusOf(`GET ${path}`, header)]).toEqual([header, 401]);
  });

  test('needs the scope to read', async () => {
    const writer = addToken(service().data, { name: 'writer', scopes: ['write', 'admin'], projects: null, now: 0 });
    expect(await statusOf(`GET /artifacts/a_${'0'.repeat(26)}`, bearer(writer))).toBe(403);
  });
});

describe('an artifact', () => {
  const content = '<html><script>alert(document.domain)</script></html>\u0000\r\nSet-Cookie: a=b';

  /** Work that a browser would love to run, under a name that a header would love to split. */
  const stored = async (name: string, mediaType: string): Promise<string> => {
    const client = await clientOf(service());
    const { uploadId } = await client.request('artifact.begin', { type: 'general', name, mediaType });
    await client.request('artifact.append', { uploadId, offset: 0, content });
    const { artifactId } = await client.request('artifact.finish', {
      uploadId,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    const { task } = await client.request('task.create', { title: 'Web', project: 'web' });
    const { lease } = await client.request('task.execute', { taskId: task.id });
    await client.request('task.complete', { taskId: task.id, lease: lease.id, summary: 's', artifacts: [{ artifactId }] });
    return artifactId;
  };

  test.each(['text/html', 'image/svg+xml', 'application/javascript', 'text/html; charset=utf-7'])(
    'that calls itself %s is a download that nothing runs, and its name stays in its header',
    async (mediaType) => {
      const { http, token } = service();
      const name = 'a"; filename="b.html\r\nSet-Cookie: c=d\r\n\r\n<b>\u202e../../x';
      const id = await stored(name, mediaType);
      const response = await fetch(`${http}/artifacts/${id}`, { headers: { authorization: `Bearer ${token}` } });
      expect([response.status, await response.text()]).toEqual([200, content]);
      const headers = Object.fromEntries(response.headers);
      expect(headers).toMatchObject({
        'content-type': mediaType,
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(headers).not.toHaveProperty('set-cookie');
    },
  );

  test.each(['text/html\r\nSet-Cookie: a=b', 'text/html\n', 'text', 'text/html;\u0000', 'text/"html"'])(
    'can’t call itself %j',
    async (mediaType) => {
      const client = await clientOf(service());
      await expect(client.request('artifact.begin', { type: 'general', name: 'n', mediaType })).rejects.toMatchObject({
        reason: 'INVALID_PARAMS',
      });
    },
  );

  test('of another project can’t be read', async () => {
    const id = await stored('web.txt', 'text/plain');
    const token = addToken(service().data, { name: 'other', scopes: ['read'], projects: ['other'], now: 0 });
    expect([403, 404]).toContain(await statusOf(`GET /artifacts/${id}`, bearer(token)));
    const own = addToken(service().data, { name: 'web', scopes: ['read'], projects: ['web'], now: 0 });
    expect(await statusOf(`GET /artifacts/${id}`, bearer(own))).toBe(200);
  });
});
