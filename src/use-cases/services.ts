import type { ActorSystem } from '../actors/system.ts';
import type { EventLog } from '../actors/event-log.ts';
import type { Figures } from '../actors/figures.ts';
import type { PausedSessions } from '../actors/paused-sessions.ts';
import type { Uploads } from '../actors/uploads.ts';
import type { Store } from '../persistence/store.ts';
import type { Input, MethodName, Output } from '../protocol/methods.ts';
import type { RoleCatalogue } from '../specialists/role.ts';
import type { TemplateLibrary } from '../templates/library.ts';
import type { Caller } from './caller.ts';
import type { Host } from './host.ts';

/** What the use cases work with. Made once, by the composition root. */
export interface Services {
  readonly system: ActorSystem;
  readonly store: Store;
  readonly log: EventLog;
  readonly figures: Figures;
  readonly paused: PausedSessions;
  readonly uploads: Uploads;
  readonly roles: RoleCatalogue;
  readonly templates: TemplateLibrary;
  /** What the service runs in; null where nothing can restart it. */
  readonly host: Host | null;
  readonly version: string;
  /** In milliseconds. */
  readonly startedAt: number;
}

/** One method of the protocol. Rejects with a TroupeError of the catalogue. */
export type Handler<M extends MethodName> = (services: Services, input: Input<M>, caller: Caller) => Promise<Output<M>>;

export type { EventLog, EventLogEntry } from '../actors/event-log.ts';
