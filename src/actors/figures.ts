import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import { Distribution, timeBounds } from '../distribution.ts';
import type { Counts } from '../persistence/store.ts';
import type { ActorEvent } from '../protocol/event.ts';
import { createTallies } from './tallies.ts';
import type { Tallies } from './tallies.ts';

/** Figures of fixed size about a running service: started from the store's counts, fed by committed events and answered requests. */

export interface MethodFigures {
  readonly count: number;
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The requests of one method. */
export interface Answers {
  /** How many by the reason of their refusal; `ok` for those that were not refused. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Seconds until they were answered. */
  readonly seconds: Distribution;
}

const answered = 'ok';

const rounded = (nanoseconds: number): number => Math.round(nanoseconds / 1e4) / 100;

class Method implements Answers {
  readonly reasons = new Map<string, number>();
  readonly seconds = new Distribution(timeBounds);
  readonly took: RecordableHistogram = createHistogram();

  get figures(): MethodFigures {
    const { took, reasons } = this;
    const { count } = took;
    const refused = count - (reasons.get(answered) ?? 0);
    return { count, refused, p50Ms: rounded(took.percentile(50)), p99Ms: rounded(took.percentile(99)), maxMs: rounded(took.max) };
  }
}

export class Figures {
  readonly #tallies: ReturnType<typeof createTallies>;
  readonly #methods = new Map<string, Method>();
  readonly #loop = monitorEventLoopDelay({ resolution: 20 });

  constructor(counts: Counts) {
    this.#tallies = createTallies(counts);
    this.#loop.enable();
  }

  /** What became durable together. */
  committed(events: readonly ActorEvent[]): void {
    this.#tallies.trigger.committed({ events });
  }

  /** A request was answered, or refused with the reason. */
  answered(method: string, ms: number, reason: string | null): void {
    let figures = this.#methods.get(method);
    if (figures === undefined) this.#methods.set(method, (figures = new Method()));
    const key = reason ?? answered;
    figures.reasons.set(key, (figures.reasons.get(key) ?? 0) + 1);
    figures.took.record(Math.max(1, Math.round(ms * 1e6)));
    figures.seconds.observe(ms / 1e3);
  }

  get tallies(): Tallies {
    return this.#tallies.get().context;
  }

  get methods(): Readonly<Record<string, MethodFigures>> {
    return Object.fromEntries([...this.#methods].map(([method, { figures }]) => [method, figures]));
  }

  get answers(): ReadonlyMap<string, Answers> {
    return this.#methods;
  }

  get eventLoop(): { readonly p50Ms: number; readonly p99Ms: number } {
    // An idle loop has no samples yet, which the histogram tells as NaN.
    const read = (percentile: number) => (this.#loop.count === 0 ? 0 : rounded(this.#loop.percentile(percentile)));
    return { p50Ms: read(50), p99Ms: read(99) };
  }

  close(): void {
    this.#loop.disable();
  }
}
