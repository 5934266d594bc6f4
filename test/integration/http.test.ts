import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { TroupeError } from '../../src/errors.ts';
import { artifactRoute } from '../../src/transport/artifacts.ts';
import type { ReadArtifact } from '../../src/transport/artifacts.ts';
import { addToken } from '../../src/transport/tokens.ts';
import type { Caller } from '../../src/use-cases/caller.ts';
import { artifactId, artifactRef } from '../support/records.ts';
import { withTransport } from '../support/transport.ts';

const content = Buffer.from('<script>alert("ä€😀")</script>\n'.repeat(10_000));
const known = artifactId(1);
const broken = artifactId(2);
const callers: Caller[] = [];

const readArtifact: ReadArtifact = async (id, caller) => {
  callers.push(caller);
  if (id !== known && id !== broken) throw new TroupeError('ARTIFACT_NOT_FOUND', `there is no artifact ${id}`);
  const ref = { ...artifactRef(id, null, content), mediaType: 'text/html', name: 'Bericht "ä"\'; x.html' };
  return { ref, pages: pages(id === broken) };
};

async function* pages(breaks: boolean): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < content.length; offset += 65_536) {
    if (breaks && offset > 100_000) throw new Error('the disk is gone');
    yield content.subarray(offset, offset + 65_536);
  }
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('GET /artifacts/<id>', () => {
  const routes = [artifactRoute(readArtifact)];

  test('serves the bytes as a download that a browser neither guesses nor runs', () =>
    withTransport({ routes }, async ({ http, token }) => {
      const response = await fetch(`${http.origin}/artifacts/${known}`, bearer(token));
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/html',
        'content-length': String(content.length),
        'content-disposition': "attachment; filename*=UTF-8''Bericht%20%22%C3%A4%22%27%3B%20x.html",
        'content-security-policy': expect.stringMatching(/default-src 'none'.*sandbox/),
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
      expect(callers.at(-1)).toMatchObject({ name: 'default', projects: null });
    }));

  test('answers HEAD without the bytes', () =>
    withTransport({ routes }, async ({ http, token }) => {
      const response = await fetch(`${http.origin}/artifacts/${known}`, { method: 'HEAD', ...bearer(token) });
      expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, String(content.length), '']);
    }));

  test('needs a token with the scope to read', () =>
    withTransport({ routes }, async ({ http, token, directory }) => {
      const statusOf = async (init: RequestInit) => (await fetch(`${http.origin}/artifacts/${known}`, init)).status;
      const writer = addToken(directory, { name: 'writer', scopes: ['write'], projects: null, now: 0 });
      expect(await statusOf({})).toBe(401);
      expect(await statusOf(bearer(`${token}x`))).toBe(401);
      expect(await statusOf({ headers: { authorization: `Basic ${token}` } })).toBe(401);
      expect(await statusOf(bearer(writer))).toBe(403);
      expect((await fetch(`${http.origin}/artifacts/${known}?token=${token}`)).status).toBe(401);
    }));

  test.each(['a_1', '', '../tokens.json', '%2e%2e%2ftokens.json', artifactId(9)])('finds nothing under %s', (id) =>
    withTransport({ routes }, async ({ http, token }) => {
      const response = await fetch(`${http.origin}/artifacts/${id}`, bearer(token));
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    }),
  );

  test('breaks off rather than pass a part for the whole', () =>
    withTransport({ routes }, async ({ http, token, lines }) => {
      const response = await fetch(`${http.origin}/artifacts/${broken}`, bearer(token));
      await expect(response.arrayBuffer()).rejects.toThrow('terminated');
      await expect.poll(() => lines.filter(({ level }) => level === 'error').length, { timeout: 5_000 }).toBe(1);
    }));
});

describe('a client that never ends its headers', () => {
  test('is refused and cut', () =>
    withTransport({ http: { timeouts: { headersTimeout: 20, requestTimeout: 40, connectionsCheckingInterval: 10 } } }, async ({ port }) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(`GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Slow: `));
      let answer = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
      await new Promise((resolve) => socket.on('close', resolve));
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    }));
});

describe('TLS', () => {
  test('serves https and wss with the certificate given', async () => {
    const cert = await readFile('fixtures/tls/localhost.cert.pem', 'utf8');
    const key = await readFile('fixtures/tls/localhost.key.pem', 'utf8');
    await withTransport({ http: { tls: { cert, key } } }, async ({ http, url, token, port }) => {
      expect([http.origin, url]).toEqual([`https://127.0.0.1:${port}`, `wss://127.0.0.1:${port}/ws`]);
      const status = await new Promise((resolve, reject) => {
        request(`${http.origin}/healthz`, { ca: cert }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
      expect(status).toBe(200);
      const ws = new WebSocket(url, 'troupe.v1', {
        ca: cert,
        headers: { authorization: `Bearer ${token}`, origin: `https://localhost:${port}` },
      });
      ws.on('open', () => ws.send('{"jsonrpc":"2.0","id":1,"method":"session.hello"}'));
      const answer = await new Promise<string>((resolve, reject) => {
        ws.on('message', (data: Buffer) => resolve(data.toString()));
        ws.on('error', reject);
      });
      expect(JSON.parse(answer)).toMatchObject({ id: 1, result: { protocol: 'troupe.v1' } });
      ws.close();
    });
  });
});
