import { WebSocket } from 'ws';
import * as z from 'zod';
import { TroupeError } from '../errors.ts';
import { closeCodes } from '../protocol/close-codes.ts';
import { requestId, subprotocol } from '../protocol/messages.ts';
import type { ConnectionOutput } from '../protocol/messages.ts';
import { LostError, refusalOf, wireRefusal } from './refusals.ts';

/** Where the service is, and what opens it. */
export interface Address {
  /** `ws://host:port/ws` */
  readonly url: string;
  readonly token: string;
}

export interface Greeting {
  readonly client: { readonly name: string; readonly version: string };
  readonly worker: string;
}

export interface SessionHooks {
  onNotification(method: string, params: unknown): void;
  /** Before anyone who waits is told, so that nobody turns to this session again. */
  onClosed(lost: LostError): void;
}

export interface RequestOptions {
  /** Withdraws the request: it never goes out, or the service is asked to drop it and answers what became of it. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the result before anything that comes behind it is looked at. */
  onAnswer?(result: unknown): void;
}

interface Waiting {
  readonly method: string;
  readonly params: object;
  readonly options: RequestOptions;
  resolve(result: unknown): void;
  reject(error: unknown): void;
  /** Null until it is sent. */
  id: number | null;
}

const incoming = z.compile(
  z.object({
    id: requestId.nullish(),
    result: z.unknown().optional(),
    error: wireRefusal.optional(),
    method: z.string().optional(),
    params: z.unknown().optional(),
  }),
);

/** How long the handshake and the hello may take together. */
const openMs = 10_000;
/** How long the service may take to answer a close. */
const closeMs = 1_000;
/** The service pings with every heartbeat; after so many without a sign of it, it is gone. */
const silentHeartbeats = 3;

/** One connection of `troupe.v1` that has said hello. */
export class Session {
  readonly #closed: Promise<LostError>;
  readonly #ws: WebSocket;
  readonly #hooks: SessionHooks;
  readonly #pending = new Map<number, Waiting>();
  readonly #queue: Waiting[] = [];
  #limits = { maxMessageBytes: 262_144, maxInFlight: 1 };
  #ids = 0;
  #heard = true;
  #heartbeat: NodeJS.Timeout | undefined;
  #lost: LostError | null = null;

  /** Rejects with LostError when the connection can't be had, and with the refusal of the gate or the hello. */
  static async open({ url, token }: Address, { client, worker }: Greeting, hooks: SessionHooks, signal: AbortSignal): Promise<Session> {
    const ws = new WebSocket(url, subprotocol, { perMessageDeflate: false, handshakeTimeout: openMs });
    const session = new Session(ws, hooks);
    const abandon = (): void => ws.terminate();
    const late = setTimeout(abandon, openMs);
    signal.addEventListener('abort', abandon, { once: true });
    try {
      await session.#opened();
      const hello = await session.request<ConnectionOutput<'session.hello'>>('session.hello', { token, client, worker });
      session.#greeted(hello);
      return session;
    } catch (error) {
      ws.terminate();
      throw error;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', abandon);
    }
  }

