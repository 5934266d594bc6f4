import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** A Node process of a test's own. */
export interface Child {
  readonly process: ChildProcess;
  /** Everything it printed so far, line by line; a line that it could not finish is left out. */
  readonly lines: readonly string[];
  /** Resolves when it has printed such a line; rejects when it ended before. */
  line(matches: (line: string) => boolean): Promise<string>;
  /** Called with every line from now on. */
  onLine(listen: (line: string) => void): void;
  /** Resolves when it has ended, with its code or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

const usualDeadlineMs = 20_000;

/** Starts a compiled program. It is killed when the test ends, and when it has not ended after 20 s. */
export function startChild(program: string, ...args: readonly string[]): Child {
  return startChildFor(usualDeadlineMs, program, ...args);
}

/** With another deadline. */
export function startChildFor(deadlineMs: number, program: string, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    for (const watch of watchers) watch();
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  const drained = new Promise<void>((resolve) => void reader.on('close', resolve));
  const ended = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => {
      clearTimeout(deadline);
      void drained.then(() => resolve(signal ?? code ?? 'unknown'));
    });
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    process: child,
    lines,
    ended,
    onLine: (listen) => void reader.on('line', listen),
    line: (matches) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          const found = lines.find(matches);
          if (found === undefined) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        void ended.then((how) => reject(new Error(`the child ended (${how}) after ${lines.length} lines`)));
        watch();
      }),
  };
}
