import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { openHttp } from '../../src/transport/http.ts';
import { addToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import { upgrade } from '../support/raw-socket.ts';
import { withTransport } from '../support/transport.ts';

const get = (port: number, path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('Host', () => {
  test('must be a name of this machine with the port, on upgrades and requests', () =>
    withTransport({}, async ({ port }) => {
      for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `LOCALHOST:${port}`]) {
        expect([host, (await get(port, '/healthz', { Host: host })).status]).toEqual([host, 200]);
        const raw = await upgrade(port, { headers: { Host: host } });
        expect([host, raw.status]).toEqual([host, 101]);
        raw.destroy();
      }
      for (const host of [
        'localhost',
        'evil.example',
        `evil.example:${port}`,
        `localhost.evil.example:${port}`,
        `localhost:${port}.evil.example`,
        `127.0.0.1:${port + 1}`,
      ]) {
        expect([host, (await get(port, '/healthz', { Host: host })).status]).toEqual([host, 403]);
        expect([host, (await upgrade(port, { headers: { Host: host } })).status]).toEqual([host, 403]);
      }
    }));

  test('can be allowed by name', () =>
    withTransport({ http: { allowHosts: ['Troupe.example.com'] } }, async ({ port }) => {
      expect((await get(port, '/healthz', { Host: 'troupe.example.com' })).status).toBe(200);
      expect((await get(port, '/healthz', { Host: `troupe.example.com:${port}` })).status).toBe(200);
      expect((await get(port, '/healthz', { Host: 'troupe.example.com.evil.example' })).status).toBe(403);
    }));
});

describe('Origin', () => {
  test('must be our own when there is one', () =>
    withTransport({}, async ({ port }) => {
      for (const origin of [`http://localhost:${port}`, `http://127.0.0.1:${port}`]) {
        const raw = await upgrade(port, { headers: { Origin: origin } });
        expect([origin, raw.status]).toEqual([origin, 101]);
        raw.destroy();
      }
      const foreign = [
        'null',
        '',
        'http://evil.example',
        `https://localhost:${port}`,
        'http://localhost',
        `http://localhost:${port}.evil.example`,
      ];
      for (const origin of [...foreign, `http://localhost:${port}@evil.example`, `http://xlocalhost:${port}`]) {
        expect([origin, (await upgrade(port, { headers: { Origin: origin } })).status]).toEqual([origin, 403]);
        expect([origin, (await get(port, '/healthz', { Origin: origin })).status]).toEqual([origin, 403]);
      }
    }));

  test('can be allowed', () =>
    withTransport({ http: { allowOrigins: ['https://board.example'] } }, async ({ port, url, token }) => {
      const client = await connect(url, token, { headers: { Origin: 'https://board.example' } });
      await client.close();
      expect((await upgrade(port, { headers: { Origin: 'https://board.example.evil.example' } })).status).toBe(403);
    }));
});

describe('the token', () => {
  test('in the upgrade’s header is verified before the upgrade', () =>
    withTransport({}, async ({ port, url, token }) => {
      const client = await connect(url, token, { inHeader: true });
      expect(client.hello.scopes).toEqual(['read', 'write', 'admin']);
      await client.close();
      const refused = await upgrade(port, { headers: { Authorization: `Bearer ${token}x` } });
      expect(refused.status).toBe(401);
      expect(refused.head).toContain('WWW-Authenticate: Bearer');
    }));

  test('in a query opens nothing, and is in no log', () =>
    withTransport({}, async ({ port, token, lines }) => {
      const raw = await upgrade(port, { path: `/ws?token=${token}` });
      raw.request(1, 'session.hello', {});
      expect(await raw.closed()).toBe(4401);
      expect(JSON.stringify(lines)).not.toContain(token);
    }));

  test('offered as a subprotocol is not echoed', () =>
    withTransport({}, async ({ port, token }) => {
      for (const protocols of [token, `bearer, ${token}`, `${token}, troupe.v1`]) {
        const raw = await upgrade(port, { protocols });
        expect(raw.head).not.toContain(token);
        raw.destroy();
      }
    }));
});

describe('the port', () => {
  test('answers what it does not know with 404, and other methods with 405', () =>
    withTransport({}, async ({ port }) => {
      for (const path of ['/', '/nothing', '/healthz/', '/ws', '//healthz', '/constructor']) {
        expect([path, (await get(port, path)).status]).toEqual([path, 404]);
      }
      expect((await upgrade(port, { path: '/elsewhere' })).status).toBe(404);
      expect((await upgrade(port, { path: '/__proto__' })).status).toBe(404);
      const refused = await get(port, '/healthz', {}, 'POST');
      expect([refused.status, refused.headers['allow']]).toEqual([405, 'GET, HEAD']);
    }));

  test('tells measured health without a token, and readiness without details', () =>
    withTransport({}, async ({ port, url, token }) => {
      const client = await connect(url, token);
      const health = await get(port, '/healthz');
      expect([health.status, JSON.parse(health.body)]).toEqual([200, { healthy: true, connections: 1 }]);
      expect(JSON.parse((await get(port, '/readyz')).body)).toEqual({ ready: true });
      expect(health.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
      await client.close();
    }));

  test('that others can reach needs TLS, or to be told that it does not', async () => {
    const options = { port: 0, allowHosts: [], allowOrigins: [], logger: quiet };
    await expect(openHttp({ ...options, host: '0.0.0.0', insecure: false })).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
    const http = await openHttp({ ...options, host: '0.0.0.0', insecure: true });
    const port = Number(new URL(http.origin).port);
    expect((await get(port, '/healthz', { Host: `127.0.0.1:${port}` })).status).toBe(503);
    await http.close(0);
  });

  test('in use is refused with the system’s error', () =>
    withTransport({}, async ({ port }) => {
      const again = openHttp({ host: '127.0.0.1', port, allowHosts: [], allowOrigins: [], insecure: false, logger: quiet });
      await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
    }));

  test('of a token with few projects still greets with them', () =>
    withTransport({}, async ({ directory, url }) => {
      const token = addToken(directory, { name: 'web', scopes: ['read'], projects: ['web'], now: 0 });
      const client = await connect(url, token, { worker: 'w-1' });
      expect(client.hello).toMatchObject({ scopes: ['read'], projects: ['web'] });
      expect(await client.call('test.caller', {})).toEqual({ name: 'web', worker: 'w-1', scopes: ['read'], projects: ['web'] });
      await client.close();
    }));
});
