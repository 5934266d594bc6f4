import type { Clock } from './clock.ts';
import { openTemplates } from './config/templates.ts';
import type { ArtifactId } from './ids.ts';
import type { Logger } from './logger.ts';
import { openLowdbStore } from './persistence/lowdb/store.ts';
import type { Store } from './persistence/store.ts';
import type { TroupeOptions } from './server.ts';
import type { RoleCatalogue } from './specialists/role.ts';
import type { Tokens } from './transport/tokens.ts';
import { createWsServer } from './transport/ws/server.ts';
import type { WsServer } from './transport/ws/server.ts';
import type { Traffic } from './transport/ws/traffic.ts';
import type { Observer } from './use-cases/dispatch.ts';
import type { Host } from './use-cases/host.ts';
import { openService } from './use-cases/service.ts';
import type { Service } from './use-cases/service.ts';
import { version } from './version.ts';

/** What lives from one opening of the store to its closing. The port, the tokens and the counts of traffic outlive it. */
export interface Run {
  readonly store: Store;
  readonly service: Service;
  readonly ws: WsServer;
  /** Leaves everything durable. What is in flight should have been drained before. */
  close(): Promise<void>;
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

/** The store of the options, or that of the data directory. */
export async function openStore(options: TroupeOptions, clock: Clock, address: string): Promise<Store> {
  const { data, logger, windowEvents, checkpointBytes, failPoint } = options;
  if (options.openStore !== undefined) return options.openStore(clock);
  return openLowdbStore({
    directory: data,
    clock,
    owner: { address },
    onProblem: (line) => logger.warn(line),
    ...(windowEvents === undefined ? {} : { windowEvents }),
    ...(checkpointBytes === undefined ? {} : { checkpointBytes }),
    ...(failPoint === undefined ? {} : { failPoint }),
  });
}

export interface RunParts {
  readonly store: Store;
  readonly roles: RoleCatalogue;
  readonly tokens: Tokens;
  readonly traffic: Traffic;
  readonly host: Host;
}

/** Everything over an open store. */
export async function openRun(options: TroupeOptions, { store, roles, tokens, traffic, host }: RunParts): Promise<Run> {
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
  const ws = createWsServer({ dispatch: service.dispatch, log: service.log, tokens, logger, version, limits, traffic });
  return {
    store,
    service,
    ws,
    async close() {
      await service.close();
      await store.close();
    },
  };
}

/** The bytes of an artifact, page by page. */
export async function* pagesOf(store: Store, id: ArtifactId, bytes: number): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < bytes; offset += artifactPageBytes)
    yield await store.readArtifact(id, { offset, length: artifactPageBytes });
}
