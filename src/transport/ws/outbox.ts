import { frameTexts } from './frame.ts';
import type { Duplex } from 'node:stream';
import type { Turn } from './turn.ts';

export interface OutboxOptions {
  readonly socket: Duplex;
  /** False once a close frame went out: nothing may follow it. */
  readonly isOpen: () => boolean;
  readonly turn: Turn;
  readonly highWaterBytes: number;
  /** How long the socket may stay above the high-water mark, in milliseconds. */
  readonly drainMs: number;
  /** More waits in the socket than it should hold. */
  readonly onClogged: () => void;
  readonly onDrained: () => void;
  /** The socket stayed clogged for `drainMs`. */
  readonly onStuck: () => void;
}

/**
 * What a connection sends: one write per turn, in the order in which it was given. It writes to the socket beside `ws`, which is sound
 * because `ws` without compression hands each of its own frames to the same socket at once, in whole.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #parts: (string | Buffer)[] = [];
  #stuck: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #send = (): void => this.flush();

  constructor(options: OutboxOptions) {
    this.#options = options;
    options.socket.on('drain', () => this.#drained());
  }

  /** True while more waits in the socket than it should hold. */
  get clogged(): boolean {
    return this.#stuck !== undefined;
  }

  /** A message as text, to be framed. */
  text(message: string): void {
    this.#push(message);
  }

  /** Frames that are ready, shared with other connections. */
  frames(bytes: Buffer): void {
    this.#push(bytes);
  }

  #push(part: string | Buffer): void {
    if (this.#closed) return;
    if (this.#parts.length === 0) this.#options.turn.send(this.#send);
    this.#parts.push(part);
  }

  /** Writes what was given so far now, instead of at the end of the turn. */
  flush(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    const { socket, isOpen } = this.#options;
    if (!isOpen()) return;
    const buffers = framed(parts);
    const [only] = buffers;
    if (buffers.length === 1 && only !== undefined) socket.write(only);
    else {
      socket.cork();
      for (const buffer of buffers) socket.write(buffer);
      socket.uncork();
    }
    if (this.#stuck === undefined && socket.writableLength > this.#options.highWaterBytes) this.#clog();
  }

  /** Drops what is left and stops watching the socket. */
  close(): void {
    this.#closed = true;
    this.#parts = [];
    clearTimeout(this.#stuck);
    this.#stuck = undefined;
  }

  #clog(): void {
    this.#stuck = setTimeout(() => this.#options.onStuck(), this.#options.drainMs);
    this.#options.onClogged();
  }

  #drained(): void {
    if (this.#stuck === undefined) return;
    clearTimeout(this.#stuck);
    this.#stuck = undefined;
    this.#options.onDrained();
  }
}

/** Frames each run of texts into one buffer. */
function framed(parts: readonly (string | Buffer)[]): Buffer[] {
  const buffers: Buffer[] = [];
  let texts: string[] = [];
  for (const part of parts) {
    if (typeof part === 'string') {
      texts.push(part);
      continue;
    }
    if (texts.length > 0) buffers.push(frameTexts(texts));
    texts = [];
    buffers.push(part);
  }
  if (texts.length > 0) buffers.push(frameTexts(texts));
  return buffers;
}
