import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { Client as McpClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { openLink } from '../../src/cli/open-link.ts';
import { connect } from '../../src/client/node.ts';
import { createTroupe, LockedError } from '../../src/index.ts';
import type { Troupe, TroupeOptions } from '../../src/index.ts';
import { temporaryDirectory } from '../support/data-directory.ts';

/** `createTroupe({ at })`: in a server of somebody else's, on whose port others answer too. */

const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' ? address!.port : 0;
}

interface Embedded {
  readonly troupe: Troupe;
  readonly server: Server;
  readonly data: string;
  readonly token: string;
  readonly port: number;
  /** Status and body of a path of the server. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<string>;
}

async function embedded(path = '/troupe', options: Partial<TroupeOptions> = {}): Promise<Embedded> {
  const server = createServer();
  const port = await listening(server);
  const data = await temporaryDirectory();
  const troupe = await createTroupe({ data, at: `http://127.0.0.1:${port}${path}`, logger, ...options });
  onTestFinished(() => troupe.close());
  const own: RequestListener = ({ url }, response) => void response.end(`own ${url}`);
  server.on('request', (request, response) => troupe.request(request, response) || own(request, response));
  server.on('upgrade', (request, socket, head) => troupe.upgrade(request, socket, head) || socket.end('HTTP/1.1 418 \r\n\r\n'));
  const ask = async (asked: string, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
    // By hand: `fetch` sends no Host of ours.
    const request = get({ host: '127.0.0.1', port, path: asked, headers });
    const [response] = (await once(request, 'response')) as [
      AsyncIterable<Buffer> & { statusCode: number; headers: { location?: string } },
    ];
    let body = '';
    for await (const chunk of response) body += chunk.toString();
    return `${response.statusCode} ${response.headers.location ?? body.trim()}`;
  };
  return { troupe, server, data, token: (await readFile(troupe.tokenFile, 'utf8')).trim(), port, ask };
}

const clientOf = ({ troupe, token }: Embedded) => {
  const client = connect({ url: troupe.http, token, worker: 'w-1', giveUpMs: 1_000 });
  onTestFinished(() => client.close());
  return client;
};

describe('a server with a place for Troupe', () => {
  test('hands on what is below its path, and answers the rest', async () => {
    const { ask, troupe, port } = await embedded();
    expect([troupe.http, troupe.url]).toEqual([`http://127.0.0.1:${port}/troupe`, `ws://127.0.0.1:${port}/troupe/ws`]);
    expect(await ask('/troupe/readyz')).toBe('200 {"ready":true}');
    expect(await ask('/troupe/readyz?x')).toBe('200 {"ready":true}');
    // The page names its files beside itself.
    expect(await ask('/troupe')).toBe('308 /troupe/');
    expect(await ask('/troupe/assets/none')).toMatch(/^404 .*NOT_FOUND/);
    for (const path of ['/', '/readyz', '/trouper', '/x/troupe/readyz', '/TROUPE/readyz']) expect(await ask(path)).toBe(`200 own ${path}`);
  });

  test('serves clients, artifacts and agents there', async () => {
    const service = await embedded('/deep/in/it/');
    const client = clientOf(service);
    const { task } = await client.task.create({ title: 'Write' });
    const run = await client.execute(task.id);
    const { artifacts } = await run.complete({ summary: 'Done', detailedWork: 'what was done' });
    const authorization = `Bearer ${service.token}`;
    expect(await service.ask(`/deep/in/it/artifacts/${artifacts[0]?.id}`, { authorization })).toBe('200 what was done');
    expect(await service.ask(`/deep/in/it/artifacts/${artifacts[0]?.id}`)).toMatch(/^401 /);
    const agent = new McpClient({ name: 'test', version: '1' });
    onTestFinished(() => agent.close());
    await agent.connect(
      new StreamableHTTPClientTransport(new URL(`${service.troupe.http}/mcp`), { requestInit: { headers: { authorization } } }),
    );
    const told = await agent.callTool({ name: 'orchestrator_get_task', arguments: { task_id: task.id, fields: ['status'] } });
    expect(told.structuredContent).toMatchObject({ task: { status: 'completed' } });
  });

  test('is what processes find that look for the owner of the directory', async () => {
    const service = await embedded();
    const { link } = openLink({ data: service.data, client: { name: 'test', version: '1' } });
    onTestFinished(() => link.close());
    await link.call('task.create', { title: 'From elsewhere' });
    expect((await clientOf(service).task.list()).items.map(({ title }) => title)).toEqual(['From elsewhere']);
  });

  test('keeps the gate: names of its own only, on requests and upgrades', async () => {
    const { ask, troupe, port } = await embedded();
    expect(await ask('/troupe/readyz', { host: `localhost:${port}` })).toMatch(/^200 /);
    expect(await ask('/troupe/readyz', { host: `evil.example:${port}` })).toMatch(/^403 /);
    expect(await ask('/troupe/readyz', { origin: 'https://evil.example' })).toMatch(/^403 /);
    expect(await ask('/elsewhere', { host: 'evil.example' })).toBe('200 own /elsewhere');
    const upgraded = async (url: string, origin?: string): Promise<string> => {
      const socket = new WebSocket(url, 'troupe.v1', { origin });
      const [error] = (await once(socket, 'error')) as [Error];
      return error.message;
    };
    expect(await upgraded(troupe.url, 'https://evil.example')).toContain('403');
    expect(await upgraded(`ws://127.0.0.1:${port}/ws`)).toContain('418');
    expect(await upgraded(`${troupe.url}/no`)).toContain('404');
  });

  test('goes on when Troupe is closed, which ends what is Troupe’s and nothing else', async () => {
    const { ask, troupe, server, token, data, port } = await embedded();
    const twice = createTroupe({ data, port: 0, logger });
    await expect(twice).rejects.toBeInstanceOf(LockedError);
    await expect(twice).rejects.toMatchObject({ pid: process.pid, address: troupe.http });
    const socket = new WebSocket(troupe.url, 'troupe.v1', { headers: { authorization: `Bearer ${token}` } });
    await once(socket, 'open');
    const ended = once(socket, 'close');
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'session.hello', params: {} }));
    await once(socket, 'message');
    await troupe.close();
    await troupe.closed;
    expect((await ended)[0]).toBe(1012);
    expect(await ask('/troupe/readyz')).toMatch(/^503 /);
    expect(await ask('/elsewhere')).toBe('200 own /elsewhere');
    // The directory is free, and so is the server.
    await (await createTroupe({ data, at: `http://127.0.0.1:${port}/again`, logger })).close();
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  test('gives tokens of its own to those who may do less, and takes them back', async () => {
    const service = await embedded();
    const { tokens } = service.troupe;
    const token = tokens.add({ name: 'shop', projects: ['shop'] });
    expect(tokens.list().map(({ name, scopes, projects }) => [name, scopes, projects])).toEqual([
      ['default', ['read', 'write', 'admin'], null],
      ['shop', ['read', 'write'], ['shop']],
    ]);
    expect(() => tokens.add({ name: 'shop' })).toThrow('there is a token named shop');
    const client = clientOf({ ...service, token });
    await client.task.create({ title: 'Pack', project: 'shop' });
    await expect(client.task.create({ title: 'Pack', project: 'other' })).rejects.toMatchObject({ reason: 'FORBIDDEN' });
    expect([tokens.revoke('shop'), tokens.revoke('shop')]).toEqual([true, false]);
    await expect(clientOf({ ...service, token }).task.list()).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
  });

  test('restarts in its place', async () => {
    const service = await embedded();
    const client = clientOf(service);
    await client.task.create({ title: 'Stays' });
    await client.system.restart({ dryRun: false, reason: 'test' });
    expect((await client.task.list()).items.map(({ title }) => title)).toEqual(['Stays']);
    expect(await service.ask('/elsewhere')).toBe('200 own /elsewhere');
  });

  test('may be encrypted, and known by names that only it knows', async () => {
    const fixture = (name: string) => readFile(join(import.meta.dirname, '../../fixtures/tls', name), 'utf8');
    const tls = { cert: await fixture('localhost.cert.pem'), key: await fixture('localhost.key.pem') };
    const server = createTlsServer(tls);
    const port = await listening(server);
    const troupe = await createTroupe({ data: await temporaryDirectory(), at: 'https://tasks.example/t', logger });
    onTestFinished(() => troupe.close());
    server.on('upgrade', (request, socket, head) => troupe.upgrade(request, socket, head) || socket.destroy());
    const token = (await readFile(troupe.tokenFile, 'utf8')).trim();
    const headers = { host: 'tasks.example', authorization: `Bearer ${token}` };
    const url = `wss://localhost:${port}/t/ws`;
    const socket = new WebSocket(url, 'troupe.v1', { ca: tls.cert, origin: 'https://tasks.example', headers });
    await once(socket, 'open');
    socket.close();
    const plain = new WebSocket(url, 'troupe.v1', { ca: tls.cert, origin: 'http://tasks.example', headers });
    expect(((await once(plain, 'error')) as [Error])[0].message).toContain('403');
  });
});

describe('an address that can’t be', () => {
  test.each<[string, Partial<TroupeOptions>]>([
    ['no URL', { at: '/troupe' }],
    ['another scheme', { at: 'ws://127.0.0.1:3000/troupe' }],
    ['a query', { at: 'http://127.0.0.1:3000/troupe?x' }],
    ['a name and a password', { at: 'http://me:secret@127.0.0.1:3000/troupe' }],
    ['a port of its own too', { at: 'http://127.0.0.1:3000/troupe', port: 7420 }],
    ['one that others reach in the clear', { at: 'http://192.0.2.1:3000/troupe' }],
  ])('is refused before anything is touched: %s', async (_, options) => {
    const data = join(await temporaryDirectory(), 'none');
    await expect(createTroupe({ data, logger, ...options })).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
    await expect(readFile(join(data, 'token'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('unless it is said that it may be', async () => {
    const troupe = await createTroupe({ data: await temporaryDirectory(), at: 'http://192.0.2.1:3000', insecure: true, logger });
    expect(troupe.url).toBe('ws://192.0.2.1:3000/ws');
    await troupe.close();
  });
});
