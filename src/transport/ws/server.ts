import { closeCodes } from '../../protocol/close-codes.ts';
import { subprotocol } from '../../protocol/subprotocol.ts';
import { bearerOf } from '../gate.ts';
import { createBoundedServer } from './bounded-server.ts';
import { closeAll, within } from './close-all.ts';
import { Connection } from './connection.ts';
import { InFlight } from './in-flight.ts';
import { defaultLimits } from './limits.ts';
import { Traffic } from './traffic.ts';
import { createTurn } from './turn.ts';
import { Views } from './views.ts';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Reason } from '../../errors.ts';
import type { EventLog } from '../../use-cases/services.ts';
import type { Logger } from '../../logger.ts';
import type { Dispatch } from '../../use-cases/dispatch.ts';
import type { Tickets } from '../inspect/tickets.ts';
import type { Grant, Tokens } from '../tokens.ts';
import type { ConnectionContext } from './connection.ts';
import type { Limits } from './limits.ts';

export interface WsServerOptions {
  readonly dispatch: Dispatch;
  readonly log: EventLog;
  readonly tokens: Tokens;
  readonly logger: Logger;
  /** The service's version, for the hello. */
  readonly version: string;
  readonly limits?: Partial<Limits> | undefined;
  /** Where it is counted, for a count that outlives this server. */
  readonly traffic?: Traffic | undefined;
  /** For those who want to inspect; without it nobody is given one. */
  readonly tickets?: Tickets | undefined;
}

export interface WsServer {
  /** Open connections. */
  readonly connections: number;
  /** Of all connections together. */
  readonly subscriptions: number;
  readonly traffic: Traffic;
  /** Takes an upgrade that passed the gate. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, refuse: (status: number) => void): void;
  /** Lets what is in flight finish, for `finishMs` at most, ends the subscriptions and closes every connection with 1012. Takes no new ones from the start. */
  drain(finishMs?: number): Promise<void>;
}

/** The WebSocket transport of `troupe.v1`. */
export function createWsServer(options: WsServerOptions): WsServer {
  const { dispatch, log, tokens, logger, version } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const turn = createTurn();
  const { traffic = new Traffic() } = options;
  const views = new Views(log, turn, limits.maxSubscriptions, traffic);
  const refused = (reason: Reason, by: string | null): void => {
    traffic.refuse(reason);
    logger.info({ by, reason }, 'refused');
  };
  const context: ConnectionContext = {
    dispatch,
    log,
    tokens,
    limits,
    logger,
    version,
    views,
    turn,
    traffic,
    refused,
    inFlight: new InFlight(limits.maxInFlightOfAll),
    tickets: options.tickets ?? null,
  };
  const connections = new Set<Connection>();
  const wss = createBoundedServer(limits, {
    maxPayload: limits.maxMessageBytes,
    choose: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });
  const heartbeat = setInterval(() => {
    tokens.refresh();
    for (const connection of connections) connection.beat();
    views.bookmark();
  }, limits.heartbeatMs);
  let draining = false;

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, refuse: (status: number) => void): void {
    if (draining || connections.size >= limits.maxConnections) return refuse(503);
    const token = bearerOf(request);
    const grant = token === undefined ? null : tokens.verify(token);
    if (token !== undefined && grant === null) return refuse(401);
    wss.handleUpgrade(request, socket, head, (ws) => {
      if (ws.protocol === subprotocol) return open(ws, socket, grant);
      ws.on('error', (error) => logger.debug({ err: error }, 'broken connection'));
      traffic.close(closeCodes.subprotocol);
      ws.close(closeCodes.subprotocol, `offer the subprotocol ${subprotocol}`);
    });
  }

  function open(ws: WebSocket, socket: Duplex, grant: Grant | null): void {
    const connection = new Connection(context, ws, socket, grant);
    connections.add(connection);
    ws.on('close', () => connections.delete(connection));
  }

  async function drain(finishMs = limits.finishMs): Promise<void> {
    draining = true;
    clearInterval(heartbeat);
    await within(finishMs, Promise.all([...connections].map((connection) => connection.finish())));
    views.close('DRAINING');
    await closeAll(connections, limits.closeMs);
  }

  return {
    get connections() {
      return connections.size;
    },
    get subscriptions() {
      let count = 0;
      for (const connection of connections) count += connection.subscriptions.size;
      return count;
    },
    traffic,
    upgrade,
    drain,
  };
}
