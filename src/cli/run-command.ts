import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { clip, inLine } from './columns.ts';
import { textOf } from './read-input.ts';

export interface RunOptions {
  /** What it reads on its standard input. */
  readonly input: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends it, with what it has started. */
  readonly signal: AbortSignal;
}

/** How a command ended. */
export interface Ran {
  readonly output: string;
  /** Its last line that says something. */
  readonly summary: string;
  /** Why it failed; null when it did not. */
  readonly fault: string | null;
}

/** As much as a task's work may be. */
const mostBytes = 8 * 1024 * 1024;
const mostSaid = 500;
/** From being asked to end until it is ended. */
const patienceMs = 2_000;

/** Runs a command in the shell. What it says on standard error goes to ours. */
export async function runCommand(command: string, { input, env, signal }: RunOptions): Promise<Ran> {
  // A group of its own: Ctrl+C at the terminal is ours to hear, and whatever it starts ends with it.
  const child = spawn(command, {
    shell: true,
    detached: process.platform !== 'win32',
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let fault: string | null = null;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
    else if (fault === null) {
      fault = `its output is larger than ${mostBytes} bytes`;
      end(child, 'SIGKILL');
    }
  });
  // One that reads nothing has the pipe closed under us.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    fault ??= 'it was ended before it was done';
    end(child, 'SIGTERM');
    timer = setTimeout(() => end(child, 'SIGKILL'), patienceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const how = await new Promise<string | null>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, by) => resolve(code === 0 ? null : `the command ended with ${by ?? code}`));
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', onAbort);
  const text = textOf(Buffer.concat(chunks));
  if (text === null) fault ??= 'its output is no text in UTF-8';
  const output = text ?? '';
  const said = output.split('\n').findLast((line) => line.trim() !== '') ?? '';
  const summary = said === '' ? 'done, without a word' : clip(inLine(said), mostSaid);
  return { output, summary, fault: fault ?? (how === null || said === '' ? how : `${how}: ${summary}`) };
}

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}
