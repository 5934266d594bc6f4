import { formatTime } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Restart, Restarts } from './protocol/methods.ts';
import type { RestartRequest } from './use-cases/host.ts';

/** What became of the restarts of a process, as long as it lives. */

const remembered = 20;
const errorLength = 500;

export class RestartHistory {
  readonly #clock: Clock;
  #records: readonly { readonly commandId: string | null; readonly by: string; readonly restart: Restart; readonly startedAt: number }[] =
    [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get all(): Restarts['history'] {
    return this.#records.map(({ restart }) => restart);
  }

  begin({ commandId, by, reason, graceful, timeoutMs }: RestartRequest): Restart {
    const startedAt = this.#clock.now();
    const restart: Restart = {
      startedAt: formatTime(startedAt),
      endedAt: null,
      durationMs: null,
      by,
      reason,
      graceful,
      timeoutMs,
      phase: 'draining',
      error: null,
    };
    this.#records = [{ commandId, by, restart, startedAt }, ...this.#records].slice(0, remembered);
    return restart;
  }

  /** The newest one has come to its next phase, or to its end. */
  move(phase: Restart['phase'], error: string | null = null): void {
    const [newest, ...older] = this.#records;
    if (newest === undefined) return;
    const ended = phase === 'done' || phase === 'refused' || phase === 'failed';
    const now = this.#clock.now();
    const end = ended ? { endedAt: formatTime(now), durationMs: now - newest.startedAt } : {};
    const restart = { ...newest.restart, ...end, phase, error: error?.slice(0, errorLength).toWellFormed() ?? null };
    this.#records = [{ ...newest, restart }, ...older];
  }

  /** The restart that the command began before. */
  of({ commandId, by }: RestartRequest): Restart | undefined {
    if (commandId === null) return undefined;
    return this.#records.find((record) => record.commandId === commandId && record.by === by)?.restart;
  }
}
