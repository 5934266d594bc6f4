import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TroupeError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { methods } from '../../protocol/methods.ts';
import type { Caller } from '../../use-cases/caller.ts';
import { faultFor } from '../fault.ts';
import { bearerOf } from '../gate.ts';
import type { Grant, Tokens } from '../tokens.ts';
import { createBoundedServer } from '../ws/bounded-server.ts';
import { closeAll } from '../ws/close-all.ts';
import { defaultLimits } from '../ws/limits.ts';
import type { Limits } from '../ws/limits.ts';
import type { Traffic } from '../ws/traffic.ts';
import { createTurn } from '../ws/turn.ts';
import { Inspector } from './inspector.ts';
import type { InspectorContext, Viewing } from './inspector.ts';
import { readQuery } from './query.ts';
import type { Asked } from './query.ts';
import type { Tickets } from './tickets.ts';

/** Shows a caller what it asked for. */
export interface Inspection {
  /** Refuses what the caller may not see. */
  check(asked: Asked, caller: Caller): Promise<void>;
  view(asked: Asked, caller: Caller, inspector: Pick<Inspector, 'text' | 'ready'>): Viewing;
}

export interface InspectServerOptions {
  readonly inspection: Inspection;
  readonly tokens: Tokens;
  readonly tickets: Tickets;
  readonly logger: Logger;
  readonly limits?: Partial<Limits> | undefined;
  readonly traffic: Traffic;
}

export interface InspectServer {
  /** Open ones. */
  readonly inspectors: number;
  /** Takes an upgrade that passed the gate. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, refuse: (status: number) => void): void;
  /** Closes every inspector with 1012. Takes no new ones from the start. */
  drain(): Promise<void>;
}

/** Receivers have nothing to say; a ping and a few words are let pass. */
const maxPayload = 4_096;

/** The WebSocket at `/inspect`. */
export function createInspectServer(options: InspectServerOptions): InspectServer {
  const { inspection, tokens, tickets, logger, traffic } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const context: InspectorContext = { tokens, limits, logger, traffic, turn: createTurn() };
  const inspectors = new Set<Inspector>();
  const wss = createBoundedServer(limits, { maxPayload, choose: () => false });
  let heartbeat: NodeJS.Timeout | undefined;
  let opening = 0;
  let draining = false;

  function beat(): void {
    tokens.refresh();
    for (const inspector of inspectors) inspector.beat();
  }

  const isFull = (): boolean => draining || inspectors.size + opening >= limits.maxInspectors;

  /** The header counts more than a ticket; a ticket is spent with the first look at it. */
  function grantOf(request: IncomingMessage, ticket: string | null): Grant | null {
    const token = bearerOf(request);
    if (token !== undefined) return tokens.verify(token);
    const grant = ticket === null ? null : tickets.use(ticket);
    if (grant === null) return null;
    tokens.refresh();
    return tokens.holds(grant) ? grant : null;
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, refuse: (status: number) => void): void {
    if (isFull()) return refuse(503);
    const { ticket, asked } = readQuery(request);
    const grant = grantOf(request, ticket);
    if (grant === null) return refuse(401);
    const { scope } = methods['inspection.ticket'];
    if (!grant.scopes.includes(scope)) return refuse(403);
    if (asked === null) return refuse(400);
    const caller: Caller = { name: grant.name, scopes: [scope], projects: grant.projects };
    void admit(asked, caller, refuse, socket, () =>
      wss.handleUpgrade(request, socket, head, (ws) =>
        open(new Inspector(context, ws, socket, grant, (inspector) => inspection.view(asked, caller, inspector))),
      ),
    );
  }

  /** The look at the records takes a moment, in which the socket is nobody's. */
  async function admit(asked: Asked, caller: Caller, refuse: (status: number) => void, socket: Duplex, enter: () => void): Promise<void> {
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    opening += 1;
    try {
      await inspection.check(asked, caller);
      if (draining) return refuse(503);
      socket.off('error', onError);
      enter();
    } catch (error) {
      refuse(statusOf(faultFor(error, { logger, method: 'inspect' })));
    } finally {
      opening -= 1;
    }
  }

  function open(inspector: Inspector): void {
    inspectors.add(inspector);
    // Without inspectors there is nothing to look after.
    heartbeat ??= setInterval(beat, limits.heartbeatMs);
    void inspector.gone.then(() => {
      inspectors.delete(inspector);
      if (inspectors.size === 0) stop();
    });
  }

  function stop(): void {
    clearInterval(heartbeat);
    heartbeat = undefined;
  }

  return {
    get inspectors() {
      return inspectors.size;
    },
    upgrade,
    async drain() {
      draining = true;
      await closeAll(inspectors, limits.closeMs);
      stop();
    },
  };
}

const statusOf = ({ code }: TroupeError): number => (code >= 400 ? code : 500);
