import { WebSocket } from 'ws';
import * as z from 'zod';
import { connectionMethods, notifications, requestId } from '../../src/protocol/messages.ts';
import { subprotocol } from '../../src/protocol/subprotocol.ts';
import { methods } from '../../src/protocol/methods.ts';
import type { ErrorDetails, Reason } from '../../src/errors.ts';
import type { ConnectionOutput } from '../../src/protocol/messages.ts';

/** A client of `troupe.v1` for tests, demonstrations and benchmarks: it checks every answer and notification against its schema. */

const table = { ...methods, ...connectionMethods };
type Table = typeof table;
export type ClientMethod = keyof Table;
export type Params<M extends ClientMethod> = z.input<Table[M]['input']>;
export type Result<M extends ClientMethod> = z.output<Table[M]['output']>;

const wireError = z.object({
  code: z.number(),
  message: z.string(),
  data: z.looseObject({ reason: z.string(), fix: z.string(), retryable: z.boolean() }),
});
const incoming = z.object({
  id: requestId.nullish(),
  result: z.unknown().optional(),
  error: wireError.optional(),
  method: z.string().optional(),
  params: z.looseObject({ view: z.string() }).optional(),
});

/** A request that was answered with an error. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly reason: Reason | string;
  readonly code: number;
  readonly data: ErrorDetails & Readonly<Record<string, unknown>>;

  constructor(error: z.output<typeof wireError>) {
    super(`${error.data.reason}: ${error.message}`);
    this.reason = error.data.reason;
    this.code = error.code;
    this.data = error.data;
  }
}

export interface Notification {
  readonly method: string;
  readonly params: { readonly view: string } & Readonly<Record<string, unknown>>;
}

/** An event as it came, alone or in a batch. */
export type ReceivedEvent = z.output<(typeof notifications)['events.event']['params']>;

interface Close {
  readonly code: number;
  readonly reason: string;
}

export interface Client {
  readonly hello: ConnectionOutput<'session.hello'>;
  /** Everything that came unasked, in order. */
  readonly notifications: readonly Notification[];
  /** The events among it. */
  readonly events: readonly ReceivedEvent[];
  readonly closed: Promise<Close>;
  /** Rejects with RefusedError, or when the connection ends before the answer. */
  request<M extends ClientMethod>(method: M, params: Params<M>): Promise<Result<M>>;
  /** A request that no schema knows; answers the id to find it by, and the answer. */
  call(method: string, params: unknown, id?: string | number): Promise<unknown>;
  /** Any text as a frame of its own. */
  send(text: string): void;
  /** The first answer with `id: null` that comes from now on. */
  stray(): Promise<RefusedError>;
  /** The first notification that passes, of those that came and those that come; rejects after `deadlineMs` (5,000). */
  waitFor(passes: (notification: Notification) => boolean, deadlineMs?: number): Promise<Notification>;
  /** Resolves when the condition holds, looked at after every message; rejects after `deadlineMs` (5,000). */
  until(holds: () => boolean, deadlineMs?: number): Promise<void>;
  close(): Promise<Close>;
  /** Ends as a process that is killed does: without a word. */
  terminate(): void;
}

export interface ConnectOptions {
  readonly worker?: string;
  /** Send the token in the upgrade's header instead of the hello. */
  readonly inHeader?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

const deadline = 5_000;

/** Connects and says hello. Rejects with what the server answered, or with the way in which the connection ended. */
export async function connect(url: string, token: string, options: ConnectOptions = {}): Promise<Client> {
  const { worker, inHeader = false, headers } = options;
  const authorization = inHeader ? { authorization: `Bearer ${token}` } : {};
  const ws = new WebSocket(url, subprotocol, { headers: { ...headers, ...authorization }, perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', reject);
  });
  const client = new SocketClient(ws);
  const hello = await client.request('session.hello', {
    client: { name: 'test', version: '1' },
    ...(inHeader ? {} : { token }),
    ...(worker === undefined ? {} : { worker }),
  });
  return Object.assign(client, { hello });
}

class SocketClient implements Omit<Client, 'hello'> {
  readonly notifications: Notification[] = [];
  readonly events: ReceivedEvent[] = [];
  readonly closed: Promise<Close>;
  readonly #ws: WebSocket;
  readonly #pending = new Map<string | number, { resolve(result: unknown): void; reject(error: Error): void }>();
  readonly #strays: ((error: RefusedError) => void)[] = [];
  readonly #watchers = new Set<() => void>();
  #ids = 0;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('message', (data: Buffer) => this.#received(data.toString()));
    ws.on('error', () => {});
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        for (const { reject } of this.#pending.values()) reject(new Error(`closed with ${code} ${reason.toString()}`));
        this.#pending.clear();
      });
    });
  }

  async request<M extends ClientMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    return table[method].output.parse(await this.call(method, params)) as Result<M>;
  }

  call(method: string, params: unknown, id: string | number = (this.#ids += 1)): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  send(text: string): void {
    this.#ws.send(text);
  }

  stray(): Promise<RefusedError> {
    return new Promise((resolve) => void this.#strays.push(resolve));
  }

  async waitFor(passes: (notification: Notification) => boolean, deadlineMs = deadline): Promise<Notification> {
    let found: Notification | undefined;
    await this.until(() => (found ??= this.notifications.find(passes)) !== undefined, deadlineMs);
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  until(holds: () => boolean, deadlineMs = deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (): void => {
        if (holds()) settle();
      };
      const timer = setTimeout(
        () => settle(new Error(`not within ${deadlineMs} ms; ${this.notifications.length} notifications came`)),
        deadlineMs,
      );
      this.#watchers.add(look);
      void this.closed.then(({ code }) => settle(new Error(`closed with ${code}`)));
      look();
    });
  }

  close(): Promise<Close> {
    this.#ws.close(1000);
    return this.closed;
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #received(text: string): void {
    const { id, result, error, method, params } = incoming.parse(JSON.parse(text));
    if (method !== undefined && params !== undefined) this.#notified({ method, params });
    else if (id !== null && id !== undefined) this.#answered(id, result, error === undefined ? undefined : new RefusedError(error));
    else if (error !== undefined) for (const resolve of this.#strays.splice(0)) resolve(new RefusedError(error));
    for (const look of this.#watchers) look();
  }

  #answered(id: string | number, result: unknown, error: RefusedError | undefined): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(error);
  }

  #notified({ method, params }: Notification): void {
    this.notifications.push({ method, params });
    if (method === 'events.event') this.events.push(notifications['events.event'].params.parse(params));
    if (method === 'events.batch') {
      for (const event of notifications['events.batch'].params.parse(params).events) this.events.push({ ...event, view: params.view });
    }
  }
}
