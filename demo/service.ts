import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const started = z.object({ url: z.string(), tokenFile: z.string() });

/** The built service as a child process that can be killed and started again on the same directory. */
export class Service {
  url = '';
  token = '';
  readonly #data: string;
  #child: ChildProcess | null = null;

  constructor(data: string) {
    this.#data = data;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [main, 'serve', '--json', '--port', '0', '--data', this.#data], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TROUPE_LOG: 'warn' },
    });
    this.#child = child;
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
    });
    const { url, tokenFile } = started.parse(JSON.parse(line));
    this.token = (await readFile(tokenFile, 'utf8')).trim();
    this.url = url;
  }

  /** `SIGKILL`: no drain, no checkpoint, nothing said. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await exited;
    this.#child = null;
  }
}