  private constructor(ws: WebSocket, hooks: SessionHooks) {
    this.#ws = ws;
    this.#hooks = hooks;
    let broken: Error | null = null;
    ws.on('error', (error) => (broken ??= error));
    ws.on('ping', () => (this.#heard = true));
    ws.on('message', (data: Buffer) => this.#received(data.toString()));
    this.#closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        const why = broken?.message ?? reason.toString();
        const lost = new LostError(code, `the connection ended with ${code}${why === '' ? '' : ` (${why})`}`);
        hooks.onClosed(lost);
        this.#ended(lost);
        resolve(lost);
      });
    });
  }

  /**
   * Sends one request as soon as the service's limit lets it, and resolves with its result. Rejects with the service's refusal, with
   * TOO_LARGE for what no message can carry, and with LostError when the connection ends before the answer.
   */
  request<T>(method: string, params: object, options: RequestOptions = {}): Promise<T> {
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = { method, params, options, resolve, reject, id: null };
      const withdraw = (): void => this.#withdraw(waiting);
      if (signal !== undefined) {
        signal.addEventListener('abort', withdraw);
        const forget = (): void => signal.removeEventListener('abort', withdraw);
        waiting.resolve = (result: T) => (forget(), resolve(result));
        waiting.reject = (error) => (forget(), reject(error));
      }
      this.#queue.push(waiting);
      this.#pump();
    });
  }

  /** Closes, and resolves when the service has answered, or has not within a moment. */
  async close(): Promise<void> {
    const late = setTimeout(() => this.#ws.terminate(), closeMs);
    this.#ws.close(closeCodes.normal);
    await this.#closed;
    clearTimeout(late);
  }

  #opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ws.on('open', resolve);
      this.#ws.on('unexpected-response', (_request, response) => {
        const status = response.statusCode ?? 0;
        const refused = new TroupeError('FORBIDDEN', 'the service does not answer to this address', { fix: 'allow it with --allow-host' });
        reject(status === 403 ? refused : new LostError(status, `the service answered the upgrade with ${status}`));
        this.#ws.terminate();
      });
      void this.#closed.then(reject);
    });
  }

  #greeted({ limits, heartbeatMs }: ConnectionOutput<'session.hello'>): void {
    this.#limits = limits;
    let silent = 0;
    this.#heartbeat = setInterval(() => {
      silent = this.#heard ? 0 : silent + 1;
      this.#heard = false;
      if (silent >= silentHeartbeats) this.#ws.terminate();
    }, heartbeatMs);
    this.#heartbeat.unref();
  }

  #pump(): void {
    if (this.#lost !== null) return this.#ended(this.#lost);
    while (this.#pending.size < this.#limits.maxInFlight) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#send(next);
    }
  }

  #send(waiting: Waiting): void {
    const id = (this.#ids += 1);
    const text = messageOf(id, waiting.method, waiting.params);
    const { maxMessageBytes } = this.#limits;
    // Most are so short that their bytes need not be counted.
    const bytes = text.length * 3 <= maxMessageBytes ? text.length : Buffer.byteLength(text);
    if (bytes > maxMessageBytes) {
      const limit = { name: 'bytes of a message', max: maxMessageBytes, actual: bytes };
      return waiting.reject(new TroupeError('TOO_LARGE', `the request has ${bytes} bytes, more than a message may`, { limit }));
    }
    waiting.id = id;
    this.#pending.set(id, waiting);
    this.#ws.send(text);
  }

  /** What became of a request that was sent is told by its own answer, not by that of the withdrawal. */
  #withdraw(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting);
    if (place >= 0) {
      this.#queue.splice(place, 1);
      waiting.reject(waiting.options.signal?.reason);
    } else if (waiting.id !== null) {
      this.#ws.send(messageOf((this.#ids += 1), 'request.cancel', { id: waiting.id }));
    }
  }

  #received(text: string): void {
    this.#heard = true;
    const message = read(text);
    // Whatever answers there does not speak this protocol.
    if (message === null) return this.#ws.terminate();
    const { id, result, error, method, params } = message;
    if (method !== undefined) return this.#hooks.onNotification(method, params);
    const waiting = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (waiting?.id == null) return;
    this.#pending.delete(waiting.id);
    if (error === undefined) {
      waiting.options.onAnswer?.(result);
      waiting.resolve(result);
    } else {
      waiting.reject(refusalOf(error));
    }
    this.#pump();
  }

  #ended(lost: LostError): void {
    this.#lost = lost;
    clearInterval(this.#heartbeat);
    for (const waiting of [...this.#pending.values(), ...this.#queue.splice(0)]) waiting.reject(lost);
    this.#pending.clear();
  }
}

const messageOf = (id: number, method: string, params: object): string => JSON.stringify({ jsonrpc: '2.0', id, method, params });

function read(text: string): z.output<typeof incoming> | null {
  try {
    return incoming.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
