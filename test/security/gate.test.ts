import { describe, expect, test } from 'vitest';
import { exchange, requestText, serve, serviceOfFile, upgradeText } from './served.ts';
import { buildCommand } from '../support/command.ts';

/** Host and Origin: who may speak to the port at all. */

const service = serviceOfFile({ args: ['--allow-host', 'board.example', '--allow-origin', 'https://board.example'] });

/** Answers of a public route, a route for tokens, a route that is none, and an upgrade: the gate stands before all of them. */
async function statuses(port: number, ...headers: readonly string[]): Promise<readonly number[]> {
  const lines = ['GET /healthz', 'GET /artifacts/x', 'GET /nothing', 'DELETE /healthz'];
  const texts = [...lines.map((line) => requestText(`${line} HTTP/1.1`, 'Connection: close', ...headers)), upgradeText(...headers)];
  return Promise.all(texts.map(async (text) => (await exchange(port, text)).status));
}
const passed = [200, 401, 404, 405, 101];
const refused = [403, 403, 403, 403, 403];

describe('Host (DNS rebinding)', () => {
  const foreign: readonly (readonly [what: string, host: (port: number) => string])[] = [
    ['a foreign name', () => 'evil.example'],
    ['a foreign name with the port', (port) => `evil.example:${port}`],
    ['a name that ends like ours', (port) => `evil-localhost:${port}`],
    ['a name that begins like ours', (port) => `localhost.evil.example:${port}`],
    ['a name that begins like an allowed one', () => 'board.example.evil.example'],
    ['a user before our name', (port) => `evil@localhost:${port}`],
    ['our name behind a comma', (port) => `evil.example, localhost:${port}`],
    ['our name with a dot at its end', (port) => `localhost.:${port}`],
    ['another port', (port) => `localhost:${port - 1}`],
    ['no port', () => '127.0.0.1'],
    ['an empty port', () => '127.0.0.1:'],
    ['the port with a zero before it', (port) => `127.0.0.1:0${port}`],
    ['the address as one number', (port) => `2130706433:${port}`],
    ['the address in hexadecimal', (port) => `0x7f.0.0.1:${port}`],
    ['the short address', (port) => `127.1:${port}`],
    ['another address of this machine', (port) => `127.0.0.2:${port}`],
    ['the address of all interfaces', (port) => `0.0.0.0:${port}`],
    ['IPv6 without brackets', (port) => `::1:${port}`],
    ['IPv6 written out', (port) => `[0:0:0:0:0:0:0:1]:${port}`],
    ['IPv4 within IPv6', (port) => `[::ffff:127.0.0.1]:${port}`],
    ['another IPv6 address', (port) => `[fe80::1]:${port}`],
    ['nothing', () => ''],
  ];
  test.each(foreign)('that is %s is refused everywhere', async (_, host) => {
    const { port } = service();
    expect(await statuses(port, `Host: ${host(port)}`)).toEqual(refused);
  });

  test('of our own passes in any case, and so does an allowed one with and without the port', async () => {
    const { port } = service();
    for (const host of [
      `localhost:${port}`,
      `LocalHost:${port}`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      'BOARD.example',
      `board.example:${port}`,
    ])
      expect([host, await statuses(port, `host: ${host}`)]).toEqual([host, passed]);
  });

  test('that is missing is refused, in HTTP 1.1 and 1.0', async () => {
    const { port } = service();
    expect((await exchange(port, upgradeText())).status).toBe(403);
    expect((await exchange(port, requestText('GET /healthz HTTP/1.1', 'Connection: close'))).status).toBe(400);
    expect((await exchange(port, requestText('GET /healthz HTTP/1.0'))).status).toBe(403);
  });

  test('that comes twice is refused, whichever comes first', async () => {
    const { port } = service();
    const [ours, other] = [`Host: localhost:${port}`, 'Host: evil.example'];
    for (const both of [
      [ours, other],
      [other, ours],
      [ours, ours],
    ])
      expect(await statuses(port, ...both)).toEqual(refused);
  });

  test('counts also when the request names another host in its target', async () => {
    const { port } = service();
    const line = (target: string) => `GET ${target} HTTP/1.1`;
    const ours = [`Host: localhost:${port}`, 'Connection: close'];
    for (const target of [`http://evil.example:${port}/healthz`, `http://localhost:${port}/healthz`, '//evil.example/healthz', '*'])
      expect([target, (await exchange(port, requestText(line(target), ...ours))).status]).toEqual([target, 404]);
    const foreignHost = requestText(line(`http://localhost:${port}/healthz`), 'Host: evil.example', 'Connection: close');
    expect((await exchange(port, foreignHost)).status).toBe(403);
    // The port is no proxy.
    expect(await exchange(port, requestText(`CONNECT localhost:${port} HTTP/1.1`, ...ours))).toEqual({ status: 0, head: '' });
  });

  test('given by a proxy in other headers is not looked at', async () => {
    const { port } = service();
    const forwarded = ['X-Forwarded-Host: localhost', `Forwarded: host=localhost:${port}`, `X-Host: localhost:${port}`];
    expect(await statuses(port, 'Host: evil.example', ...forwarded)).toEqual(refused);
  });
});

