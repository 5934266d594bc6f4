import { WebSocket } from 'ws';
import { subprotocol } from '../../src/protocol/subprotocol.ts';
import { RefusedError } from '../support/client.ts';
import type { ClientMethod, Params, ReceivedEvent, Result } from '../support/client.ts';

/** A client that checks nothing and parses no more than it must, so that the service is what is under load. */

interface Incoming {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: ConstructorParameters<typeof RefusedError>[0];
  readonly method?: string;
  readonly params?: ReceivedEvent & { readonly events?: readonly ReceivedEvent[] };
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export interface WireOptions {
  readonly worker?: string;
  readonly onEvent?: (event: ReceivedEvent) => void;
  readonly onBookmark?: (position: string) => void;
}

/** The connection ended before the answer. */
export class CutError extends Error {
  override readonly name = 'CutError';
}

export class Wire {
  /** The close code; it has none when the socket broke. */
  readonly closed: Promise<number>;
  readonly #ws: WebSocket;
  readonly #options: WireOptions;
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;

  private constructor(ws: WebSocket, options: WireOptions) {
    this.#ws = ws;
    this.#options = options;
    ws.on('message', (data: Buffer) => this.#received(JSON.parse(data.toString()) as Incoming));
    ws.on('error', () => {});
    this.closed = new Promise((resolve) => {
      ws.on('close', (code) => {
        for (const { reject } of this.#waiting.values()) reject(new CutError(`closed with ${code}`));
        this.#waiting.clear();
        resolve(code);
      });
    });
  }

  static async connect({ url, token }: { readonly url: string; readonly token: string }, options: WireOptions = {}): Promise<Wire> {
    const ws = new WebSocket(url, subprotocol, { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => void ws.once('open', resolve).once('error', reject));
    const wire = new Wire(ws, options);
    const { worker } = options;
    await wire.ask('session.hello', { token, ...(worker === undefined ? {} : { worker }) });
    return wire;
  }

  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN;
  }

  /** Rejects with RefusedError, or with CutError. */
  ask<M extends ClientMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    if (!this.isOpen) return Promise.reject(new CutError('not open'));
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (result) => resolve(result as Result<M>), reject });
      this.#ws.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  async close(): Promise<void> {
    this.#ws.close(1000);
    await this.closed;
  }

  #received({ id, result, error, method, params }: Incoming): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new RefusedError(error));
    } else if (params !== undefined) {
      if (method === 'events.event') this.#options.onEvent?.(params);
      else if (method === 'events.bookmark') this.#options.onBookmark?.(params.position);
      else for (const event of params.events ?? []) this.#options.onEvent?.(event);
    }
  }
}
