import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { addToken, revokeToken } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import { withTransport } from '../support/transport.ts';

const isText = ({ opcode }: { readonly opcode: number }) => opcode === opcodes.text;
const answers = (raw: RawSocket): unknown[] => raw.frames.filter(isText).map(({ payload }) => JSON.parse(payload.toString()));
const withId = (id: number | null) => (frame: { readonly opcode: number; readonly payload: Buffer }) =>
  isText(frame) && JSON.parse(frame.payload.toString()).id === id;

/** A raw connection that has said hello. */
async function greeted(port: number, token: string): Promise<RawSocket> {
  const raw = await upgrade(port);
  raw.request(0, 'session.hello', { token });
  await raw.frame(withId(0));
  return raw;
}

describe('the subprotocol', () => {
  test('is the one of this version; without it the connection closes with 4406', () =>
    withTransport({}, async ({ port, url }) => {
      const good = await upgrade(port, { protocols: 'chat, troupe.v1' });
      expect(good.head).toMatch(/sec-websocket-protocol: troupe\.v1\r?$/im);
      good.destroy();
      for (const protocols of [null, 'troupe.v2', 'chat, superchat']) {
        const raw = await upgrade(port, { protocols });
        expect(raw.head.toLowerCase()).not.toContain('sec-websocket-protocol');
        expect([protocols, await raw.closed()]).toEqual([protocols, 4406]);
      }
      const browser = new WebSocket(url, 'chat');
      await expect(new Promise((_, reject) => browser.once('error', reject))).rejects.toThrow('no subprotocol');
    }));

  test('compression is never agreed on', () =>
    withTransport({}, async ({ port }) => {
      const raw = await upgrade(port, { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } });
      expect(raw.status).toBe(101);
      expect(raw.head.toLowerCase()).not.toContain('extensions');
      raw.destroy();
    }));
});

describe('the hello', () => {
  test('answers version, scopes, position, heartbeat and limits', () =>
    withTransport({}, async ({ url, token, log, commit }) => {
      await commit(2);
      const client = await connect(url, token);
      expect(client.hello).toEqual({
        protocol: 'troupe.v1',
        server: { name: 'troupe', version: '0.0.0' },
        scopes: ['read', 'write', 'admin'],
        projects: null,
        position: log.head,
        heartbeatMs: 15_000,
        limits: { maxMessageBytes: 262_144, maxInFlight: 64, maxSubscriptions: 32 },
      });
      expect((await client.close()).code).toBe(1000);
    }));

  test('must come in time', () =>
    withTransport({ limits: { helloMs: 20 } }, async ({ port }) => {
      expect(await (await upgrade(port)).closed()).toBe(4408);
    }));

  test('must come first', () =>
    withTransport({}, async ({ port }) => {
      const raw = await upgrade(port);
      raw.request(1, 'test.echo', { secret: true });
      expect(await raw.closed()).toBe(4401);
      expect(answers(raw)).toMatchObject([{ id: 1, error: { code: 401, data: { reason: 'UNAUTHENTICATED' } } }]);
    }));

  test.each([
    ['no token', {}],
    ['a wrong token', { token: 'troupe_wrong' }],
  ])('with %s is answered and closed with 4401', (_, params) =>
    withTransport({}, async ({ port }) => {
      const raw = await upgrade(port);
      raw.request(1, 'session.hello', params);
      expect(await raw.closed()).toBe(4401);
      expect(answers(raw)).toMatchObject([{ id: 1, error: { code: 401 } }]);
    }),
  );

  test('is strict, and can be mended', () =>
    withTransport({}, async ({ port, token }) => {
      const raw = await upgrade(port);
      raw.request(1, 'session.hello', { token, worker: 'a b', extra: 1 });
      await raw.frame(withId(1));
      expect(answers(raw)).toMatchObject([{ error: { code: -32602, data: { issues: [{ path: 'worker' }, { path: 'extra' }] } } }]);
      raw.request(2, 'session.hello', { token, worker: 'x'.repeat(64) });
      await raw.frame(withId(2));
      raw.request(3, 'session.hello', { token });
      await raw.frame(withId(3));
      expect(answers(raw).slice(1)).toMatchObject([
        { result: { protocol: 'troupe.v1' } },
        { error: { data: { reason: 'INVALID_REQUEST' } } },
      ]);
      raw.destroy();
    }));
});

