import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import { createStore } from '@xstate/store';
import type { Counts } from '../persistence/store.ts';
import type { TaskEvent } from '../protocol/event.ts';
import { statuses } from '../protocol/values.ts';
import type { Status } from '../protocol/values.ts';

/** Figures of fixed size about a running service: started from the store's counts, fed by committed events and answered requests. */

interface Tallies {
  readonly tasks: Readonly<Record<Status, number>>;
  readonly projects: Readonly<Record<string, number>>;
  readonly events: number;
}

const isStatus = (value: unknown): value is Status => statuses.some((status) => status === value);

/** Counts of what is durable. */
function createTallies(counts: Counts) {
  const context: Tallies = { tasks: counts.byStatus, projects: counts.byProject, events: 0 };
  return createStore({
    context,
    on: {
      committed: (tallies: Tallies, { events }: { events: readonly TaskEvent[] }): Tallies => {
        const tasks = { ...tallies.tasks };
        const projects = { ...tallies.projects };
        for (const { type, project, data } of events) {
          const { status, from } = data;
          if (isStatus(from)) tasks[from]--;
          if (isStatus(status) && (isStatus(from) || type === 'task.created')) tasks[status]++;
          if (type === 'task.created') projects[project] = (Object.hasOwn(projects, project) ? (projects[project] ?? 0) : 0) + 1;
        }
        return { tasks, projects, events: tallies.events + events.length };
      },
    },
  });
}

export interface MethodFigures {
  readonly count: number;
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const rounded = (nanoseconds: number): number => Math.round(nanoseconds / 1e4) / 100;

export class Figures {
  readonly #tallies: ReturnType<typeof createTallies>;
  readonly #methods = new Map<string, { refused: number; readonly took: RecordableHistogram }>();
  readonly #loop = monitorEventLoopDelay({ resolution: 20 });

  constructor(counts: Counts) {
    this.#tallies = createTallies(counts);
    this.#loop.enable();
  }

  /** What became durable together. */
  committed(events: readonly TaskEvent[]): void {
    this.#tallies.trigger.committed({ events });
  }

  /** A request was answered. */
  answered(method: string, ms: number, refused: boolean): void {
    let figures = this.#methods.get(method);
    if (figures === undefined) this.#methods.set(method, (figures = { refused: 0, took: createHistogram() }));
    figures.took.record(Math.max(1, Math.round(ms * 1e6)));
    if (refused) figures.refused++;
  }

  get tallies(): Tallies {
    return this.#tallies.get().context;
  }

  get methods(): Readonly<Record<string, MethodFigures>> {
    return Object.fromEntries(
      [...this.#methods].map(([method, { refused, took }]) => [
        method,
        { count: took.count, refused, p50Ms: rounded(took.percentile(50)), p99Ms: rounded(took.percentile(99)), maxMs: rounded(took.max) },
      ]),
    );
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
