import type { Served } from './serve.ts';
import { Wire } from './wire.ts';

/** Many connections at once: each says hello, subscribes and sends one command. */
export interface Crowd {
  readonly wires: readonly Wire[];
  /** Those that were closed, by the close code or the way in which they ended. */
  readonly cut: number[];
  /** Bytes of the service's resident memory for each connection that only waits. */
  readonly bytesEach: number;
  /** Resolves when every connection has seen so many heartbeats. */
  heartbeats(count: number, deadlineMs: number): Promise<void>;
}

const rssOf = async (wire: Wire): Promise<number> => (await wire.ask('system.status', {})).memory.rssBytes;

export async function gather(served: Served, count: number): Promise<Crowd> {
  const watch = await Wire.connect(served, { worker: 'watch' });
  const { task } = await watch.ask('task.create', { title: 'Noted by all' });
  const before = await rssOf(watch);
  const cut: number[] = [];
  const seen = new Map<number, number>();
  let noticed = (): void => {};
  const wires = await Promise.all(
    Array.from({ length: count - 1 }, async (_, index) => {
      const wire = await Wire.connect(served, {
        worker: `w${index}`,
        onBookmark: () => {
          seen.set(index, (seen.get(index) ?? 0) + 1);
          noticed();
        },
      });
      void wire.closed.then((code) => cut.push(code));
      return wire;
    }),
  );
  await Promise.all(wires.map((wire) => wire.ask('events.subscribe', { filter: { taskId: task.id } })));
  const after = await rssOf(watch);
  // A task takes 100 notes; the others go to tasks of their own.
  await Promise.all(wires.map((wire, index) => wire.ask('task.create', { commandId: `one-${index}`, title: `One of ${index}` })));
  return {
    wires: [watch, ...wires],
    cut,
    bytesEach: (after - before) / (count - 1),
    heartbeats: (wanted, deadlineMs) =>
      new Promise((resolve, reject) => {
        const slowest = () => Math.min(...wires.map((_, index) => seen.get(index) ?? 0));
        const timer = setTimeout(() => reject(new Error(`${slowest()} heartbeats within ${deadlineMs} ms`)), deadlineMs);
        noticed = () => {
          if (slowest() < wanted) return;
          clearTimeout(timer);
          noticed = () => {};
          resolve();
        };
        noticed();
      }),
  };
}
