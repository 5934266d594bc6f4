import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { createClock } from './clock.ts';
import { loadRoles } from './config/roles.ts';
import { TroupeError } from './errors.ts';
import { contentOf } from './persistence/content.ts';
import type { Connections, Restarts } from './protocol/methods.ts';
import { RestartHistory } from './restarts.ts';
import { openRun, openStore } from './run.ts';
import type { Run } from './run.ts';
import type { ServiceOptions } from './server.ts';
import type { RoleCatalogue } from './specialists/role.ts';
import { artifactRoute } from './transport/artifacts.ts';
import { asyncApiRoute } from './transport/asyncapi.ts';
import { healthRoutes } from './transport/health.ts';
import type { Health } from './transport/health.ts';
import type { HttpServer, Route } from './transport/http.ts';
import { mcpRoutes } from './transport/mcp/routes.ts';
import { metricsRoute } from './transport/metrics/route.ts';
import { pageRoutes } from './transport/page.ts';
import { openTokens } from './transport/tokens.ts';
import type { Tokens } from './transport/tokens.ts';
import { Traffic } from './transport/ws/traffic.ts';
import { openArtifact } from './use-cases/artifact-access.ts';
import type { Host, RestartAnswer, RestartRequest } from './use-cases/host.ts';
import { version } from './version.ts';

const httpGraceMs = 1_000;
/** Before each further try to open a store that could not be opened. */
const openPausesMs: readonly number[] = [100, 200, 400, 800, 1_600, 3_200];

/** Built by `npm run build:page`; the same place seen from `src/` and from `dist/`. */
const builtPage = fileURLToPath(new URL('../dist/dashboard/', import.meta.url));

/** What lives as long as the process: the port, the tokens, and one run after the other. */
export class ServiceHost implements Host {
  /** Resolves when the service has stopped; rejects when a restart could not open the store again. */
  readonly closed: Promise<void>;
  readonly #options: ServiceOptions;
  readonly #http: HttpServer;
  readonly #clock = createClock();
  readonly #traffic = new Traffic();
  readonly #history = new RestartHistory(this.#clock);
  /** What does not change from run to run: the page and the protocol. */
  readonly #files: readonly Route[];
  #tokens: Tokens | null = null;
  #run: Run | null = null;
  #phase: Restarts['phase'] = 'running';
  /** From the question whether it can be restarted on. */
  #isAsked = false;
  #restarting: Promise<void> = Promise.resolve();
  #end: (error?: Error) => void = () => {};

  private constructor(http: HttpServer, options: ServiceOptions) {
    this.#http = http;
    this.#options = options;
    this.#files = [...pageRoutes(options.page ?? builtPage), asyncApiRoute({ version, origin: http.origin })];
    this.closed = new Promise((resolve, reject) => {
      this.#end = (error) => (error === undefined ? resolve() : reject(error));
    });
    // Whoever started the service need not listen.
    this.closed.catch(() => {});
  }

  /** Rejects, with nothing changed on disk, when the directory can't be had or a role can't be read. */
  static async open(http: HttpServer, options: ServiceOptions): Promise<ServiceHost> {
    const host = new ServiceHost(http, options);
    await host.#open(await loadRoles(options.data));
    return host;
  }

  get phase(): Restarts['phase'] {
    return this.#phase;
  }

  connections(): Connections {
    const { resumed, gone, closed } = this.#traffic;
    const { connections = 0, subscriptions = 0 } = this.#run?.ws ?? {};
    return { open: connections, subscriptions, resumed, gone, closed: Object.fromEntries(closed) };
  }

