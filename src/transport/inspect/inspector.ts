import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Logger } from '../../logger.ts';
import { closeCodes } from '../../protocol/close-codes.ts';
import type { Grant, Tokens } from '../tokens.ts';
import { closeCodeOf } from '../ws/broken-frames.ts';
import type { Limits } from '../ws/limits.ts';
import { Heartbeat } from '../ws/heartbeat.ts';
import { Outbox } from '../ws/outbox.ts';
import type { Traffic } from '../ws/traffic.ts';
import type { Turn } from '../ws/turn.ts';

/** What is shown to one inspector. */
export interface Viewing {
  /** Rejects when no more can be shown. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface InspectorContext {
  readonly tokens: Tokens;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly turn: Turn;
  readonly traffic: Traffic;
}

/** One inspector: it is sent frames, as its socket takes them, until either side closes. Nothing that it says is listened to. */
export class Inspector {
  readonly gone: Promise<void>;
  readonly #context: InspectorContext;
  readonly #ws: WebSocket;
  readonly #grant: Grant;
  readonly #outbox: Outbox;
  readonly #viewing: Viewing;
  readonly #waiting: (() => void)[] = [];
  readonly #heartbeat: Heartbeat;

  constructor(context: InspectorContext, ws: WebSocket, socket: Duplex, grant: Grant, view: (inspector: Inspector) => Viewing) {
    const { turn, limits } = context;
    this.#context = context;
    this.#ws = ws;
    this.#grant = grant;
    this.#outbox = new Outbox({
      socket,
      turn,
      isOpen: () => ws.readyState === ws.OPEN,
      highWaterBytes: limits.highWaterBytes,
      drainMs: limits.drainMs,
      onClogged: () => ws.pause(),
      onDrained: () => this.#drained(),
      onStuck: () => this.close(closeCodes.slowConsumer, 'too slow: reconnect'),
    });
    this.#heartbeat = new Heartbeat({
      ws,
      isClogged: () => this.#outbox.clogged,
      mayStay: () => context.tokens.holds(grant),
      close: (code, reason) => this.close(code, reason),
    });
    ws.on('message', () => this.#heartbeat.heard());
    ws.on('error', (error) => this.#broken(error));
    this.gone = new Promise((resolve) => ws.on('close', () => resolve(this.#end())));
    this.#viewing = view(this);
    this.#viewing.ended.catch((error: unknown) => {
      context.logger.warn({ err: error }, 'inspection');
      this.close(closeCodes.restart, 'what is to be shown can not be read: reconnect');
    });
  }

  text(frame: string): void {
    this.#outbox.text(frame);
  }

  ready(): Promise<void> {
    return new Promise((resolve) => {
      // Behind what this turn sends.
      this.#context.turn.send(() => {
        if (this.#outbox.clogged) this.#waiting.push(resolve);
        else resolve();
      });
    });
  }

  close(code: number, reason: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#outbox.flush();
    this.#end();
    this.#ws.resume();
    this.#ws.close(code, reason);
    this.#closed(code, reason);
  }

  beat(): void {
    this.#heartbeat.beat();
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #drained(): void {
    this.#heartbeat.heard();
    this.#ws.resume();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #end(): void {
    this.#viewing.close();
    this.#outbox.close();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #broken(error: Error): void {
    const code = closeCodeOf(error);
    if (code === null) return this.#context.logger.debug({ err: error }, 'broken connection');
    this.#closed(code, 'broken frames');
  }

  #closed(code: number, why: string): void {
    this.#context.traffic.close(code);
    this.#context.logger.info({ code, name: this.#grant.name }, `inspector closed: ${why}`);
  }
}
