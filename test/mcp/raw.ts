import { request } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';
import { revisions } from './connect.ts';

/** Streamable HTTP by hand, for what no client would send. */

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  /** Undefined leaves a header out. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: unknown;
  /** Sends the headers at once, and the body when this resolves; it is told when the service has seen the headers. */
  readonly before?: (begun: Promise<void>) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface Stream {
  readonly status: number;
  /** Resolves with the message when one has come that passes. */
  message(passes: (message: Message) => boolean): Promise<Message>;
  /** Resolves with all messages when the stream has ended as it should; rejects when it was cut. */
  readonly ended: Promise<readonly Message[]>;
  leave(): void;
}

export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Port {
  readonly http: string;
  readonly token: string;
}

const deadlineMs = 8_000;

const meta = {
  'io.modelcontextprotocol/protocolVersion': revisions.modern,
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A request of 2026-07-28, with the headers that belong to it. */
export const modern = (method: string, params: Record<string, unknown> = {}, id?: unknown): Sent => ({
  headers: {
    'mcp-protocol-version': revisions.modern,
    'mcp-method': method,
    ...(typeof params['name'] === 'string' && { 'mcp-name': params['name'] }),
  },
  body: { jsonrpc: '2.0', ...(id !== undefined && { id }), method, params: { ...params, _meta: meta } },
});

/** A request of 2025-11-25. */
export const legacy = (method: string, params: Record<string, unknown> = {}, id?: unknown): Sent => ({
  headers: { 'mcp-protocol-version': revisions.legacy },
  body: { jsonrpc: '2.0', ...(id !== undefined && { id }), method, params },
});

export const listen = (...uris: readonly string[]): Sent =>
  modern('subscriptions/listen', { notifications: { resourceSubscriptions: uris } }, 'stream');

function open(
  { http, token }: Port,
  { method = 'POST', path = '/mcp', headers = {}, body, before, signal }: Sent,
): Promise<IncomingMessage> {
  const given: OutgoingHttpHeaders = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
  };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const sent = request(`${http}${path}`, { method, headers: present, agent: false, signal }, resolve);
    sent.on('error', reject);
    sent.setTimeout(deadlineMs, () => sent.destroy(new Error(`silent for ${deadlineMs} ms`)));
    onTestFinished(() => void sent.destroy());
    const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body ?? '');
    if (before === undefined) return void sent.end(body === undefined ? undefined : bytes);
    // The service answers this as soon as it has seen the headers.
    sent.setHeader('Expect', '100-continue');
    const begun = new Promise<void>((settle) => void sent.once('continue', settle));
    sent.flushHeaders();
    void before(begun).then(() => sent.end(bytes), reject);
  });
}

/** Sends a request and reads the whole answer. */
export async function send(port: Port, sent: Sent): Promise<Answered> {
  const answer = await open(port, sent);
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, text };
}

const messagesIn = (text: string): Message[] =>
  [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data ?? '') as Message);

/** The message of an answer, whether it came as JSON or as the one event of a stream. */
export function messageOf({ headers, text }: Answered): Message {
  if (headers['content-type'] !== 'text/event-stream') return JSON.parse(text) as Message;
  const [message, ...more] = messagesIn(text);
  if (message === undefined || more.length > 0) throw new Error(`not one message: ${text}`);
  return message;
}

/** Sends a request whose answer is a stream, and reads it as it comes. */
export async function follow(port: Port, sent: Sent): Promise<Stream> {
  const answer = await open(port, sent);
  let text = '';
  const looks = new Set<() => void>();
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const look of looks) look();
  });
  const ended = new Promise<readonly Message[]>((resolve, reject) => {
    answer.on('end', () => resolve(messagesIn(text)));
    answer.on('error', reject);
  });
  ended.catch(() => {});
  return {
    status: answer.statusCode ?? 0,
    ended,
    message: (passes) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = messagesIn(text).find(passes);
          if (found === undefined) return;
          looks.delete(look);
          resolve(found);
        };
        looks.add(look);
        ended.then(() => reject(new Error(`the stream ended without it: ${text}`)), reject);
        look();
      }),
    leave: () => void answer.destroy(),
  };
}
