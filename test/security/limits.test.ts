import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { defaultLimits } from '../../src/transport/ws/limits.ts';
import type { Limits } from '../../src/transport/ws/limits.ts';
import { addToken, revokeToken } from '../../src/transport/tokens.ts';
import { connect as greet } from '../support/client.ts';
import { start } from '../support/command.ts';
import { compile } from '../support/compile.ts';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import { withTransport } from '../support/transport.ts';
import { addressed, answered, answersOf, clientOf, exchange, greeted, requestText } from './served.ts';
import type { Served } from './served.ts';

/** How much one peer can take of the service. The whole service runs, with limits that are reached sooner. */

let program = '';
beforeAll(async () => {
  program = await compile('test/security/limited-child.ts');
});

async function limited(limits: Partial<Limits>): Promise<Served> {
  const data = await mkdtemp(join(tmpdir(), 'troupe-limits-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  return addressed(start(program, [data, JSON.stringify(limits)]), data);
}

test('the limits are those that the protocol names', () => {
  expect(defaultLimits).toMatchObject({
    maxMessageBytes: 262_144,
    maxFragments: 64,
    maxBufferedChunks: 1_024,
    maxConnections: 1_024,
    maxInFlight: 64,
    maxSubscriptions: 32,
    requestsPerSecond: 2_000,
    requestBurst: 4_000,
    helloMs: 10_000,
    heartbeatMs: 15_000,
  });
});

describe('time', () => {
  test('a connection without hello is closed with 4408, also one that keeps sending', async () => {
    const service = await limited({ helloMs: 300 });
    const mute = await upgrade(service.port);
    const chatty = await upgrade(service.port);
    const chatter = setInterval(() => chatty.write(opcodes.ping, 'still here'), 50);
    onTestFinished(() => clearInterval(chatter));
    const greetedInTime = await clientOf(service);
    expect([await mute.closed(), await chatty.closed()]).toEqual([4408, 4408]);
    await greetedInTime.request('system.ping', {});
  });

  test('a dead peer is dropped with 4411, one that answers pings is kept', async () => {
    const service = await limited({ heartbeatMs: 100 });
    const dead = await greeted(service);
    const alive = await clientOf(service);
    expect(await dead.closed()).toBe(4411);
    await alive.request('system.ping', {});
  });

  test.each([
    ['sends nothing', ''],
    ['stops within the request line', 'GET /w'],
    ['stops within the headers of an upgrade', 'GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Slow: '],
    ['stops within a body', 'POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf'],
  ])('a peer that %s is cut', (_, text) =>
    withTransport({ http: { timeouts: { headersTimeout: 50, requestTimeout: 80, connectionsCheckingInterval: 20 } } }, async ({ port }) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.resume().on('error', () => {});
      await expect(closed).resolves.toEqual(expect.any(Boolean));
    }),
  );

  test('headers that drip in one by one are cut as well', () =>
    withTransport(
      { http: { timeouts: { headersTimeout: 100, requestTimeout: 150, connectionsCheckingInterval: 20 } } },
      async ({ port }) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('GET /healthz HTTP/1.1\r\n'));
        const drip = setInterval(() => socket.write('X-Drip: 1\r\n'), 10);
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.resume().on('error', () => {});
        await expect(closed).resolves.toEqual(expect.any(Boolean));
        clearInterval(drip);
      },
    ));
});

