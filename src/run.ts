import { resolve } from 'node:path';
import type { Clock } from './clock.ts';
import { openTemplates } from './config/templates.ts';
import { Viewer } from './inspection/viewer.ts';
import type { Logger } from './logger.ts';
import { markElsewhere } from './persistence/lowdb/elsewhere.ts';
import { ownDirectory } from './persistence/lowdb/lock.ts';
import { openLowdbStore } from './persistence/lowdb/store.ts';
import type { Store } from './persistence/store.ts';
import type { ServiceOptions } from './server.ts';
import type { RoleCatalogue } from './specialists/role.ts';
import { createInspectServer } from './transport/inspect/server.ts';
import type { Inspection, InspectServer } from './transport/inspect/server.ts';
import { Tickets } from './transport/inspect/tickets.ts';
import type { Tokens } from './transport/tokens.ts';
import { defaultLimits } from './transport/ws/limits.ts';
import { createWsServer } from './transport/ws/server.ts';
import type { WsServer } from './transport/ws/server.ts';
import type { Traffic } from './transport/ws/traffic.ts';
import type { Observer } from './use-cases/dispatch.ts';
import type { Host } from './use-cases/host.ts';
import { requireInspectable } from './use-cases/inspect.ts';
import { openService } from './use-cases/service.ts';
import type { Service } from './use-cases/service.ts';
import type { Services } from './use-cases/services.ts';
import { version } from './version.ts';

/** What lives from one opening of the store to its closing. The port, the tokens and the counts of traffic outlive it. */
export interface Run {
  readonly store: Store;
  readonly service: Service;
  readonly ws: WsServer;
  readonly inspect: InspectServer;
  /** Leaves everything durable. What is in flight should have been drained before. */
  close(): Promise<void>;
}

const slowMs = 1_000;

/** Every use case with its time: all of them at `debug`, refusals at `info`, slow ones as a warning. Never content. */
function observer(logger: Logger): Observer {
  return ({ method, ms: exactMs, by, reason }) => {
    const ms = Math.round(exactMs * 100) / 100;
    if (ms > slowMs && method !== 'task.claim') logger.warn({ method, ms, by, reason }, 'slow');
    else if (reason !== null) logger.info({ method, ms, by, reason }, 'refused');
    else logger.debug({ method, ms, by }, 'done');
  };
}

/** The store of the options, or that of the data directory, which is this process's own until the store is closed. */
export async function openStore(options: ServiceOptions, clock: Clock, address: string): Promise<OwnedStore> {
  const { data, logger, windowEvents, checkpointBytes, failPoint } = options;
  if (options.openStore !== undefined) {
    const lock = await ownDirectory(data, { clock, address });
    try {
      const store = await options.openStore(clock);
      if (store.kind === 'postgres') await markElsewhere(resolve(data), store.kind);
      return { store, release: () => lock.release() };
    } catch (error) {
      await lock.release();
      throw error;
    }
  }
  const store = await openLowdbStore({
    directory: data,
    clock,
    owner: { address },
    onProblem: (line) => logger.warn(line),
    ...(windowEvents === undefined ? {} : { windowEvents }),
    ...(checkpointBytes === undefined ? {} : { checkpointBytes }),
    ...(failPoint === undefined ? {} : { failPoint }),
  });
  // It holds the lock itself.
  return { store, release: async () => {} };
}

export interface OwnedStore {
  readonly store: Store;
  /** Gives up the data directory, after the store was closed. */
  readonly release: () => Promise<void>;
}

export interface RunParts extends OwnedStore {
  readonly roles: RoleCatalogue;
  readonly tokens: Tokens;
  readonly traffic: Traffic;
  readonly host: Host;
}

/** Everything over an open store. */
export async function openRun(options: ServiceOptions, { store, release, roles, tokens, traffic, host }: RunParts): Promise<Run> {
  const { logger, windowEvents, graceMs, limits } = options;
  const service = await openService({
    store,
    roles,
    templates: openTemplates(options.data),
    host,
    version,
    windowEvents,
    graceMs,
    observe: observer(logger),
    onError: (error, what) => logger.error({ err: error }, what),
  });
  const tickets = new Tickets({ now: () => store.now(), lifeMs: limits?.ticketMs ?? defaultLimits.ticketMs });
  const ws = createWsServer({ dispatch: service.dispatch, log: service.log, tokens, tickets, logger, version, limits, traffic });
  const inspection = inspectionOf(service.services);
  return {
    store,
    service,
    ws,
    inspect: createInspectServer({ inspection, tokens, tickets, logger, limits, traffic }),
    async close() {
      await service.close();
      await store.close();
      await release();
    },
  };
}

const inspectionOf = (services: Services): Inspection => ({
  check: (asked, caller) => requireInspectable(services, asked, caller),
  view: (asked, caller, inspector) => new Viewer(services, asked, caller, inspector),
});
