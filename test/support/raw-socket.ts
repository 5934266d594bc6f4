import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { subprotocol } from '../../src/protocol/subprotocol.ts';

/** A WebSocket client made by hand, for what no library would send. */

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface RawSocket {
  readonly socket: Socket;
  /** The status line and headers that the upgrade was answered with. */
  readonly head: string;
  readonly status: number;
  /** Every frame that came, in order. */
  readonly frames: readonly Frame[];
  write(opcode: number, payload: Buffer | string, options?: { readonly final?: boolean }): void;
  request(id: number, method: string, params: unknown): void;
  /** The next frame that passes, of those that came and those that come. */
  frame(passes: (frame: Frame) => boolean): Promise<Frame>;
  /** The code of the close frame; 1006 when the connection ended without one. */
  closed(): Promise<number>;
  destroy(): void;
}

export interface UpgradeOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null to offer none. */
  readonly protocols?: string | null;
}

const deadline = 5_000;

/** Sends an upgrade and resolves with its answer, whatever that is. */
export function upgrade(port: number, options: UpgradeOptions = {}): Promise<RawSocket> {
  const { path = '/ws', headers = {}, protocols = subprotocol } = options;
  const lines = {
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...(protocols === null ? {} : { 'Sec-WebSocket-Protocol': protocols }),
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\n${head.join('')}\r\n`));
    socket.once('error', reject);
    let received = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', onData);
      socket.off('error', reject);
      resolve(new Raw(socket, received.subarray(0, end).toString(), received.subarray(end + 4)));
    };
    socket.on('data', onData);
  });
}

class Raw implements RawSocket {
  readonly socket: Socket;
  readonly head: string;
  readonly frames: Frame[] = [];
  #rest: Buffer;
  #ended = false;
  readonly #watchers = new Set<() => void>();

  constructor(socket: Socket, head: string, rest: Buffer) {
    this.socket = socket;
    this.head = head;
    this.#rest = rest;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('close', () => {
      this.#ended = true;
      this.#look();
    });
    this.#received(Buffer.alloc(0));
  }

  get status(): number {
    return Number(this.head.split(' ')[1]);
  }

  write(opcode: number, payload: Buffer | string, { final = true }: { readonly final?: boolean } = {}): void {
    const body = Buffer.from(payload);
    const mask = randomBytes(4);
    const masked = body.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    this.socket.write(Buffer.concat([maskedHeader(opcode | (final ? 0x80 : 0), body.length), mask, masked]));
  }

  request(id: number, method: string, params: unknown): void {
    this.write(opcodes.text, JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  async frame(passes: (frame: Frame) => boolean): Promise<Frame> {
    await this.#until(() => this.#ended || this.frames.some(passes));
    const found = this.frames.find(passes);
    if (found === undefined) throw new Error('the connection ended without such a frame');
    return found;
  }

  async closed(): Promise<number> {
    await this.#until(() => this.#ended || this.frames.some(({ opcode }) => opcode === opcodes.close));
    const close = this.frames.find(({ opcode }) => opcode === opcodes.close);
    return close === undefined ? 1006 : close.payload.readUInt16BE(0);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`not within ${deadline} ms; ${this.frames.length} frames came`));
      }, deadline);
      this.#watchers.add(look);
      look();
    });
  }

  #received(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let frame = readFrame(this.#rest); frame !== null; frame = readFrame(this.#rest)) {
      this.frames.push(frame);
      this.#rest = this.#rest.subarray(frame.bytes);
    }
    this.#look();
  }

  #look(): void {
    for (const look of this.#watchers) look();
  }
}

function maskedHeader(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, 0x80 | length]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = length < 65_536 ? 0xfe : 0xff;
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/** A whole unmasked frame at the beginning of the bytes; null while it is not all there. */
export function readFrame(bytes: Buffer): (Frame & { readonly bytes: number; readonly final: boolean }) | null {
  if (bytes.length < 2) return null;
  const short = (bytes[1] ?? 0) & 0x7f;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < header) return null;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < header + length) return null;
  const first = bytes[0] ?? 0;
  return { opcode: first & 15, final: first > 127, payload: bytes.subarray(header, header + length), bytes: header + length };
}
