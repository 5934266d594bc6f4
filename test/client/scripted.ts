import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { TroupeError } from '../../src/errors.ts';
import { wireOf } from '../../src/fixes.ts';
import type { Address, Link, LinkOptions } from '../../src/client/link.ts';
import { createLink } from '../../src/client/node.ts';
import { subprotocol } from '../../src/protocol/subprotocol.ts';

/** A peer that does what a real service does only when something goes wrong. Every request is kept. */

export interface Asking {
  readonly connection: number;
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  answer(result: unknown): void;
  refuse(error: TroupeError | { readonly code: number; readonly message: string; readonly data: object }): void;
  /** Comes unasked. */
  notify(method: string, params: object): void;
  close(code: number): void;
  /** Ends as a process that is killed does. */
  cut(): void;
}

export interface Scripted {
  readonly address: Address;
  /** Without the hellos. */
  readonly asked: readonly Asking[];
  readonly hellos: number;
}

export async function scripted(
  act: (asking: Asking) => void,
  options: { readonly limits?: object; readonly heartbeatMs?: number; readonly hello?: (asking: Asking) => boolean } = {},
): Promise<Scripted> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => subprotocol });
  await new Promise<void>((resolve) => void server.on('listening', resolve));
  onTestFinished(() => {
    for (const ws of server.clients) ws.terminate();
    server.close();
  });
  const asked: Asking[] = [];
  let connections = 0;
  let hellos = 0;
  const limits = { maxMessageBytes: 262_144, maxInFlight: 64, maxSubscriptions: 32, ...options.limits };
  const hello = {
    protocol: subprotocol,
    server: { name: 'troupe', version: '1' },
    scopes: ['read', 'write'],
    projects: null,
    position: 'p',
  };
  const take = (ws: WebSocket, connection: number, text: string): void => {
    const { id, method, params } = JSON.parse(text) as Pick<Asking, 'id' | 'method' | 'params'>;
    const send = (rest: object): void => ws.send(JSON.stringify({ jsonrpc: '2.0', id, ...rest }));
    const asking: Asking = {
      connection,
      id,
      method,
      params,
      answer: (result) => send({ result }),
      refuse: (error) => send({ error: error instanceof TroupeError ? wireOf(error) : error }),
      notify: (name, given) => ws.send(JSON.stringify({ jsonrpc: '2.0', method: name, params: given })),
      close: (code) => ws.close(code),
      cut: () => ws.terminate(),
    };
    if (method !== 'session.hello') {
      asked.push(asking);
      return act(asking);
    }
    hellos += 1;
    if (options.hello?.(asking) !== false) asking.answer({ ...hello, heartbeatMs: options.heartbeatMs ?? 15_000, limits });
  };
  server.on('connection', (ws) => {
    const connection = (connections += 1);
    ws.on('message', (data: Buffer) => take(ws, connection, data.toString()));
  });
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  return {
    address: { url: `ws://127.0.0.1:${port}/ws`, token: 'secret' },
    asked,
    get hellos() {
      return hellos;
    },
  };
}

/** A link that ends with the test. */
export function linkTo(address: Address | LinkOptions['address'], options: Partial<LinkOptions> = {}): Link {
  const asked = typeof address === 'function' ? address : async () => address;
  const link = createLink({ address: asked, client: { name: 'test', version: '1' }, worker: 'w-1', ...options });
  onTestFinished(() => link.close());
  return link;
}

/** Resolves with what a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<TroupeError> {
  const error = await call.then(
    () => new Error('it was answered'),
    (reason: unknown) => reason,
  );
  // That of a built package is another class of the same name.
  if (error instanceof Error && error.name === 'TroupeError') return error as TroupeError;
  throw error;
}
