import { createHistogram } from 'node:perf_hooks';

/** Times of requests, in as little memory as one of them takes. */
export class Times {
  readonly #histogram = createHistogram();

  /** Runs the request and counts its time when it was answered. */
  async of<T>(request: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const answer = await request();
    this.add(performance.now() - start);
    return answer;
  }

  add(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * 1_000)));
  }

  get count(): number {
    return this.#histogram.count;
  }

  /** Milliseconds; `share` from 0 to 1. */
  percentile(share: number): number {
    return this.count === 0 ? 0 : this.#histogram.percentile(share * 100) / 1_000;
  }

  get max(): number {
    return this.count === 0 ? 0 : this.#histogram.max / 1_000;
  }
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Calls `send` so often in a second, whether it is answered or not; what was late is made up for. Resolves when all is sent. */
export function pace(perSecond: number, seconds: number, send: (n: number) => void): Promise<void> {
  const start = performance.now();
  const total = Math.round(perSecond * seconds);
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * perSecond));
      while (sent < due) send(sent++);
      if (sent < total) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
}

/** Calls `look` at every interval until it is stopped; never twice at once. */
export function every(ms: number, look: () => Promise<void>): { stop(): Promise<void> } {
  let running: Promise<void> | null = null;
  const failures: unknown[] = [];
  const timer = setInterval(() => {
    running ??= look()
      .catch((error: unknown) => void failures.push(error))
      .finally(() => (running = null));
  }, ms);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
      if (failures.length > 0) throw new AggregateError(failures, 'could not look');
    },
  };
}

/** Rows under their headings, as a table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [
    head,
    head.map(() => '---'),
    ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toPrecision(4) : cell))),
  ];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`).join('\n');
}
