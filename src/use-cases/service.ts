import { openEventLog } from '../actors/event-log.ts';
import type { EventLog } from '../actors/event-log.ts';
import { Figures } from '../actors/figures.ts';
import { PausedSessions } from '../actors/paused-sessions.ts';
import { ActorSystem } from '../actors/system.ts';
import { Timers } from '../actors/timers.ts';
import { Uploads } from '../actors/uploads.ts';
import { defaults } from '../protocol/defaults.ts';
import type { Store } from '../persistence/store.ts';
import type { RoleCatalogue } from '../specialists/role.ts';
import type { TemplateLibrary } from '../templates/library.ts';
import { createDispatch } from './dispatch.ts';
import type { Dispatch, Observer } from './dispatch.ts';
import type { Host } from './host.ts';
import type { Services } from './services.ts';

export interface ServiceOptions {
  readonly store: Store;
  readonly roles: RoleCatalogue;
  readonly templates: TemplateLibrary;
  /** What the service runs in, when something can restart it. */
  readonly host?: Host | undefined;
  readonly version: string;
  /** Events kept for those that reconnect. Default 10,000. */
  readonly windowEvents?: number | undefined;
  /** Tasks kept in memory beside the store's records. Default 10,000. */
  readonly residentLimit?: number | undefined;
  /** How long a command waits before it is run again after each commit that failed. Default 1.26 s in seven steps. */
  readonly retryPausesMs?: readonly number[] | undefined;
  /** How long leases outlive a start. Default 60 s. */
  readonly graceMs?: number | undefined;
  /** How often time is looked at. Default 250 ms. */
  readonly pollMs?: number | undefined;
  readonly observe?: Observer | undefined;
  /** Faults that no caller waits for. */
  readonly onError?: ((error: unknown, what: string) => void) | undefined;
}

export interface Service {
  readonly dispatch: Dispatch;
  readonly log: EventLog;
  readonly timers: Timers;
  readonly services: Services;
  /** Stops the timers and waits for what is in flight. The store stays open: whoever opened it closes it. */
  close(): Promise<void>;
}

/** Everything but transports and adapters: the use cases over one store. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { store, roles, templates, version, onError } = options;
  const system = new ActorSystem({
    store,
    ...(options.residentLimit === undefined ? {} : { residentLimit: options.residentLimit }),
    ...(options.retryPausesMs === undefined ? {} : { retryPausesMs: options.retryPausesMs }),
    onUnreadable: (record, reason) => onError?.(new Error(reason), `${record.kind} ${record.id} can't be restored`),
  });
  const log = await openEventLog(store, { windowEvents: options.windowEvents ?? defaults.windowEvents });
  // In one breath: the counts are of what the log had shown when they were asked for.
  let counted = log.end;
  const figures = new Figures(await store.counts('log'));
  const follow = (): void => {
    const events = [];
    for (counted = Math.max(counted, log.first); counted < log.end; counted++) events.push(log.at(counted).event);
    figures.committed(events);
    if (!store.ordered) for (const event of events) system.standing.overtaken(event);
  };
  follow();
  log.onAppend(follow);
  const paused = await PausedSessions.open(store);
  const timers = new Timers({
    system,
    store,
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
    ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    onError: (error) => onError?.(error, 'a timer failed'),
  });
  const services: Services = {
    system,
    store,
    log,
    figures,
    paused,
    uploads: new Uploads({ store }),
    roles,
    templates,
    host: options.host ?? null,
    version,
    startedAt: store.now(),
  };
  timers.start();
  return {
    dispatch: createDispatch(services, options.observe),
    log,
    timers,
    services,
    close: async () => {
      await timers.stop();
      await system.idle();
      paused.close();
      log.close();
      figures.close();
    },
  };
}
