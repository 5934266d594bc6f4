import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { createClock } from '../../src/clock.ts';
import { openEventLog } from '../../src/actors/event-log.ts';
import type { EventLog } from '../../src/actors/event-log.ts';
import { TroupeError } from '../../src/errors.ts';
import type { TaskSpec } from '../../src/machines/context.ts';
import { createMemoryStore } from '../../src/persistence/memory/store.ts';
import type { Store } from '../../src/persistence/store.ts';
import { methods } from '../../src/protocol/methods.ts';
import type { JsonObject } from '../../src/protocol/values.ts';
import { healthRoutes } from '../../src/transport/health.ts';
import { openHttp } from '../../src/transport/http.ts';
import type { HttpOptions, HttpServer, Route } from '../../src/transport/http.ts';
import { openTokens } from '../../src/transport/tokens.ts';
import type { Tokens } from '../../src/transport/tokens.ts';
import type { Limits } from '../../src/transport/ws/limits.ts';
import { createWsServer } from '../../src/transport/ws/server.ts';
import type { WsServer } from '../../src/transport/ws/server.ts';
import type { Caller } from '../../src/use-cases/caller.ts';
import type { Dispatch } from '../../src/use-cases/dispatch.ts';
import { newTask, taskId, unitOf, writeOf } from './records.ts';

/** The whole transport on a port of its own, over the log of a memory store and a few methods that need no tasks. */

interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly facts: unknown;
  readonly message: string;
}

export interface TestTransport {
  readonly directory: string;
  /** `ws://127.0.0.1:port/ws` */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly tokens: Tokens;
  readonly store: Store;
  readonly log: EventLog;
  readonly http: HttpServer;
  readonly ws: WsServer;
  readonly lines: readonly LogLine[];
  /** Appends `count` events to the log in one unit, each of a task of its own. */
  commit(count: number, spec?: Partial<TaskSpec>, data?: JsonObject): Promise<void>;
  /** Answers every `test.hold` and `test.work` that waits. */
  release(): void;
  /** How many requests reached a method. */
  dispatched(): number;
  /** How many of them wait. */
  held(): number;
}

export interface TransportOptions {
  readonly limits?: Partial<Limits>;
  readonly windowEvents?: number;
  readonly http?: Partial<HttpOptions>;
  readonly routes?: readonly Route[];
}

/** Starts it and hands it to `use`; stops it whatever happens. */
export async function withTransport(options: TransportOptions, use: (transport: TestTransport) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'troupe-transport-'));
  const clock = createClock();
  const lines: LogLine[] = [];
  const write = (level: LogLine['level']) => (facts: unknown, message?: string) =>
    void lines.push({ level, facts, message: message ?? '' });
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const http = await openHttp({ host: '127.0.0.1', port: 0, allowHosts: [], allowOrigins: [], insecure: false, logger, ...options.http });
  const store = createMemoryStore({ clock });
  const log = await openEventLog(store, { windowEvents: options.windowEvents ?? 10_000 });
  const tokens = openTokens(directory, { now: () => clock.now(), onFault: (err) => logger.error({ err }, 'tokens') });
  const holds = new Set<() => void>();
  let dispatched = 0;
  const methodsOf = dispatchOver(holds);
  const dispatch: Dispatch = (method, params, caller) => {
    dispatched += 1;
    return methodsOf(method, params, caller);
  };
  const ws = createWsServer({
    dispatch,
    log,
    tokens,
    logger,
    version: '0.0.0',
    limits: { closeMs: 200, ...options.limits },
  });
  const health = () => ({ healthy: true, ready: true, facts: { connections: ws.connections } });
  http.mount({ tokens, routes: [...healthRoutes(health), ...(options.routes ?? [])], upgrades: { '/ws': ws.upgrade } });
  let tasks = 0;
  try {
    await use({
      directory,
      url: `${http.origin.replace('http', 'ws')}/ws`,
      port: Number(new URL(http.origin).port),
      token: (await readFile(join(directory, 'token'), 'utf8')).trim(),
      tokens,
      store,
      log,
      http,
      ws,
      lines,
      async commit(count, spec = {}, data = {}) {
        const writes = Array.from({ length: count }, () => writeOf(newTask(taskId((tasks += 1)), { spec }), 'task.created', data));
        await store.commit([unitOf(writes)]);
      },
      release() {
        for (const hold of holds) hold();
      },
      held: () => holds.size,
      dispatched: () => dispatched,
    });
  } finally {
    await ws.drain();
    await http.close(0);
    log.close();
    await store.close();
    await rm(directory, { recursive: true });
  }
}

function dispatchOver(holds: Set<() => void>): Dispatch {
  const table: Readonly<Record<string, (params: unknown, caller: Caller) => unknown>> = {
    'events.subscribe': (params, caller) => caller.stream?.subscribe(methods['events.subscribe'].input.parse(params)),
    'events.unsubscribe': (params, caller) => {
      const { view } = methods['events.unsubscribe'].input.parse(params);
      if (caller.stream?.unsubscribe(view) !== true) throw new TroupeError('VIEW_NOT_FOUND', `there is no view ${view}`);
      return { view };
    },
    'test.echo': (params) => params,
    'test.fill': (params) => ({ filling: 'y'.repeat(z.object({ bytes: z.int() }).parse(params).bytes) }),
    'test.caller': (_params, { name, worker, scopes, projects }) => ({ name, worker, scopes, projects }),
    'test.crash': () => {
      throw new Error('a secret of the house');
    },
    'test.cycle': () => {
      const cycle: { self?: unknown } = {};
      cycle.self = cycle;
      return cycle;
    },
    // Work that is not to be withdrawn, unlike a mere wait.
    'test.work': () =>
      new Promise((resolve) => {
        const hold = (): void => {
          holds.delete(hold);
          resolve({ done: true });
        };
        holds.add(hold);
      }),
    'test.hold': (_params, { signal }) =>
      new Promise((resolve, reject) => {
        const hold = (): void => {
          holds.delete(hold);
          resolve({ held: true });
        };
        holds.add(hold);
        signal?.addEventListener('abort', () => {
          holds.delete(hold);
          reject(new TroupeError('CANCELLED', 'the request was withdrawn'));
        });
      }),
  };
  return async (method, params, caller) => {
    const handler = table[method];
    if (handler === undefined) throw new TroupeError('METHOD_NOT_FOUND', `there is no method ${method}`);
    return await handler(params, caller);
  };
}
