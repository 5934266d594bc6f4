import { TroupeError } from '../../errors.ts';
import { wireOf } from '../../fixes.ts';
import { closeCodes } from '../../protocol/close-codes.ts';
import { faultFor } from '../fault.ts';
import { closeCodeOf } from './broken-frames.ts';
import { Calls } from './calls.ts';
import { readEnvelope } from './envelope.ts';
import { greet, readCancel, readPing } from './hello.ts';
import { Heartbeat } from './heartbeat.ts';
import { Outbox } from './outbox.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Reason } from '../../errors.ts';
import type { EventLog } from '../../use-cases/services.ts';
import type { Logger } from '../../logger.ts';
import type { ConnectionOutput, Request, RequestId, Response } from '../../protocol/messages.ts';
import type { Dispatch } from '../../use-cases/dispatch.ts';
import type { InFlight } from './in-flight.ts';
import type { Tickets } from '../inspect/tickets.ts';
import type { Grant, Tokens } from '../tokens.ts';
import type { Identity } from './calls.ts';
import type { Limits } from './limits.ts';
import type { Follower, Subscription } from './subscription.ts';
import type { Traffic } from './traffic.ts';
import type { Turn } from './turn.ts';
import type { Views } from './views.ts';

/** What all connections of a service share. */
export interface ConnectionContext {
  readonly dispatch: Dispatch;
  readonly log: EventLog;
  readonly tokens: Tokens;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly version: string;
  readonly views: Views;
  readonly turn: Turn;
  readonly traffic: Traffic;
  /** Told of a request that was refused before it came to a method, and whose it was. */
  readonly refused: (reason: Reason, by: string | null) => void;
  readonly inFlight: InFlight;
  /** Null where there is nothing to inspect. */
  readonly tickets: Tickets | null;
}

/** One client: it says hello, then its requests are answered and its subscriptions followed until either side closes. */
export class Connection implements Follower {
  readonly subscriptions = new Map<string, Subscription>();
  readonly gone: Promise<void>;
  readonly #context: ConnectionContext;
  readonly #ws: WebSocket;
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  readonly #bucket: TokenBucket;
  readonly #hello: NodeJS.Timeout;
  /** What the upgrade's header or the hello opened. */
  #grant: Grant | null;
  /** Set by the hello. */
  #identity: Identity | null = null;
  readonly #heartbeat: Heartbeat;
  #refusals = 0;

