import { TroupeError } from '../errors.ts';
import { closeCodes } from '../protocol/close-codes.ts';
import { subprotocol } from '../protocol/subprotocol.ts';
import { isHello, readMessage } from './guards.ts';
import type { Hello } from './guards.ts';
import { LostError, refusalOf } from './refusals.ts';
import type { OpenSocket, Socket } from './socket.ts';

/** Where the service is, and what opens it. */
export interface Address {
  /** `ws://host:port/ws` */
  readonly url: string;
  readonly token: string;
}

export interface Greeting {
  readonly client: { readonly name: string; readonly version: string };
  readonly worker?: string | undefined;
  readonly openSocket: OpenSocket;
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

/** What WebSockets call an end without a close. */
const withoutCode = 1006;
/** How long the handshake and the hello may take together. */
const openMs = 10_000;
/** How long the service may take to answer a close. */
const closeMs = 1_000;
/** How long the service may take to answer a ping that somebody waits for. */
const probeMs = 5_000;

export interface Opened {
  readonly session: Session;
  /** What the service said of itself. */
  readonly hello: Hello;
}

/** One connection of `troupe.v1` that has said hello. */
export class Session {
  readonly #closed: Promise<LostError>;
  readonly #socket: Socket;
  readonly #hooks: SessionHooks;
  readonly #pending = new Map<number, Waiting>();
  readonly #queue: Waiting[] = [];
  #limits = { maxMessageBytes: 262_144, maxInFlight: 1 };
  #ids = 0;
  /** Whether anything came since it was last looked. */
  #heard = true;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #probe: ReturnType<typeof setTimeout> | undefined;
  #lost: LostError | null = null;
  #onLost: (lost: LostError) => void = () => {};
  /** What the socket said was wrong, where it says so. */
  #fault = '';

  /** Rejects with LostError when the connection can't be had, and with the refusal of the hello. */
  static async open({ url, token }: Address, greeting: Greeting, hooks: SessionHooks, signal: AbortSignal): Promise<Opened> {
    const { client, worker, openSocket } = greeting;
    const session = new Session(openSocket(url, subprotocol), hooks);
    const abandon = (): void => session.#drop('it was given up');
    const late = setTimeout(() => session.#drop(`no hello within ${openMs} ms`), openMs);
    signal.addEventListener('abort', abandon, { once: true });
    try {
      await session.#opened();
      const hello = session.#greeted(await session.request<unknown>('session.hello', { token, client, worker }));
      return { session, hello };
    } catch (error) {
      abandon();
      throw error;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', abandon);
    }
  }

  private constructor(socket: Socket, hooks: SessionHooks) {
    this.#socket = socket;
    this.#hooks = hooks;
    this.#closed = new Promise((resolve) => (this.#onLost = resolve));
    socket.addEventListener('error', ({ message = '' }) => (this.#fault ||= message));
    socket.addEventListener('message', ({ data }) => this.#received(data));
    socket.addEventListener('close', ({ code = withoutCode, reason = '' }) => this.#ended(code, this.#fault || reason));
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
    const late = setTimeout(() => this.#drop('the close was not answered'), closeMs);
    this.#socket.close(closeCodes.normal);
    await this.#closed;
    clearTimeout(late);
  }

  /** Finds out soon whether the service is still there, as after the machine slept. */
  probe(): void {
    if (this.#probe !== undefined || this.#lost !== null) return;
    this.#heard = false;
    this.#ping();
    this.#probe = setTimeout(() => {
      this.#probe = undefined;
      if (!this.#heard) this.#drop('no answer to a ping');
    }, probeMs);
  }

  #opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', () => resolve());
      void this.#closed.then(reject);
    });
  }

  #greeted(hello: unknown): Hello {
    if (!isHello(hello)) {
      throw new TroupeError('INVALID_REQUEST', 'what answers there does not speak troupe.v1', { fix: 'connect to a service of Troupe' });
    }
    this.#limits = hello.limits;
    let isAsked = false;
    // The pings of the WebSocket layer are hidden from pages, so a silent service is asked; one that does not answer is gone.
    this.#heartbeat = setInterval(() => {
      if (!this.#heard && isAsked) return this.#drop('nothing was heard for two heartbeats');
      isAsked = !this.#heard;
      if (isAsked) this.#ping();
      this.#heard = false;
    }, hello.heartbeatMs);
    return hello;
  }

  /** Its answer is of no request: that anything comes is enough. */
  #ping(): void {
    this.#socket.send(messageOf((this.#ids += 1), 'system.ping', {}));
  }

  #pump(): void {
    if (this.#lost !== null) return this.#rejectAll(this.#lost);
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
    const bytes = text.length * 3 <= maxMessageBytes ? text.length : encoder.encode(text).length;
    if (bytes > maxMessageBytes) {
      const limit = { name: 'bytes of a message', max: maxMessageBytes, actual: bytes };
      return waiting.reject(new TroupeError('TOO_LARGE', `the request has ${bytes} bytes, more than a message may`, { limit }));
    }
    waiting.id = id;
    this.#pending.set(id, waiting);
    this.#socket.send(text);
  }

  /** What became of a request that was sent is told by its own answer, not by that of the withdrawal. */
  #withdraw(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting);
    if (place >= 0) {
      this.#queue.splice(place, 1);
      waiting.reject(waiting.options.signal?.reason);
    } else if (waiting.id !== null) {
      this.#socket.send(messageOf((this.#ids += 1), 'request.cancel', { id: waiting.id }));
    }
  }

  #received(data: unknown): void {
    if (this.#lost !== null) return;
    this.#heard = true;
    const message = readMessage(data);
    // Whatever answers there does not speak this protocol.
    if (message === null) return this.#drop('what came is no message of troupe.v1');
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

  /** Ends it here and now, since the peer may never answer. */
  #drop(why: string): void {
    if (this.#socket.terminate === undefined) this.#socket.close();
    else this.#socket.terminate();
    this.#ended(withoutCode, this.#fault || why);
  }

  #ended(code: number, why: string): void {
    if (this.#lost !== null) return;
    const lost = new LostError(code, `the connection ended with ${code}${why === '' ? '' : ` (${why})`}`);
    this.#lost = lost;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#probe);
    this.#hooks.onClosed(lost);
    this.#rejectAll(lost);
    this.#onLost(lost);
  }

  #rejectAll(lost: LostError): void {
    for (const waiting of [...this.#pending.values(), ...this.#queue.splice(0)]) waiting.reject(lost);
    this.#pending.clear();
  }
}

const encoder = new TextEncoder();

const messageOf = (id: number, method: string, params: object): string => JSON.stringify({ jsonrpc: '2.0', id, method, params });