  restarts(): Restarts {
    return { phase: this.#phase, history: this.#history.all };
  }

  async restart(request: RestartRequest): Promise<RestartAnswer> {
    const before = this.#history.of(request);
    if (before !== undefined) return { roles: this.#run?.service.services.roles.list().length ?? 0, restart: before, repeated: true };
    if (this.#isAsked || this.#phase !== 'running')
      throw new TroupeError('RESTART_REFUSED', this.#phase === 'stopping' ? 'the service stops' : 'the service restarts already', {
        fix: 'wait until it is over',
      });
    this.#isAsked = true;
    try {
      const roles = await this.#readRoles(request);
      if (request.dryRun) return { roles: roles.list().length, restart: null };
      const restart = this.#history.begin(request);
      this.#phase = 'draining';
      this.#restarting = this.#restart(request, roles);
      return { roles: roles.list().length, restart };
    } finally {
      this.#isAsked = false;
    }
  }

  /** Drains and stops: in-flight work is answered, clients are told, everything is durable. */
  async close(): Promise<void> {
    if (this.#phase === 'stopping' || this.#phase === 'failed') return this.#ended();
    // A restart goes to its end first: to stop in the middle of it would be one more way to stop.
    await this.#restarting;
    if (this.#phase !== 'running') return this.#ended();
    this.#phase = 'stopping';
    await this.#drain();
    await this.#http.close(httpGraceMs);
    await this.#run?.close();
    this.#end();
  }

  /** Why it ended is for those who ask `closed`. */
  async #ended(): Promise<void> {
    await Promise.allSettled([this.closed]);
  }

  /** Clients come back, and those that saw what is gone are told to list again. */
  async #openAnew(run: Run, reason: string): Promise<void> {
    if (run !== this.#run || this.#phase !== 'running') return;
    try {
      await this.restart({ commandId: null, by: 'troupe', reason, graceful: false, timeoutMs: 0, dryRun: false });
    } catch (error) {
      this.#options.logger.error({ err: error }, reason);
      await this.close();
    }
  }

  /** Broken roles are found before anything is stopped, so the service goes on with the old ones. */
  async #readRoles(request: RestartRequest): Promise<RoleCatalogue> {
    try {
      return await loadRoles(this.#options.data);
    } catch (error) {
      const message = `the service goes on with its old roles: ${messageOf(error)}`;
      if (!request.dryRun) {
        this.#history.begin(request);
        this.#history.move('refused', message);
      }
      throw new TroupeError('RESTART_REFUSED', message);
    }
  }

  async #restart({ graceful, timeoutMs, reason, by }: RestartRequest, roles: RoleCatalogue): Promise<void> {
    const { logger } = this.#options;
    logger.info({ reason, by }, 'restarting');
    try {
      await this.#drain(graceful ? timeoutMs : 0);
      this.#enter('closing');
      await this.#http.unmount(httpGraceMs);
      await this.#run?.close();
      this.#enter('opening');
      await this.#openAgain(roles);
      this.#phase = 'running';
      this.#history.move('done');
      logger.info({ reason, by }, 'restarted');
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** Those who only look on go first: what work in flight still does, they see when they come back. */
  async #drain(finishMs?: number): Promise<void> {
    await Promise.all([this.#run?.inspect.drain(), this.#run?.ws.drain(finishMs)]);
  }

  #enter(phase: 'closing' | 'opening'): void {
    this.#phase = phase;
    this.#history.move(phase);
  }

  /** What is transient passes; the rest ends the service, since one that answers nothing is worse than none. */
  async #openAgain(roles: RoleCatalogue): Promise<void> {
    for (const pauseMs of openPausesMs) {
      try {
        return await this.#open(roles);
      } catch (error) {
        if (!(error instanceof TroupeError) || !error.retryable) throw error;
        this.#options.logger.warn({ err: error }, 'the store could not be opened and is tried again');
      }
      await pause(pauseMs);
    }
    await this.#open(roles);
  }

  async #fail(cause: unknown): Promise<void> {
    const message = `the restart failed, so the service ends: ${messageOf(cause)}`;
    this.#options.logger.error({ err: cause }, message);
    this.#phase = 'failed';
    this.#history.move('failed', message);
    await this.#http.close(0);
    await Promise.allSettled([this.#run?.close()]);
    this.#end(new Error(message, { cause }));
  }

  async #open(roles: RoleCatalogue): Promise<void> {
    const options = this.#options;
    const owned = await openStore(options, this.#clock, this.#http.origin);
    try {
      // After the lock: another owner's tokens are not ours to make.
      const onFault = (fault: Error) => options.logger.error({ err: fault }, 'tokens');
      const tokens = (this.#tokens ??= openTokens(options.data, { now: this.#clock.now, onFault }));
      const run = await openRun(options, { ...owned, roles, tokens, traffic: this.#traffic, host: this });
      this.#run = run;
      this.#mount(run, tokens);
      void run.store.outdated?.then((reason) => this.#openAnew(run, reason));
    } catch (error) {
      await owned.store.close();
      await owned.release();
      throw error;
    }
  }

  #mount({ store, service, ws, inspect }: Run, tokens: Tokens): void {
    const { services } = service;
    this.#http.mount({
      tokens,
      routes: [
        ...this.#files,
        ...healthRoutes(() => this.#healthOf({ store, service, ws })),
        ...mcpRoutes({
          dispatch: service.dispatch,
          log: service.log,
          tokens,
          logger: this.#options.logger,
          version,
          origin: this.#http.origin,
        }),
        metricsRoute({ services, http: this.#http, ws, inspect }),
        artifactRoute(async (id, caller) => {
          const ref = await openArtifact(services, id, caller);
          return { ref, pages: contentOf(store, ref) };
        }),
      ],
      upgrades: { '/ws': ws.upgrade, '/inspect': inspect.upgrade },
    });
  }

  #healthOf({ store, service, ws }: Pick<Run, 'store' | 'service' | 'ws'>): Health {
    const { writable, problems, quarantined } = store.health();
    const { figures, log, system, startedAt } = service.services;
    return {
      healthy: writable,
      ready: writable && this.#phase === 'running',
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
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
