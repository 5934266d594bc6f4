import { fork } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** What `inside-child.ts` tells of a data directory that it has opened. */

export interface Memory {
  readonly heap: number;
  readonly buffers: number;
  readonly rss: number;
}

/** Delays of the event loop while something went on, in milliseconds. */
export interface Stalls {
  readonly ms: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Answers {
  readonly opened: { readonly openMs: number; readonly before: Memory };
  /** After a collection of garbage. */
  readonly memory: Memory;
  readonly stalls: { readonly first: Stalls; readonly quiet: Stalls; readonly later: Stalls };
  readonly close: null;
}

export interface Inside {
  ask<A extends keyof Answers>(what: A): Promise<Answers[A]>;
}

export function openInside(program: string, directory: string): Inside {
  const child = fork(program, [directory], { execArgv: ['--expose-gc', '--max-semi-space-size=32'] });
  const ended = new Promise<void>((resolve) => void child.on('exit', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    ask: (what) =>
      new Promise((resolve, reject) => {
        const take = ({ asked, answer }: { readonly asked: string; readonly answer: unknown }): void => {
          if (asked !== what) return;
          child.off('message', take);
          resolve(answer as Answers[typeof what]);
        };
        child.on('message', take);
        child.send(what);
        void ended.then(() => reject(new Error(`the process ended before it told its ${what}`)));
      }),
  };
}