describe('Origin (cross-site WebSocket hijacking)', () => {
  const foreign: readonly (readonly [what: string, origin: (port: number) => string])[] = [
    ['another site', () => 'https://evil.example'],
    ['another site on our port', (port) => `http://evil.example:${port}`],
    ['`null`', () => 'null'],
    ['empty', () => ''],
    ['our name without the port', () => 'http://localhost'],
    ['another port of this machine', (port) => `http://localhost:${port - 1}`],
    ['ours with another scheme', (port) => `https://localhost:${port}`],
    ['a WebSocket address', (port) => `ws://localhost:${port}`],
    ['a file', () => 'file://'],
    ['an extension', () => 'chrome-extension://abcdefghijklmnop'],
    ['a name that begins like ours', (port) => `http://localhost:${port}.evil.example`],
    ['a name that ends like ours', (port) => `http://evil-localhost:${port}`],
    ['ours as a user', (port) => `http://localhost:${port}@evil.example`],
    ['ours with a path', (port) => `http://localhost:${port}/`],
    ['an allowed one without TLS', () => 'http://board.example.evil.example'],
    ['an allowed one below another', () => 'https://board.example.evil.example'],
    ['another below an allowed one', () => 'https://evil.board.example'],
    ['two in one', (port) => `http://localhost:${port} https://evil.example`],
  ];
  test.each(foreign)('that is %s is refused everywhere', async (_, origin) => {
    const { port } = service();
    expect(await statuses(port, `Host: localhost:${port}`, `Origin: ${origin(port)}`)).toEqual(refused);
  });

  test('of our own passes, an allowed one too, and none at all', async () => {
    const { port } = service();
    const host = `Host: localhost:${port}`;
    expect(await statuses(port, host)).toEqual(passed);
    for (const origin of [`http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`, 'https://board.example'])
      expect([origin, await statuses(port, host, `Origin: ${origin}`)]).toEqual([origin, passed]);
  });

  test('that comes twice is refused', async () => {
    const { port } = service();
    const [ours, other] = [`Origin: http://localhost:${port}`, 'Origin: https://evil.example'];
    for (const both of [
      [ours, other],
      [other, ours],
      [ours, ours],
    ])
      expect(await statuses(port, `Host: localhost:${port}`, ...both)).toEqual(refused);
  });

  test('is looked at also when the token is right, and no answer lets another site read', async () => {
    const { port, token } = service();
    const headers = [`Host: localhost:${port}`, 'Origin: https://evil.example', `Authorization: Bearer ${token}`];
    expect(await statuses(port, ...headers)).toEqual(refused);
    const preflight = requestText('OPTIONS /artifacts/x HTTP/1.1', ...headers, 'Access-Control-Request-Method: GET', 'Connection: close');
    const allowed = requestText(
      'OPTIONS /artifacts/x HTTP/1.1',
      `Host: localhost:${port}`,
      'Origin: https://board.example',
      'Connection: close',
    );
    for (const text of [preflight, allowed]) expect((await exchange(port, text)).head.toLowerCase()).not.toContain('access-control-allow');
  });
});

test('without --allow-host and --allow-origin nothing but this machine is allowed', async () => {
  const { port } = await serve(await buildCommand());
  expect(await statuses(port, `Host: board.example:${port}`)).toEqual(refused);
  expect(await statuses(port, `Host: localhost:${port}`, 'Origin: https://board.example')).toEqual(refused);
  expect(await statuses(port, `Host: localhost:${port}`)).toEqual(passed);
});
