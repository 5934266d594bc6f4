import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { connect as greet } from '../support/client.ts';
import type { Client } from '../support/client.ts';
import { buildCommand, start } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { opcodes, upgrade } from '../support/raw-socket.ts';
import type { RawSocket } from '../support/raw-socket.ts';

/** The built service as an attacker finds it: a process behind a port. */

export interface Served {
  readonly running: Running;
  readonly data: string;
  readonly url: string;
  readonly http: string;
  readonly port: number;
  readonly token: string;
}

export interface ServeOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly whenDone?: (end: () => Promise<void>) => void;
}

/** Starts `serve` on a directory of its own, and waits until it has told its addresses. */
export async function serve(command: string, options: ServeOptions = {}): Promise<Served> {
  const { args = [], env = {}, whenDone = onTestFinished } = options;
  const data = await mkdtemp(join(tmpdir(), 'troupe-security-'));
  const running = start(command, ['serve', '--json', '--port', '0', '--data', data, ...args], {
    env: { TROUPE_LOG: 'error', ...env },
    whenDone: (kill) =>
      whenDone(async () => {
        await kill();
        await rm(data, { recursive: true, force: true });
      }),
  });
  return addressed(running, data);
}

export async function addressed(running: Running, data: string): Promise<Served> {
  const { url, http, tokenFile } = JSON.parse(await running.firstLine) as { url: string; http: string; tokenFile: string };
  return { running, data, url, http, port: Number(new URL(http).port), token: (await readFile(tokenFile, 'utf8')).trim() };
}

/** One service for all tests of a file. */
export function serviceOfFile(options: Omit<ServeOptions, 'whenDone'> = {}): () => Served {
  let served: Served | undefined;
  // What is told to `afterAll` from within a hook is never called.
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    served = await serve(await buildCommand(), { ...options, whenDone: (end) => void ends.push(end) });
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });
  return () => {
    if (served === undefined) throw new Error('the service has not started');
    return served;
  };
}

/** Sends bytes as they are. Resolves with the head of the answer, or with what came before the connection ended. */
export function exchange(port: number, bytes: string | Buffer, host = '127.0.0.1'): Promise<{ status: number; head: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(bytes));
    let head = '';
    const settle = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ status: Number(head.split(' ')[1] ?? 0), head });
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('no answer within 5,000 ms'));
    }, 5_000);
    socket.on('error', (error) => (head === '' && socket.bytesWritten === 0 ? reject(error) : settle()));
    socket.on('close', settle);
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      head += chunk;
      if (head.includes('\r\n\r\n')) settle();
    });
  });
}

/** A request as text: the line and the headers exactly as given. */
export const requestText = (line: string, ...headers: readonly string[]): string => `${[line, ...headers].join('\r\n')}\r\n\r\n`;

const handshake = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: troupe.v1',
];

/** An upgrade as text, with exactly these headers beside those of the handshake. */
export const upgradeText = (...headers: readonly string[]): string => requestText('GET /ws HTTP/1.1', ...headers, ...handshake);

export const answersOf = (
  raw: RawSocket,
): { id: unknown; result?: unknown; error?: { data: { reason: string; issues?: { path: string }[] } } }[] =>
  raw.frames.filter(({ opcode }) => opcode === opcodes.text).map(({ payload }) => JSON.parse(payload.toString()));

export const answered = (raw: RawSocket, id: number | null): Promise<unknown> =>
  raw.frame(({ opcode, payload }) => opcode === opcodes.text && JSON.parse(payload.toString()).id === id);

/** A raw connection that has said hello under the id 0. */
export async function greeted({ port, token }: Pick<Served, 'port' | 'token'>): Promise<RawSocket> {
  const raw = await upgrade(port);
  raw.request(0, 'session.hello', { token });
  await answered(raw, 0);
  return raw;
}

/** A well-behaved client that leaves with the test. */
export async function clientOf({ url, token }: Pick<Served, 'url' | 'token'>): Promise<Client> {
  const client = await greet(url, token);
  onTestFinished(() => void client.close());
  return client;
}