describe('a message', () => {
  test('is answered under its id, string or number', () =>
    withTransport({}, async ({ url, token }) => {
      const client = await connect(url, token);
      expect(await client.call('test.echo', { ä: ['€', 1] }, 'one')).toEqual({ ä: ['€', 1] });
      expect(await client.call('test.echo', undefined, 2 ** 53 - 1)).toEqual({});
      expect(await client.request('system.ping', {})).toEqual({ position: client.hello.position });
      await client.close();
    }));

  test('that is broken is refused, and the connection goes on', () =>
    withTransport({}, async ({ url, token }) => {
      const client = await connect(url, token);
      for (const [text, reason] of [
        ['{', 'PARSE_ERROR'],
        ['[{"jsonrpc":"2.0","id":1,"method":"system.ping"}]', 'INVALID_REQUEST'],
        ['{"jsonrpc":"2.0","method":"system.ping"}', 'INVALID_REQUEST'],
      ] as const) {
        const stray = client.stray();
        client.send(text);
        expect((await stray).reason).toBe(reason);
      }
      const call = client.call('test.echo', { deep: { constructor: 1 } });
      await expect(call).rejects.toMatchObject({ reason: 'INVALID_PARAMS', data: { issues: [{ path: 'deep.constructor' }] } });
      await expect(client.call('no.method', {})).rejects.toMatchObject({ reason: 'METHOD_NOT_FOUND', code: -32601 });
      await expect(client.call('system.ping', { x: 1 })).rejects.toMatchObject({
        reason: 'INVALID_PARAMS',
        data: { issues: [{ path: 'x' }] },
      });
      await client.request('system.ping', {});
      await client.close();
    }));

  test('in a binary frame closes with 4400', () =>
    withTransport({}, async ({ port, token }) => {
      const raw = await greeted(port, token);
      raw.write(opcodes.binary, '{"jsonrpc":"2.0","id":1,"method":"system.ping"}');
      expect(await raw.closed()).toBe(4400);
    }));

  test('of more than the limit closes with 1009; one of just the limit is answered', () =>
    withTransport({}, async ({ port, token }) => {
      const raw = await greeted(port, token);
      const frame = (length: number) => {
        const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'system.ping', params: {} });
        return text + ' '.repeat(length - text.length);
      };
      raw.write(opcodes.text, frame(262_144));
      await raw.frame(withId(1));
      raw.write(opcodes.text, frame(262_145));
      expect(await raw.closed()).toBe(1009);
    }));

  test('in more fragments than the limit closes with 1008; one of just the limit is answered', () =>
    withTransport({}, async ({ port, token }) => {
      const send = (raw: RawSocket, fragments: number) => {
        const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'system.ping', params: {} }).padEnd(fragments);
        for (let index = 0; index < fragments; index += 1) {
          const last = index === fragments - 1;
          raw.write(index === 0 ? opcodes.text : opcodes.continuation, last ? text.slice(index) : text.slice(index, index + 1), {
            final: last,
          });
        }
      };
      const raw = await greeted(port, token);
      send(raw, 64);
      await raw.frame(withId(1));
      send(raw, 65);
      expect(await raw.closed()).toBe(1008);
    }));

  test('that is no UTF-8 closes with 1007', () =>
    withTransport({}, async ({ port, token }) => {
      const raw = await greeted(port, token);
      raw.write(opcodes.text, Buffer.from([0x22, 0xff, 0xfe, 0x22]));
      expect(await raw.closed()).toBe(1007);
    }));
});

