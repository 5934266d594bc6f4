import { join } from 'node:path';
import { createClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { loadRoles } from './config/roles.ts';
import { openTemplates } from './config/templates.ts';
import type { ArtifactId } from './ids.ts';
import type { Logger } from './logger.ts';
import { openLowdbStore } from './persistence/lowdb/store.ts';
import type { FailPoint } from './persistence/lowdb/fail-point.ts';
import type { Store } from './persistence/store.ts';
import type { RoleCatalogue } from './specialists/role.ts';
import { artifactRoute } from './transport/artifacts.ts';
import { healthRoutes } from './transport/health.ts';
import type { Health } from './transport/health.ts';
import { openHttp } from './transport/http.ts';
import type { HttpServer } from './transport/http.ts';
import { mcpRoutes } from './transport/mcp/routes.ts';
import { metricsRoute } from './transport/metrics/route.ts';
import { openTokens } from './transport/tokens.ts';
import type { Limits } from './transport/ws/limits.ts';
import { createWsServer } from './transport/ws/server.ts';
import type { WsServer } from './transport/ws/server.ts';
import { openArtifact } from './use-cases/artifact-access.ts';
import type { Observer } from './use-cases/dispatch.ts';
import { openService } from './use-cases/service.ts';
import type { Service } from './use-cases/service.ts';
import { version } from './version.ts';

/** The composition root: the only place that puts adapters together. */

export interface TroupeOptions {
  /** The data directory; made when it is not there. */
  readonly data: string;
  /** Default 127.0.0.1. Any other address needs `tls` or `insecure`. */
  readonly host?: string | undefined;
  /** Default 7420; 0 for any free one. */
  readonly port?: number | undefined;
  readonly allowHosts?: readonly string[] | undefined;
  readonly allowOrigins?: readonly string[] | undefined;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly insecure?: boolean | undefined;
  /** Ends the service after this long without a connection or request. */
  readonly idleExitMs?: number | undefined;
  readonly logger: Logger;
  readonly limits?: Partial<Limits> | undefined;
  readonly windowEvents?: number | undefined;
  readonly checkpointBytes?: number | undefined;
  /** How long leases outlive a start. Default 60 s. */
  readonly graceMs?: number | undefined;
  readonly failPoint?: FailPoint | undefined;
  /** Another store than the one in the data directory, which then holds tokens, roles and templates only. The service closes it. */
  readonly openStore?: ((clock: Clock) => Store | Promise<Store>) | undefined;
}

export interface Troupe {
  /** Where WebSocket clients connect. */
  readonly url: string;
  readonly http: string;
  readonly tokenFile: string;
  /** Drains and stops: in-flight work is answered, clients are told, everything is durable. */
  close(): Promise<void>;
  /** Resolves when the service has stopped, for whatever reason. */
  readonly closed: Promise<void>;
}

const slowMs = 1_000;
const artifactPageBytes = 65_536;

/** Every use case with its time: all of them at `debug`, refusals at `info`, slow ones as a warning. Never content. */
function observer(logger: Logger): Observer {
  return ({ method, ms: exactMs, by, reason }) => {
    const ms = Math.round(exactMs * 100) / 100;
    if (ms > slowMs && method !== 'task.claim') logger.warn({ method, ms, by, reason }, 'slow');
    else if (reason !== null) logger.info({ method, ms, by, reason }, 'refused');
    else logger.debug({ method, ms, by }, 'done');
  };
}

async function* pagesOf(store: Store, id: ArtifactId, bytes: number): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < bytes; offset += artifactPageBytes)
    yield await store.readArtifact(id, { offset, length: artifactPageBytes });
}

/** Starts a service: one data directory, one port. Rejects, with nothing changed on disk, when it can't have either. */
export async function createTroupe(options: TroupeOptions): Promise<Troupe> {
  // The port first: a service that can't be reached must not touch the directory.
  const http = await openHttp({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 7420,
    allowHosts: options.allowHosts ?? [],
    allowOrigins: options.allowOrigins ?? [],
    tls: options.tls,
    insecure: options.insecure ?? false,
    logger: options.logger,
  });
  try {
    return await behind(http, options);
  } catch (error) {
    await http.close(0);
    throw error;
  }
}

async function behind(http: HttpServer, options: TroupeOptions): Promise<Troupe> {
  const { data, logger } = options;
  const roles = await loadRoles(data);
  const clock = createClock();
  const store =
    (await options.openStore?.(clock)) ??
    (await openLowdbStore({
      directory: data,
      clock,
      owner: { address: http.origin },
      onProblem: (line) => logger.warn(line),
      ...(options.windowEvents === undefined ? {} : { windowEvents: options.windowEvents }),
      ...(options.checkpointBytes === undefined ? {} : { checkpointBytes: options.checkpointBytes }),
      ...(options.failPoint === undefined ? {} : { failPoint: options.failPoint }),
    }));
  try {
    return await over(store, roles, clock, http, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function over(store: Store, roles: RoleCatalogue, clock: Clock, http: HttpServer, options: TroupeOptions): Promise<Troupe> {
  const { data, logger } = options;
  const tokens = openTokens(data, { now: clock.now, onFault: (fault) => logger.error({ err: fault }, 'tokens') });
  const service = await openService({
    store,
    roles,
    templates: openTemplates(data),
    version,
    windowEvents: options.windowEvents,
    graceMs: options.graceMs,
    observe: observer(logger),
    onError: (error, what) => logger.error({ err: error }, what),
  });
  const ws = createWsServer({ dispatch: service.dispatch, log: service.log, tokens, logger, version, limits: options.limits });
  let draining = false;
  http.mount({
    tokens,
    routes: [
      ...healthRoutes(() => healthOf(store, service, ws, draining)),
      ...mcpRoutes({ dispatch: service.dispatch, log: service.log, tokens, logger, version, origin: http.origin }),
      metricsRoute({ services: service.services, http, ws }),
      artifactRoute(async (id, caller) => {
        const ref = await openArtifact(service.services, id, caller);
        return { ref, pages: pagesOf(store, id, ref.bytes) };
      }),
    ],
    upgrades: { '/ws': (request, socket, head, refuse) => ws.upgrade(request, socket, head, refuse) },
  });
  let end = () => {};
  const closed = new Promise<void>((resolve) => (end = resolve));
  const close = async () => {
    if (draining) return closed;
    draining = true;
    clearInterval(idle);
    await ws.drain();
    await http.close(1_000);
    await service.close();
    await store.close();
    end();
  };
  const { idleExitMs } = options;
  const idle = setInterval(() => {
    if (idleExitMs !== undefined && http.idleMs >= idleExitMs) void close();
  }, 250);
  idle.unref();
  return { url: `${http.origin.replace(/^http/, 'ws')}/ws`, http: http.origin, tokenFile: join(data, 'token'), close, closed };
}

function healthOf(store: Store, service: Service, ws: WsServer, draining: boolean): Health {
  const { writable, problems, quarantined } = store.health();
  const { figures, log, system, startedAt } = service.services;
  return {
    healthy: writable,
    ready: writable && !draining,
    facts: {
      version,
      uptimeMs: store.now() - startedAt,
      writable,
      problems: problems.length,
      quarantined,
      connections: ws.connections,
      commandsInFlight: system.inFlight,
      eventsInWindow: log.end - log.first,
      openTasks: figures.tallies.tasks.pending + figures.tallies.tasks.in_progress + figures.tallies.tasks.blocked,
      eventLoopP99Ms: figures.eventLoop.p99Ms,
    },
  };
}
