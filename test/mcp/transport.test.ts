import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openHttp } from '../../src/transport/http.ts';
import type { HttpServer, Route } from '../../src/transport/http.ts';
import { mcpRoutes } from '../../src/transport/mcp/routes.ts';
import { addToken, openTokens, revokeToken } from '../../src/transport/tokens.ts';
import type { Tokens } from '../../src/transport/tokens.ts';
import { connect } from '../support/client.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import { startService } from '../support/service.ts';
import { serveMcp } from './connect.ts';
import { follow, legacy, listen, messageOf, modern, send } from './raw.ts';
import type { Message, Sent } from './raw.ts';

/** `/mcp` as HTTP: who is let in, what is refused, how calls and streams end. */

const paths = ['/mcp', '/mcp/all'];
const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const requests = [
  ['2026-07-28', modern],
  ['2025-11-25', legacy],
] as const;

describe('who is let in', () => {
  test('Host and Origin are those of the port, and the token is one that holds; whatever is asked', async () => {
    const serving = await serveMcp();
    const { host } = new URL(serving.http);
    const status = async (headers: Sent['headers'], path: string) => {
      const { headers: more = {}, ...sent } = modern('tools/list', {}, 1);
      const answer = await send(serving, { ...sent, path, headers: { ...more, ...headers } });
      const { error } = JSON.parse(answer.text) as { error?: { reason: string } };
      return [answer.status, error?.reason, answer.headers['www-authenticate']];
    };
    for (const path of paths) {
      expect(await status({}, path)).toEqual([200, undefined, undefined]);
      expect(await status({ origin: serving.http }, path)).toEqual([200, undefined, undefined]);
      for (const headers of [
        { host: 'evil.example' },
        { host: `${host}.evil.example` },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ])
        expect([headers, await status(headers, path)]).toEqual([headers, [403, 'FORBIDDEN', undefined]]);
      for (const authorization of [undefined, 'Bearer troupe_guess', `Basic ${serving.token}`])
        expect([authorization, await status({ authorization }, path)]).toEqual([authorization, [401, 'UNAUTHENTICATED', 'Bearer']]);
      expect(await status({ authorization: undefined }, `${path}?token=${serving.token}`)).toEqual([401, 'UNAUTHENTICATED', 'Bearer']);
    }
  });

  test.each(['GET', 'DELETE', 'PUT', 'OPTIONS'])('%s is no method of it, in either era: there are no sessions', async (method) => {
    const serving = await serveMcp();
    for (const path of paths) {
      for (const version of ['2026-07-28', '2025-11-25']) {
        const headers = { 'mcp-protocol-version': version, 'mcp-session-id': 'mine', accept: 'text/event-stream' };
        const answer = await send(serving, { method, path, headers });
        expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
        expect(JSON.parse(answer.text)).toMatchObject({ error: { reason: 'METHOD_NOT_ALLOWED' } });
      }
    }
  });
});

