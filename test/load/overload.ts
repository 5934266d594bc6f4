import { RefusedError } from '../support/client.ts';
import { capacity } from './mix.ts';
import type { Served } from './serve.ts';
import { every, pace, Times } from './times.ts';
import { CutError, Wire } from './wire.ts';

/** More than the service can do, for a while: requests are sent by the clock, whether those before them are answered or not. */

export interface OverloadOptions {
  readonly served: Served;
  readonly connections: number;
  /** Of the capacity that is measured first, with as many connections. */
  readonly share: number;
  readonly seconds: number;
}

export interface Overloaded {
  readonly capacity: number;
  readonly offered: number;
  readonly sent: number;
  readonly answered: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Requests that a connection took with it, and how connections were closed. */
  readonly cut: number;
  readonly closes: readonly number[];
  /** What was seen at most: in the service, and unanswered in all. */
  readonly maxInFlight: number;
  readonly maxWaiting: number;
  readonly rss: { readonly before: number; readonly most: number; readonly after: number };
  readonly times: { readonly before: Times; readonly during: Times; readonly after: Times };
}

const targets = 500;

export async function overload({ served, connections, share, seconds }: OverloadOptions): Promise<Overloaded> {
  const watch = await Wire.connect(served, { worker: 'watch' });
  const wires = await Promise.all(Array.from({ length: connections }, (_, index) => Wire.connect(served, { worker: `w${index}` })));
  const closes: number[] = [];
  for (const wire of wires) void wire.closed.then((code) => closes.push(code));
  const tasks = Array.from({ length: targets }, (_, index) => ({ title: `Edited ${index}`, ref: `r${index}` }));
  const planned = await watch.ask('task.plan', { title: 'Edited often', tasks });
  const ids = Object.values(planned.tasks);
  const rssOf = async () => (await watch.ask('system.status', {})).memory.rssBytes;
  let n = 0;
  const edit = async (lane = n): Promise<void> => {
    const [wire, taskId] = [wires[lane % wires.length], ids[n % ids.length]];
    n += 1;
    if (wire !== undefined && taskId !== undefined) await wire.ask('task.edit', { taskId, set: { title: `Edited ${n}` } });
  };
  /** One command after another. */
  const calm = async (): Promise<Times> => {
    const times = new Times();
    for (let count = 0; count < 100; count++) await times.of(() => edit());
    return times;
  };

  // Not so many that one is refused.
  const lanes = Math.min(connections * 48, 256);
  await capacity(edit, lanes, seconds / 2);
  const most = await capacity(edit, lanes, seconds / 2);
  const [quiet, before] = [await calm(), await rssOf()];
  let [maxInFlight, maxWaiting, rss, waiting, sent, answered, cut] = [0, 0, before, 0, 0, 0, 0];
  const refused: Record<string, number> = {};
  const during = new Times();
  const looking = every(100, async () => {
    const [{ commandsInFlight }, bytes] = [await served.health(), await rssOf()];
    maxInFlight = Math.max(maxInFlight, commandsInFlight);
    rss = Math.max(rss, bytes);
  });
  const pending = new Set<Promise<void>>();
  const start = performance.now();
  const send = async (): Promise<void> => {
    sent += 1;
    waiting += 1;
    maxWaiting = Math.max(maxWaiting, waiting);
    try {
      await during.of(() => edit());
      answered += 1;
    } catch (error) {
      if (error instanceof RefusedError) refused[error.reason] = (refused[error.reason] ?? 0) + 1;
      else if (error instanceof CutError) cut += 1;
      else throw error;
    }
    waiting -= 1;
  };
  await pace(most * share, seconds, () => {
    const one = send();
    pending.add(one);
    void one.finally(() => pending.delete(one));
  });
  const offered = sent / ((performance.now() - start) / 1_000);
  await Promise.all(pending);
  await looking.stop();
  const after = await calm();
  return {
    capacity: most,
    offered,
    sent,
    answered,
    refused,
    cut,
    closes,
    maxInFlight,
    maxWaiting,
    rss: { before, most: rss, after: await rssOf() },
    times: { before: quiet, during, after },
  };
}

export function told({ capacity: most, offered, times, rss, ...rest }: Overloaded): string {
  const MiB = (bytes: number) => `${(bytes / 1_024 ** 2).toFixed(0)} MiB`;
  const ms = (time: Times) => `${time.percentile(0.5).toFixed(1)}/${time.percentile(0.99).toFixed(1)} ms`;
  return [
    `capacity ${most.toFixed(0)} commands/s, offered ${offered.toFixed(0)}: ${rest.answered} of ${rest.sent} answered, ${rest.cut} cut, refused ${JSON.stringify(rest.refused)}`,
    `at most ${rest.maxInFlight} in flight in the service, ${rest.maxWaiting} unanswered`,
    `p50/p99 before ${ms(times.before)}, during ${ms(times.during)}, after ${ms(times.after)}`,
    `resident memory before ${MiB(rss.before)}, at most ${MiB(rss.most)}, after ${MiB(rss.after)}`,
  ].join('\n');
}