describe('a fault of the service', () => {
  test('crosses the wire as a correlation id; the rest is in the log', () =>
    withTransport({}, async ({ url, token, lines }) => {
      const client = await connect(url, token);
      for (const method of ['test.crash', 'test.cycle']) {
        const error: unknown = await client.call(method, {}).catch((fault: unknown) => fault);
        expect(error).toMatchObject({
          reason: 'INTERNAL',
          code: -32603,
          data: { correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        });
        expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('secret of the house');
        const { correlationId } = (error as { data: { correlationId: string } }).data;
        expect(lines.filter(({ facts }) => JSON.stringify(facts).includes(correlationId))).toHaveLength(1);
      }
      await client.close();
    }));
});

describe('limits', () => {
  test('requests in flight of all connections: more are refused, but everyone gets a few', () =>
    withTransport({ limits: { maxInFlightOfAll: 5, fairInFlight: 2 } }, async ({ url, token, release, held }) => {
      const [greedy, modest] = [await connect(url, token), await connect(url, token)];
      const holding = [1, 2, 3, 4, 5].map(() => greedy.call('test.hold', {}));
      const refusal = { reason: 'TOO_MANY_IN_FLIGHT', data: { limit: { name: 'maxInFlightOfAll', max: 5 }, retryable: true } };
      await expect(greedy.call('test.echo', {})).rejects.toMatchObject(refusal);
      holding.push(modest.call('test.hold', {}), modest.call('test.hold', {}));
      await expect(modest.call('test.echo', {})).rejects.toMatchObject(refusal);
      expect(held()).toBe(7);
      release();
      await Promise.all(holding);
      expect(await greedy.call('test.echo', { again: true })).toEqual({ again: true });
      await Promise.all([greedy.close(), modest.close()]);
    }));

  test('requests in flight: more are refused until one is answered, and ping gets through', () =>
    withTransport({ limits: { maxInFlight: 3 } }, async ({ url, token, release, held }) => {
      const client = await connect(url, token);
      const holding = [1, 2, 3].map(() => client.call('test.hold', {}));
      const refused = client.call('test.echo', {});
      await expect(refused).rejects.toMatchObject({
        reason: 'TOO_MANY_IN_FLIGHT',
        code: 429,
        data: { retryAfterMs: expect.any(Number), retryable: true },
      });
      expect(held()).toBe(3);
      await client.request('system.ping', {});
      release();
      await Promise.all(holding);
      await client.call('test.echo', {});
      await client.close();
    }));

  test('an id that still waits is refused', () =>
    withTransport({}, async ({ port, token, release }) => {
      const raw = await greeted(port, token);
      raw.request(7, 'test.hold', {});
      raw.request(7, 'test.echo', {});
      await raw.frame(withId(7));
      release();
      await raw.frame((frame) => withId(7)(frame) && frame.payload.includes('"held"'));
      expect(answers(raw).slice(1)).toMatchObject([
        { id: 7, error: { data: { reason: 'INVALID_REQUEST' } } },
        { id: 7, result: { held: true } },
      ]);
      raw.destroy();
    }));

  test('rate: what is over it is refused with a time, and going on closes with 4429', () =>
    withTransport({ limits: { requestsPerSecond: 1, requestBurst: 5, maxRefusals: 3 } }, async ({ port, token }) => {
      const raw = await greeted(port, token);
      for (let id = 1; id <= 7; id += 1) raw.request(id, 'system.ping', {});
      await raw.frame(withId(7));
      expect(answers(raw).slice(5)).toMatchObject(
        [5, 6, 7].map((id) => ({ id, error: { data: { reason: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } } })),
      );
      raw.request(8, 'system.ping', {});
      expect(await raw.closed()).toBe(4429);
    }));

  test('connections: one more is refused before the upgrade, until one goes', () =>
    withTransport({ limits: { maxConnections: 2 } }, async ({ port, url, token, ws }) => {
      const clients = [await connect(url, token), await connect(url, token)];
      expect((await upgrade(port)).status).toBe(503);
      await clients[0]?.close();
      expect(ws.connections).toBe(1);
      const next = await connect(url, token);
      await Promise.all([next.close(), clients[1]?.close()]);
    }));
});

describe('a waiting request', () => {
  test('can be withdrawn', () =>
    withTransport({}, async ({ url, token, held }) => {
      const client = await connect(url, token);
      const waiting = client.call('test.hold', {}, 'mine');
      expect(await client.request('request.cancel', { id: 'other' })).toEqual({ cancelled: false });
      expect(await client.request('request.cancel', { id: 'mine' })).toEqual({ cancelled: true });
      await expect(waiting).rejects.toMatchObject({ reason: 'CANCELLED', code: 499 });
      expect(held()).toBe(0);
      await client.close();
    }));

  test('is withdrawn when its client goes away', () =>
    withTransport({}, async ({ url, token, held }) => {
      const other = await connect(url, token);
      const client = await connect(url, token);
      const waiting = client.call('test.hold', {});
      await client.request('system.ping', {});
      expect(held()).toBe(1);
      await Promise.all([client.close(), expect(waiting).rejects.toThrow('closed with')]);
      await expect.poll(held, { timeout: 5_000 }).toBe(0);
      await other.close();
    }));
});

describe('heartbeat', () => {
  test('drops a peer that answers no ping, and keeps one that does', () =>
    withTransport({ limits: { heartbeatMs: 30 } }, async ({ port, url, token }) => {
      const alive = await connect(url, token);
      const mute = await greeted(port, token);
      expect(await mute.closed()).toBe(4411);
      expect(mute.frames.filter(({ opcode }) => opcode === opcodes.ping)).toHaveLength(1);
      await alive.request('system.ping', {});
      await alive.close();
    }));

  test('closes the connections of a revoked token with 4401, and only those', () =>
    withTransport({ limits: { heartbeatMs: 30 } }, async ({ directory, url, token }) => {
      const other = await connect(url, token);
      const named = addToken(directory, { name: 'ci', scopes: ['read'], projects: null, now: 0 });
      const inHello = await connect(url, named);
      const inHeader = await connect(url, named, { inHeader: true });
      revokeToken(directory, 'ci');
      expect([(await inHello.closed).code, (await inHeader.closed).code]).toEqual([4401, 4401]);
      await expect(connect(url, named)).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
      await expect(connect(url, named, { inHeader: true })).rejects.toThrow('401');
      await other.request('system.ping', {});
      await other.close();
    }));
});

describe('drain', () => {
  test('lets what is in flight finish, refuses what is new, and closes with 1012', () =>
    withTransport({}, async ({ url, port, token, ws, release }) => {
      const client = await connect(url, token);
      const work = client.call('test.work', {});
      await client.request('system.ping', {});
      const drained = ws.drain();
      await expect(client.call('test.echo', {})).rejects.toMatchObject({ reason: 'DRAINING', code: 503 });
      expect((await upgrade(port)).status).toBe(503);
      release();
      expect(await work).toEqual({ done: true });
      expect((await client.closed).code).toBe(1012);
      await drained;
      expect(ws.connections).toBe(0);
    }));

  test('gives up on what does not finish in time', () =>
    withTransport({ limits: { finishMs: 20 } }, async ({ url, token, ws, release }) => {
      const client = await connect(url, token);
      const work = client.call('test.work', {});
      await client.request('system.ping', {});
      await Promise.all([expect(work).rejects.toThrow('closed with 1012'), ws.drain()]);
      release();
    }));

  test('wakes what only waits with DRAINING', () =>
    withTransport({}, async ({ url, token, ws }) => {
      const client = await connect(url, token);
      const waiting = client.call('test.hold', {});
      await client.request('system.ping', {});
      await Promise.all([expect(waiting).rejects.toMatchObject({ reason: 'DRAINING', data: { retryable: true } }), ws.drain()]);
    }));

  test('does not wait for a mute peer', () =>
    withTransport({ limits: { closeMs: 50 } }, async ({ port, token, ws }) => {
      const raw = await greeted(port, token);
      raw.socket.pause();
      await ws.drain();
      expect(ws.connections).toBe(0);
      raw.socket.resume();
      expect(await raw.closed()).toBe(1012);
    }));
});