  constructor(context: ConnectionContext, ws: WebSocket, socket: Duplex, grant: Grant | null) {
    const { dispatch, views, logger, limits, turn, inFlight, tickets } = context;
    const { maxInFlight, fairInFlight } = limits;
    this.#context = context;
    this.#ws = ws;
    this.#grant = grant;
    this.#bucket = new TokenBucket(limits.requestsPerSecond, limits.requestBurst, performance.now());
    this.#calls = new Calls({
      dispatch,
      views,
      logger,
      maxInFlight,
      fairInFlight,
      inFlight,
      ticket: tickets === null ? undefined : () => tickets.issue(this.#grant),
      answer: (response) => this.#answer(response),
      onRefused: (reason) => this.#refused(reason),
    });
    this.#outbox = new Outbox({
      socket,
      turn,
      isOpen: () => ws.readyState === ws.OPEN,
      highWaterBytes: limits.highWaterBytes,
      drainMs: limits.drainMs,
      // A client that reads no answers gets to send no requests.
      onClogged: () => ws.pause(),
      onDrained: () => this.#drained(),
      onStuck: () => this.cut(),
    });
    this.#hello = setTimeout(() => this.close(closeCodes.helloTimeout, 'no hello'), limits.helloMs);
    ws.on('message', (data: Buffer, isBinary: boolean) => this.#received(data, isBinary));
    this.#heartbeat = new Heartbeat({
      ws,
      isClogged: () => this.#outbox.clogged,
      mayStay: () => this.#grant === null || context.tokens.holds(this.#grant),
      close: (code, reason) => this.close(code, reason),
    });
    ws.on('error', (error) => this.#broken(error));
    this.gone = new Promise((resolve) => ws.on('close', () => resolve(this.#left())));
  }

  get projects(): readonly string[] | null {
    return this.#identity === null ? [] : this.#identity.projects;
  }

  get clogged(): boolean {
    return this.#outbox.clogged;
  }

  text(message: string): void {
    this.#outbox.text(message);
  }

  frames(bytes: Buffer): void {
    this.#outbox.frames(bytes);
  }

  cut(): void {
    this.close(closeCodes.slowConsumer, 'too slow: reconnect and resume');
  }

  /** Sends what is left and closes; `ws` destroys the socket of a peer that does not answer. */
  close(code: number, reason: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#outbox.flush();
    this.#context.views.leave(this);
    this.#outbox.close();
    // `ws` goes on handing over what comes until the peer has answered the close: nothing of that may be done any more.
    this.#withdraw();
    this.#ws.resume();
    this.#ws.close(code, reason);
    this.#closed(code, reason);
  }

  beat(): void {
    this.#heartbeat.beat();
  }

  /** Takes no more requests; resolves when those in flight are answered. */
  finish(): Promise<void> {
    return this.#calls.end(new TroupeError('DRAINING', 'the service stops'));
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #drained(): void {
    this.#heartbeat.heard();
    this.#ws.resume();
    this.#context.views.resume(this);
  }

  /** After an error in its frames `ws` closes the connection by itself. */
  #broken(error: Error): void {
    const code = closeCodeOf(error);
    if (code === null) return this.#context.logger.debug({ err: error }, 'broken connection');
    this.#closed(code, 'broken frames');
  }

  #closed(code: number, why: string): void {
    this.#context.traffic.close(code);
    this.#context.logger.info({ code, name: this.#identity?.name, worker: this.#identity?.worker }, `closed: ${why}`);
  }

  #left(): void {
    clearTimeout(this.#hello);
    this.#outbox.close();
    this.#context.views.leave(this);
    this.#withdraw();
  }

  /** Takes no more requests, and ends what only waits: nobody would hear the answers. */
  #withdraw(): void {
    void this.#calls.end(new TroupeError('CANCELLED', 'the connection was closed'));
  }

  #received(data: Buffer, isBinary: boolean): void {
    this.#heartbeat.heard();
    if (isBinary) return this.close(closeCodes.badFrame, 'binary frames are refused');
    const envelope = readEnvelope(data.toString());
    const waitMs = this.#bucket.take(performance.now());
    if (waitMs > 0) return this.#limit(envelope.id, waitMs);
    this.#refusals = 0;
    if (envelope.request === null) return this.#refuse(envelope.id, envelope.error);
    try {
      this.#handle(envelope.request);
    } catch (error) {
      this.#refuse(envelope.id, faultFor(error, { logger: this.#context.logger, method: envelope.request.method }));
    }
  }

  #handle(request: Request): void {
    const { id, method, params } = request;
    if (method === 'session.hello') return this.#greet(id, params);
    if (this.#identity === null) {
      this.#refuse(id, new TroupeError('UNAUTHENTICATED', 'the first message is session.hello', { fix: 'send session.hello first' }));
      return this.close(closeCodes.unauthenticated, 'no hello');
    }
    // These two are answered at once: they must get through when everything else waits.
    if (method === 'system.ping') {
      readPing(params);
      return this.#answer({ jsonrpc: '2.0', id, result: { position: this.#context.log.head } satisfies ConnectionOutput<'system.ping'> });
    }
    if (method === 'request.cancel') {
      const cancelled = this.#calls.cancel(readCancel(params).id);
      return this.#answer({ jsonrpc: '2.0', id, result: { cancelled } satisfies ConnectionOutput<'request.cancel'> });
    }
    void this.#calls.run(request, this.#identity, this);
  }

  #greet(id: RequestId, params: unknown): void {
    if (this.#identity !== null) return this.#refuse(id, new TroupeError('INVALID_REQUEST', 'hello was said before'));
    try {
      const { grant, identity, answer } = greet(this.#context, this.#grant, params);
      this.#grant = grant;
      this.#identity = identity;
      clearTimeout(this.#hello);
      this.#answer({ jsonrpc: '2.0', id, result: answer });
    } catch (error) {
      const fault = faultFor(error, { logger: this.#context.logger, method: 'session.hello' });
      this.#refuse(id, fault);
      if (fault.reason === 'UNAUTHENTICATED') this.close(closeCodes.unauthenticated, 'not authenticated');
    }
  }

  #limit(id: RequestId | null, retryAfterMs: number): void {
    this.#refusals += 1;
    if (this.#refusals > this.#context.limits.maxRefusals) return this.close(closeCodes.rate, 'too many requests');
    this.#refuse(id, new TroupeError('RATE_LIMITED', 'too many requests', { retryAfterMs }));
  }

  #refuse(id: RequestId | null, error: TroupeError): void {
    this.#refused(error.reason);
    this.#answer({ jsonrpc: '2.0', id, error: wireOf(error) });
  }

  #refused(reason: Reason): void {
    this.#context.refused(reason, this.#identity?.name ?? null);
  }

  #answer(response: Response): void {
    this.#outbox.text(JSON.stringify(response));
  }
}
