import type { LogEntry, Store, Tail } from '../../../src/persistence/store.ts';

/** A tail that remembers what it was told. */
export interface Follower {
  readonly tail: Tail;
  readonly entries: readonly LogEntry[];
  /** Resolves as soon as that many entries came; rejects after five seconds. */
  until(count: number): Promise<readonly LogEntry[]>;
  /** Lets a held sink take everything from now on. */
  release(): void;
}

const deadlineMs = 5_000;

/** @param options.held the sink's first delivery waits for `release` */
export async function follow(store: Store, from: string, options: { readonly held?: boolean } = {}): Promise<Follower> {
  const entries: LogEntry[] = [];
  const waiting = new Set<() => void>();
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));

  const tail = await store.tail(from, (added) => {
    entries.push(...added);
    for (const check of waiting) check();
    return options.held === true ? released : undefined;
  });

  return {
    tail,
    entries,
    until: (count) =>
      new Promise((resolve, reject) => {
        const deadline = setTimeout(() => reject(new Error(`${entries.length} of ${count} entries came`)), deadlineMs);
        const check = () => {
          if (entries.length < count) return;
          clearTimeout(deadline);
          waiting.delete(check);
          resolve(entries);
        };
        waiting.add(check);
        check();
      }),
    release: () => release(),
  };
}
