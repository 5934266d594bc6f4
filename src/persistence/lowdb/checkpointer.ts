import type { Measures } from './measures.ts';
import type { Problems } from './problems.ts';
import { messageOf } from './system-error.ts';

const firstPauseMs = 250;
const longestPauseMs = 30_000;

/** Runs one checkpoint at a time, and a failed one again until it succeeds. */
export interface Checkpointer {
  /** Whether a journal of this size is due. */
  isOutgrown(journalBytes: number): boolean;
  /** In the background, unless one runs or waits already. */
  request(): void;
  /** Waits for the one that runs, or runs one at once. Rejects when it fails; it is tried again in the background all the same. */
  run(): Promise<void>;
  /** Waits for the one that runs; none follows. */
  stop(): Promise<void>;
}

/**
 * @param options.write writes a checkpoint and resolves with its size
 * @param options.lastBytes size of the checkpoint that is there
 */
export function createCheckpointer(options: {
  readonly write: () => Promise<number>;
  readonly checkpointBytes: number;
  readonly lastBytes: number;
  readonly problems: Problems;
  readonly measures: Measures;
}): Checkpointer {
  const { write, checkpointBytes, problems, measures } = options;
  let { lastBytes } = options;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let pauseMs = firstPauseMs;
  let stopped = false;

  async function attempt(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const start = performance.now();
    try {
      lastBytes = await write();
      measures.checkpoints.observe((performance.now() - start) / 1e3);
      pauseMs = firstPauseMs;
      problems.settle('checkpoint');
    } catch (error) {
      measures.failedCheckpoints += 1;
      problems.raise('checkpoint', `the checkpoint failed and is tried again: ${messageOf(error)}`);
      if (!stopped) {
        timer = setTimeout(request, pauseMs).unref();
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
      throw error;
    }
  }

  function run(): Promise<void> {
    running ??= attempt().finally(() => {
      running = null;
    });
    return running;
  }

  function request(): void {
    if (stopped) return;
    // The failure is in the problems already.
    run().catch(() => {});
  }

  return {
    isOutgrown: (journalBytes) => journalBytes > Math.max(checkpointBytes, lastBytes),
    request() {
      if (timer === null) request();
    },
    run,
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await running?.catch(() => {});
    },
  };
}