describe('what is answered', () => {
  const asked = modern('prompts/list', {}, 1);
  const wrong: readonly (readonly [string, Sent, number, number])[] = [
    ['a form', { ...asked, headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, -32_000],
    ['no type', { ...asked, headers: { 'content-type': undefined } }, 415, -32_000],
    ['what is no JSON', { body: '{"jsonrpc":' }, 400, -32_700],
    ['nothing', { body: '' }, 400, -32_700],
    ['an empty batch', { body: [] }, 400, -32_600],
    ['what is no message', { body: { hello: 1 } }, 400, -32_600],
    ['an unknown revision', { ...legacy('tools/list', {}, 1), headers: { 'mcp-protocol-version': '1999-01-01' } }, 400, -32_000],
    ['a message of 2026-07-28 without its headers', { ...asked, headers: {} }, 400, -32_020],
    ['headers of another method', { ...asked, headers: { ...asked.headers, 'mcp-method': 'tools/call' } }, 400, -32_020],
    [
      'a stream that calls itself a call',
      { ...listen('troupe://roles'), headers: { ...asked.headers, 'mcp-method': 'tools/call' } },
      400,
      -32_020,
    ],
    ['a call that calls itself a stream', { ...asked, headers: { ...asked.headers, 'mcp-method': 'subscriptions/listen' } }, 400, -32_020],
  ];

  test.each(wrong)('%s is refused', async (_what, sent, status, code) => {
    const answer = await send(await serveMcp(), sent);
    expect([answer.status, messageOf(answer).error?.code]).toEqual([status, code]);
  });

  test('a revision of the future is told which ones there are', async () => {
    const { body, headers } = modern('tools/list', {}, 7);
    const future = JSON.stringify(body).replaceAll('2026-07-28', '2199-01-01');
    const answer = await send(await serveMcp(), { body: future, headers: { ...headers, 'mcp-protocol-version': '2199-01-01' } });
    expect([answer.status, messageOf(answer)]).toMatchObject([
      400,
      { id: 7, error: { code: -32_022, data: { supported: ['2026-07-28'] } } },
    ]);
  });

  test.each([{}, { 'transfer-encoding': 'chunked' }])(
    'too large a message is refused, %o, and the next one is answered',
    async (headers) => {
      const serving = await serveMcp();
      const { status, text } = await send(serving, { headers, body: Buffer.alloc(5_000_000, ' ') });
      expect([status, text]).toEqual([413, expect.stringContaining('4194304')]);
      expect((await send(serving, modern('tools/list', {}, 1))).status).toBe(200);
    },
  );

  test.each(requests)('a notification of %s is accepted, and has no answer', async (_revision, message) => {
    const serving = await serveMcp();
    for (const method of ['notifications/initialized', 'notifications/cancelled'])
      expect(await send(serving, message(method, { requestId: 1 }))).toMatchObject({ status: 202, text: '' });
  });

  test.each(requests)(
    'an answer of %s is one message, as JSON or as a stream of one event, and is not stored',
    async (_revision, message) => {
      const serving = await serveMcp();
      for (const path of paths) {
        const answer = await send(serving, { ...message('tools/list', {}, 'one'), path });
        expect([answer.status, answer.headers['content-type']]).toEqual([
          200,
          message === modern ? 'application/json' : 'text/event-stream',
        ]);
        expect(answer.headers['cache-control']).toContain('no-store');
        expect(messageOf(answer)).toMatchObject({ id: 'one', result: { tools: expect.any(Array) } });
      }
    },
  );
});

interface Face {
  readonly http: string;
  readonly token: string;
  readonly data: string;
  readonly tokens: Tokens;
  readonly port: HttpServer;
  readonly service: Awaited<ReturnType<typeof startService>>;
  /** Resolves when so many follow the log. */
  listeners(count: number): Promise<void>;
}

/** The routes on a port of their own, over a service whose followers are counted. */
async function serveFace(): Promise<Face> {
  const data = await temporaryDirectory();
  const service = await startService();
  const port = await openHttp({ host: '127.0.0.1', port: 0, allowHosts: [], allowOrigins: [], insecure: false, logger });
  onTestFinished(async () => {
    await port.close(0);
    await service.close();
  });
  const tokens = openTokens(data, { now: Date.now, onFault: () => {} });
  let count = 0;
  const looks = new Set<() => void>();
  const { log, dispatch } = service;
  const onAppend = log.onAppend.bind(log);
  const changed = (by: 1 | -1): void => {
    count += by;
    for (const look of looks) look();
  };
  const counted = (listener: () => void) => {
    const stop = onAppend(listener);
    let isOn = true;
    changed(1);
    return () => {
      stop();
      if (isOn) changed(-1);
      isOn = false;
    };
  };
  Object.assign(log, { onAppend: counted });
  const { origin } = port;
  const other: Route = { path: '/other', methods: ['GET'], access: 'public', handle: (_request, response) => void response.end() };
  port.mount({ tokens, routes: [other, ...mcpRoutes({ dispatch, log, tokens, logger, version: 'test', origin })], upgrades: {} });
  const token = (await readFile(join(data, 'token'), 'utf8')).trim();
  return {
    http: origin,
    token,
    data,
    tokens,
    port,
    service,
    listeners: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (count !== wanted) return;
          looks.delete(look);
          clearTimeout(timer);
          resolve();
        };
        // Sooner than a claim looks again, which lets go of the log for a moment.
        const timer = setTimeout(() => reject(new Error(`${count} follow the log, not ${wanted}`)), 8_000);
        looks.add(look);
        look();
      }),
  };
}

const acknowledged = ({ method }: Message): boolean => method === 'notifications/subscriptions/acknowledged';
/** The way in which a server says that it ends a stream (MCP 2026-07-28, subscriptions). */
const endOfStream = expect.objectContaining({ id: 'stream', result: expect.objectContaining({ resultType: 'complete' }) });
const claim = { name: 'orchestrator_claim_task', arguments: { wait_ms: 60_000, worker: 'w' } };
const reasonOf = ({ result }: Message): unknown =>
  (JSON.parse((result as { content: [{ text: string }] }).content[0].text) as { error: { reason: string } }).error.reason;

