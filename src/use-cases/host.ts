import type { Connections, Restarts } from '../protocol/methods.ts';

/** What a service runs in: it outlives the store that is opened, closed and opened again under it. */
export interface Host {
  /** What the transports measured. */
  connections(): Connections;
  restarts(): Restarts;
  /**
   * Looks whether the service can be restarted and, unless it was only asked that, begins with it when the answer is on its way.
   * RESTART_REFUSED, with nothing changed, when something would keep it from coming back.
   */
  restart(request: RestartRequest): Promise<RestartAnswer>;
}

export interface RestartRequest {
  readonly commandId: string | null;
  readonly by: string;
  readonly reason: string;
  /** Whether requests in flight are answered first. */
  readonly graceful: boolean;
  /** How long they may take. */
  readonly timeoutMs: number;
  readonly dryRun: boolean;
}

export interface RestartAnswer {
  /** How many roles were read. */
  readonly roles: number;
  /** Null when it was only asked whether. */
  readonly restart: Restarts['history'][number] | null;
  /** The same command began this restart before. */
  readonly repeated?: true;
}
