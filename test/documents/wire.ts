import { WebSocket } from 'ws';

/** A connection that keeps every frame as it went over the wire. */
export class Wire {
  readonly sent: unknown[] = [];
  readonly received: unknown[] = [];
  readonly #socket: WebSocket;
  readonly #watchers = new Set<() => void>();
  #ids = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.received.push(JSON.parse(data.toString()));
      for (const look of this.#watchers) look();
    });
  }

  static async open(url: string): Promise<Wire> {
    const socket = new WebSocket(url, 'troupe.v1', { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new Wire(socket);
  }

  /** Rejects when nothing that passes has come within five seconds. */
  wait<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        done();
      };
      const look = (): void => {
        const found = find();
        if (found !== undefined) settle(() => resolve(found));
      };
      const timer = setTimeout(() => settle(() => reject(new Error('nothing of that kind came within 5,000 ms'))), 5_000);
      this.#watchers.add(look);
      look();
    });
  }

  notified(method: string): Promise<unknown> {
    return this.wait(() => this.received.find((frame) => (frame as { method?: string }).method === method));
  }

  /** Sends any text; the answer is the first one that comes without an id. */
  async sendBroken(text: string): Promise<unknown> {
    this.#socket.send(text);
    return this.wait(() => this.received.find((frame) => (frame as { id?: unknown }).id === null));
  }

  /** The whole answer, be it a result or an error. */
  async ask(method: string, params?: object): Promise<{ result?: Record<string, never>; error?: { data: { reason: string } } }> {
    const id = (this.#ids += 1);
    const request = { jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) };
    this.sent.push(request);
    this.#socket.send(JSON.stringify(request));
    return this.wait(() => this.received.find((frame) => (frame as { id?: unknown }).id === id) as object | undefined);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
      if (this.#socket.readyState === WebSocket.CLOSED) resolve();
      this.#socket.close(1000);
    });
  }
}
