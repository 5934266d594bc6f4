import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { IntervalHistogram } from 'node:perf_hooks';
import { createClock } from '../../src/clock.ts';
import { openLowdbStore } from '../../src/persistence/lowdb/store.ts';
import { startService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import type { Answers, Memory, Stalls } from './inside.ts';

/** A process that opens a data directory and is asked about what only the process itself can know. */

const [directory = ''] = process.argv.slice(2);

function memory(): Memory {
  for (let n = 0; n < 3; n++) global.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers, rss };
}

const stallsOf = (histogram: IntervalHistogram, ms: number): Stalls => ({
  ms,
  p50: histogram.percentile(50) / 1e6,
  p99: histogram.percentile(99) / 1e6,
  max: histogram.max / 1e6,
});

/** Watches the event loop while the work goes on, with a small command every few milliseconds. */
async function watched(service: TestService, taskIds: readonly `t_${string}`[], work: () => Promise<void>): Promise<Stalls> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  let n = 0;
  const commands = setInterval(() => {
    const taskId = taskIds[n++ % taskIds.length];
    if (taskId !== undefined) service.ask('task.edit', { taskId, set: { priority: 1 + (n % 10) } }).catch(() => {});
  }, 5);
  histogram.enable();
  const start = performance.now();
  await work();
  histogram.disable();
  clearInterval(commands);
  return stallsOf(histogram, performance.now() - start);
}

const before = memory();
const start = performance.now();
const store = await openLowdbStore({ directory, clock: createClock() });
const service = await startService({ store });
const openMs = performance.now() - start;

const answers: { readonly [A in keyof Answers]: () => Answers[A] | Promise<Answers[A]> } = {
  opened: () => ({ openMs, before }),
  memory,
  stalls: async () => {
    const { items } = await service.ask('task.ready', { limit: 500 });
    const ids = items.map(({ id }) => id);
    const first = await watched(service, ids, () => store.checkpoint());
    const quiet = await watched(service, ids, () => new Promise((resolve) => void setTimeout(resolve, first.ms)));
    const later = await watched(service, ids, () => store.checkpoint());
    return { first, quiet, later };
  },
  close: async () => {
    await service.close();
    await store.close();
    return null;
  },
};

process.on('message', (asked: keyof Answers) => {
  void (async () => process.send?.({ asked, answer: await answers[asked]() }))();
});