describe('numbers', () => {
  test('connections: one more than allowed is refused with 503 before the upgrade, with or without token, until one leaves', async () => {
    const service = await limited({ maxConnections: 2, closeMs: 100 });
    const [first, second] = [await upgrade(service.port), await greeted(service)];
    expect((await upgrade(service.port)).status).toBe(503);
    expect((await upgrade(service.port, { headers: { Authorization: `Bearer ${service.token}` } })).status).toBe(503);
    // Health is still told.
    expect((await fetch(`${service.http}/healthz`)).status).toBe(200);
    const gone = new Promise((resolve) => first.socket.once('close', resolve));
    first.write(opcodes.close, Buffer.from([3, 232]));
    await gone;
    const next = await greeted(service);
    for (const raw of [second, next]) raw.destroy();
  });

  test('requests in flight: the 65th is refused, and ping gets through', async () => {
    const service = await limited({});
    const raw = await greeted(service);
    for (let id = 1; id <= 65; id += 1) raw.request(id, 'task.claim', { waitMs: 30_000 });
    await answered(raw, 65);
    raw.request(66, 'system.ping', {});
    await answered(raw, 66);
    expect(answersOf(raw).slice(1)).toMatchObject([
      { id: 65, error: { data: { reason: 'TOO_MANY_IN_FLIGHT' } } },
      { id: 66, result: {} },
    ]);
    raw.destroy();
  });

  test('subscriptions: the 33rd is refused', async () => {
    const client = await clientOf(await limited({}));
    for (let view = 0; view < 32; view += 1) await client.request('events.subscribe', { filter: { project: `p${view}` } });
    await expect(client.request('events.subscribe', { filter: { project: 'p32' } })).rejects.toMatchObject({ reason: 'LIMIT_EXCEEDED' });
  });

  test('rate: over it everything is refused, broken messages too, and going on closes with 4429; others are served', async () => {
    const service = await limited({ requestsPerSecond: 1, requestBurst: 10, maxRefusals: 5 });
    const raw = await greeted(service);
    for (let id = 1; id < 10; id += 1) raw.request(id, 'system.ping', {});
    raw.request(10, 'system.ping', {});
    raw.write(opcodes.text, 'no JSON');
    await answered(raw, 10);
    await answered(raw, null);
    expect(answersOf(raw).slice(10)).toMatchObject([
      { id: 10, error: { data: { reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } } },
      { id: null, error: { data: { reason: 'RATE_LIMITED' } } },
    ]);
    for (let id = 11; id < 20; id += 1) raw.request(id, 'system.ping', {});
    expect(await raw.closed()).toBe(4429);
    await (await clientOf(service)).request('system.ping', {});
  });

  test('rate, as the service grants it by itself: 4,000 at once, and never twice as many', async () => {
    const raw = await greeted(await limited({ requestsPerSecond: 0.001 }));
    for (let id = 1; id <= 4_100; id += 1) raw.request(id, 'system.ping', {});
    await answered(raw, 4_100);
    expect(answersOf(raw).filter(({ error }) => error?.data.reason === 'RATE_LIMITED')).toHaveLength(101);
    raw.destroy();
  });

  test('headers: too many or too large are refused', async () => {
    const service = await limited({});
    const host = `Host: 127.0.0.1:${service.port}`;
    expect((await exchange(service.port, requestText('GET /healthz HTTP/1.1', host, `X-Large: ${'x'.repeat(20_000)}`))).status).toBe(431);
    expect((await exchange(service.port, requestText(`GET /${'x'.repeat(20_000)} HTTP/1.1`, host))).status).toBe(431);
  });
});

describe('a revoked token', () => {
  test('opens nothing from then on; its connections are closed with 4401, and what waits on them is given nothing', async () => {
    const service = await limited({ heartbeatMs: 200, closeMs: 60_000 });
    const { data, url, http, port } = service;
    const owner = await clientOf(service);
    const token = addToken(data, { name: 'ci', scopes: ['read', 'write'], projects: null, now: 0 });
    const raw = await greeted({ port, token });
    raw.request(1, 'task.claim', { waitMs: 30_000 });
    const inHeader = await upgrade(port, { headers: { Authorization: `Bearer ${token}` } });
    expect(revokeToken(data, 'ci')).toBe(true);

    expect((await fetch(`${http}/artifacts/x`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
    await expect(greet(url, token)).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
    await expect(greet(url, token, { inHeader: true })).rejects.toThrow('401');

    expect([await raw.closed(), await inHeader.closed()]).toEqual([4401, 4401]);
    // The peer does not answer the close, and goes on.
    raw.request(2, 'task.create', { title: 'By nobody' });
    const { task } = await owner.request('task.create', { title: 'For someone else' });
    // The claim that was waiting would have been woken before this one came.
    expect((await owner.request('task.claim', {})).task.id).toBe(task.id);
    expect((await owner.request('task.list', {})).items).toMatchObject([{ id: task.id }]);
    for (const peer of [raw, inHeader]) peer.destroy();
  });
});
