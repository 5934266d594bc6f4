import type { ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const deadlineMs = 20_000;

/**
 * Stops a process, and resolves when all of its threads stand still: one inside a system call goes on to its end, and writes.
 * Linux only.
 */
export async function standStill(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || !child.kill('SIGSTOP')) throw new Error('there is no process to stop');
  const folder = `/proc/${pid}/task`;
  const stateOf = (thread: string) => /\) (\S)/.exec(readFileSync(`${folder}/${thread}/stat`, 'utf8'))?.[1];
  for (const until = performance.now() + deadlineMs; performance.now() < until; await pause(1)) {
    if (readdirSync(folder).every((thread) => stateOf(thread) === 'T')) return;
  }
  throw new Error(`process ${pid} did not stop within ${deadlineMs} ms`);
}