describe('how calls and streams end', () => {
  test.each(requests)('a client of %s that leaves withdraws what only waits', async (_revision, message) => {
    const face = await serveFace();
    const controller = new AbortController();
    const left = send(face, { ...message('tools/call', claim, 1), signal: controller.signal });
    left.catch(() => {});
    await face.listeners(1);
    controller.abort();
    await face.listeners(0);
    await expect(left).rejects.toThrow('aborted');
    const { task } = await face.service.ask('task.create', { title: 'Nobody waits for it' });
    expect((await face.service.ask('task.get', { taskId: task.id })).task).toMatchObject({ status: 'pending', ready: true });
  });

  test('a stream that its client leaves holds nothing', async () => {
    const face = await serveFace();
    const streams = await Promise.all(Array.from({ length: 5 }, () => follow(face, listen('troupe://roles'))));
    await Promise.all(streams.map((stream) => stream.message(acknowledged)));
    await face.listeners(5);
    for (const stream of streams) stream.leave();
    await expect(face.listeners(0)).resolves.toBeUndefined();
  });

  test('a token that is revoked takes its streams and waiting calls with it, and no others', async () => {
    const face = await serveFace();
    const mine = { ...face, token: addToken(face.data, { name: 'mine', scopes: ['read', 'write'], projects: null, now: 0 }) };
    const [revoked, kept] = [await follow(mine, listen('troupe://roles')), await follow(face, listen('troupe://roles'))];
    const waiting = requests.map(async ([, message]) => messageOf(await send(mine, message('tools/call', claim, 1))));
    await face.listeners(4);
    revokeToken(face.data, 'mine');
    // What anybody asks lets the service look at its tokens.
    expect((await send(mine, modern('tools/list', {}, 1))).status).toBe(401);
    expect((await revoked.ended).at(-1)).toEqual(endOfStream);
    expect((await Promise.all(waiting)).map(reasonOf)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    await face.listeners(1);
    kept.leave();
    await face.listeners(0);
  });

  test('the service finds out by itself, within a heartbeat', async () => {
    const serving = await serveMcp({ limits: { heartbeatMs: 20 } });
    const token = addToken(serving.data, { name: 'mine', scopes: ['read'], projects: null, now: 0 });
    const stream = await follow({ ...serving, token }, listen('troupe://roles'));
    await stream.message(acknowledged);
    revokeToken(serving.data, 'mine');
    expect((await stream.ended).at(-1)).toEqual(endOfStream);
  });

  test.each(['unmount', 'close'] as const)(
    'when the port does %s, streams are told, what waits is answered, and nothing is held',
    async (ends) => {
      const face = await serveFace();
      const stream = await follow(face, listen('troupe://roles'));
      const waiting = requests.map(async ([, message]) => messageOf(await send(face, message('tools/call', claim, 1))));
      await face.listeners(3);
      // Longer than a test may take: what ends only with the grace fails it.
      const ending = face.port[ends](60_000);
      const other = send(face, { method: 'GET', path: '/other' }).then(
        ({ status }) => status,
        () => 'not listening',
      );
      expect([503, 'not listening']).toContain(await other);
      await ending;
      expect((await stream.ended).at(-1)).toEqual(endOfStream);
      expect((await Promise.all(waiting)).map(reasonOf)).toEqual(['DRAINING', 'DRAINING']);
      await face.listeners(0);
    },
  );

  test('a stream that is asked for while the port closes is not one that nobody ends', async () => {
    const face = await serveFace();
    await send(face, modern('tools/list', {}, 1));
    let closing: Promise<void> | undefined;
    const stream = await follow(face, {
      ...listen('troupe://roles'),
      before: async (begun) => {
        await begun;
        closing = face.port.unmount(60_000);
      },
    });
    expect((await stream.ended).filter(({ method }) => method === 'notifications/resources/updated')).toEqual([]);
    await closing;
    await face.listeners(0);
  });

  test('a service that stops ends its streams, not by cutting them', async () => {
    const serving = await serveMcp();
    const stream = await follow(serving, listen('troupe://roles'));
    await stream.message(acknowledged);
    await serving.close();
    expect((await stream.ended).at(-1)).toEqual(endOfStream);
  });

  test('a restart ends streams, and the next one hears of what happens then', async () => {
    const serving = await serveMcp({ graceMs: 0 });
    const stream = await follow(serving, listen('troupe://roles'));
    await stream.message(acknowledged);
    const admin = await connect(serving.url, serving.token);
    const { task } = await admin.request('task.create', { title: 'Followed' });
    await admin.request('system.restart', { dryRun: false });
    expect((await stream.ended).at(-1)).toEqual(endOfStream);
    await admin.closed;
    const uri = `troupe://tasks/${task.id}`;
    let again = await follow(serving, listen(uri));
    for (const until = performance.now() + 8_000; again.status === 503 && performance.now() < until;)
      again = await follow(serving, listen(uri));
    await again.message(acknowledged);
    const noted = { name: 'orchestrator_add_note', arguments: { task_id: task.id, text: 'news' } };
    expect(messageOf(await send(serving, modern('tools/call', noted, 1))).result).toMatchObject({
      structuredContent: { status: 'success' },
    });
    expect((await again.message(({ params }) => params?.['uri'] === uri)).method).toBe('notifications/resources/updated');
    again.leave();
  });
});
