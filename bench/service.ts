import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A server under measurement, as a process of its own. */
export interface Measured {
  readonly url: string;
  readonly token: string;
  /** User and system time of the process so far, in milliseconds. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const ticksPerSecond = 100;

async function cpuOf(pid: number): Promise<number> {
  // proc(5): utime and stime are the 14th and 15th field; the name in parentheses may hold blanks.
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

async function start(
  args: readonly string[],
  onLine: (line: string) => Promise<{ url: string; token: string }>,
  after: () => Promise<void>,
  env: NodeJS.ProcessEnv = {},
): Promise<Measured> {
  const child = spawn(process.execPath, [...args], { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('no process');
  return {
    ...(await onLine(line)),
    cpuMs: () => cpuOf(pid),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      await after();
    },
  };
}

const urlOf = (line: string): Promise<{ url: string; token: string }> =>
  Promise.resolve({ url: (JSON.parse(line) as { url: string }).url, token: 'none' });
const nothing = () => Promise.resolve();

/** The built service on a fresh directory, which is removed afterwards, or on one that stays. */
export async function startTroupe(flags: readonly string[] = [], directory?: string, env: NodeJS.ProcessEnv = {}): Promise<Measured> {
  const data = directory ?? (await mkdtemp(join(tmpdir(), 'troupe-bench-')));
  return start(
    ['--max-semi-space-size=32', 'dist/cli/main.js', 'serve', '--json', '--port', '0', '--data', data, ...flags],
    async (line) => {
      const { url, tokenFile } = JSON.parse(line) as { url: string; tokenFile: string };
      return { url, token: (await readFile(tokenFile, 'utf8')).trim() };
    },
    () => (directory === undefined ? rm(data, { recursive: true, force: true }) : nothing()),
    env,
  );
}

/** The same service over the memory store. */
export function startOnMemory(): Promise<Measured> {
  return start(
    ['--max-semi-space-size=32', 'build/bench/memory-server.js'],
    (line) => Promise.resolve(JSON.parse(line) as { url: string; token: string }),
    nothing,
  );
}

/** A WebSocket server that sends what it is asked for to every client, one by one. */
export const startLoop = (): Promise<Measured> => start(['build/bench/fan-out-server.js'], urlOf, nothing);

/** What any WebSocket server must do at least: `ws`, `JSON.parse`, a compiled zod schema, an answer. Nothing is stored. */
export const startBare = (): Promise<Measured> => start(['build/bench/bare-server.js'], urlOf, nothing);
