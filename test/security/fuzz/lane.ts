import { isUtf8 } from 'node:buffer';
import { WebSocket } from 'ws';
import * as z from 'zod';
import { catalogue } from '../../../src/errors.ts';
import type { Reason } from '../../../src/errors.ts';
import { requestId } from '../../../src/protocol/messages.ts';
import { subprotocol } from '../../../src/protocol/subprotocol.ts';

/** One connection that sends anything, and holds the service to answering each of it. */

/** Faults of the service, which no message may bring about. */
const faults: ReadonlySet<string> = new Set(['INTERNAL', 'STORE_UNAVAILABLE', 'DRAINING', 'RATE_LIMITED', 'UNAUTHENTICATED']);
const mostBytes = 262_144;
/** Less than the service allows. */
const mostInFlight = 48;
const deadlineMs = 20_000;

type Expected = { readonly close: number } | { readonly id: string };

/** How a message must be answered: under its id, under null when none can be read, or with a close. */
function expectationOf(bytes: Buffer): Expected {
  if (bytes.length > mostBytes) return { close: 1009 };
  if (!isUtf8(bytes)) return { close: 1007 };
  try {
    const message: unknown = JSON.parse(bytes.toString());
    if (typeof message === 'object' && message !== null && 'id' in message) {
      const id = requestId.safeParse(message.id);
      if (id.success) return { id: JSON.stringify(id.data) };
    }
  } catch {
    // No JSON, so no id.
  }
  return { id: 'null' };
}

const answer = z.object({
  id: requestId.nullish(),
  method: z.string().optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.looseObject({ reason: z.string() }) }).optional(),
});

export interface Report {
  /** By reason, `ok`, or `close <code>`. */
  readonly outcomes: Map<string, number>;
  readonly wrong: string[];
}

export class Lane {
  readonly #url: string;
  readonly #token: string;
  readonly #report: Report;
  readonly #learn: (text: string) => void;
  /** How often each id waits for an answer, with the last message that carried it. */
  readonly #waiting = new Map<string, { count: number; message: string }>();
  #inFlight = 0;
  #ws: WebSocket | undefined;
  #wake = (): void => {};
  #closed: number | undefined;
  #cancels = 0;

  constructor(service: { readonly url: string; readonly token: string }, report: Report, learn: (text: string) => void) {
    this.#url = service.url;
    this.#token = service.token;
    this.#report = report;
    this.#learn = learn;
  }

  /** Connects anew and says hello. */
  async open(): Promise<void> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const ws = new WebSocket(this.#url, subprotocol, { headers, perMessageDeflate: false });
    this.#ws = ws;
    this.#closed = undefined;
    ws.on('message', (data: Buffer) => this.#received(data.toString()));
    ws.on('close', (code) => {
      this.#closed = code;
      this.#wake();
    });
    await new Promise<void>((resolve, reject) => ws.once('open', resolve).once('error', reject));
    ws.on('error', () => {});
    this.#transmit(Buffer.from('{"jsonrpc":"2.0","id":"hello","method":"session.hello"}'), '"hello"');
    await this.settle();
  }

  async send(bytes: Buffer): Promise<void> {
    const expected = expectationOf(bytes);
    if ('id' in expected) {
      this.#transmit(bytes, expected.id);
      if (this.#inFlight >= mostInFlight) await this.#until(() => this.#inFlight < mostInFlight / 2);
      return;
    }
    await this.settle();
    this.#ws?.send(bytes, { binary: false });
    await this.#until(() => this.#closed !== undefined, expected.close);
    this.#count(`close ${this.#closed}`);
    if (this.#closed !== expected.close) this.#wrong(`closed with ${this.#closed}, not ${expected.close}`, bytes.toString());
    await this.open();
  }

  /** Waits for every answer; what only waits is withdrawn. */
  async settle(): Promise<void> {
    // Those that wait now: the withdrawals themselves will wait, too.
    const waiting = Array.from(this.#waiting.keys());
    for (const id of waiting) {
      if (id === 'null') continue;
      const cancel = `cancel-${(this.#cancels += 1)}`;
      const params = { id: JSON.parse(id) as unknown };
      this.#transmit(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: cancel, method: 'request.cancel', params })), `"${cancel}"`);
    }
    await this.#until(() => this.#inFlight === 0);
  }

  async close(): Promise<void> {
    await this.settle();
    this.#ws?.close(1000);
    await this.#until(() => this.#closed !== undefined, 1000);
  }

  #transmit(bytes: Buffer, id: string): void {
    const message = bytes.toString().slice(0, 2_000);
    this.#waiting.set(id, { count: (this.#waiting.get(id)?.count ?? 0) + 1, message });
    this.#inFlight += 1;
    this.#ws?.send(bytes, { binary: false });
  }

  #received(text: string): void {
    const { id, method, error } = answer.parse(JSON.parse(text));
    if (method !== undefined) return;
    const key = JSON.stringify(id ?? null);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#wrong('an answer that nobody waits for', text);
    else if (waiting.count === 1) this.#waiting.delete(key);
    else waiting.count -= 1;
    this.#inFlight -= 1;
    const reason = error?.data.reason;
    this.#count(reason ?? 'ok');
    if (reason === undefined) this.#learn(text);
    else if (!Object.hasOwn(catalogue, reason) || faults.has(reason) || catalogue[reason as Reason].code !== error?.code)
      this.#wrong(text, waiting?.message ?? '');
    this.#wake();
  }

  /** Rejects when the connection ends in another way than expected, or when nothing happens for too long. */
  async #until(holds: () => boolean, close?: number): Promise<void> {
    while (!holds()) {
      if (this.#closed !== undefined && this.#closed !== close)
        throw new Error(`closed with ${this.#closed} behind ${this.#lastWaiting()}`);
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no answer to ${this.#lastWaiting()}`)), deadlineMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #lastWaiting(): string {
    return [...this.#waiting.values()].at(-1)?.message ?? 'nothing';
  }

  #count(outcome: string): void {
    this.#report.outcomes.set(outcome, (this.#report.outcomes.get(outcome) ?? 0) + 1);
  }

  #wrong(what: string, message: string): void {
    this.#report.wrong.push(`${what.slice(0, 1_000)} <- ${message.slice(0, 2_000)}`);
  }
}
