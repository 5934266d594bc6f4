import { readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { start } from '../support/command.ts';
import type { Running } from '../support/command.ts';
import { compile } from '../support/compile.ts';
import { temporaryDirectory } from '../support/data-directory.ts';
import type { TroupeOptions } from '../../src/server.ts';
import { createTroupe } from '../../src/server.ts';
import type { ChildOptions } from './service-child.ts';

/** Services for the tests of the stream: real files, real sockets. */

export interface Address {
  readonly url: string;
  readonly token: string;
}

export const portOf = ({ url }: Address): number => Number(new URL(url).port);

/** Compiles the service as a program of its own; resolves with its file. */
export const compileService = (): Promise<string> => compile('test/stream/service-child.ts');

/** A service that is stopped and started again over one directory, each time at another port. */
export class Restarted {
  readonly data: string;
  readonly #program: string;
  #running: Running | null = null;
  #address: Promise<Address>;
  #up: (address: Address) => void = () => {};
  /** Resolves when the one that was started last has ended. */
  ended: Promise<unknown> = Promise.resolve();

  constructor(program: string, data: string) {
    this.#program = program;
    this.data = data;
    this.#address = new Promise((resolve) => void (this.#up = resolve));
  }

  /** Where it is, as soon as it is up again. */
  get address(): Promise<Address> {
    return this.#address;
  }

  async start(options: Omit<ChildOptions, 'data'> = {}): Promise<Address> {
    const given: ChildOptions = { ...options, data: this.data };
    const running = start(this.#program, [JSON.stringify(given)]);
    this.#running = running;
    this.ended = running.exit;
    void running.exit.then(({ code, signal }) => {
      if (this.#running !== running) return;
      // Nobody asked it to end: who waits for it must not wait for ever.
      this.#address = Promise.reject(new Error(`the service ended with ${signal ?? code}: ${running.err()}`));
      this.#address.catch(() => {});
    });
    const { url, tokenFile } = JSON.parse(await running.firstLine) as { url: string; tokenFile: string };
    const address = { url, token: (await readFile(tokenFile, 'utf8')).trim() };
    this.#up(address);
    return address;
  }

  /** From the signal on, whoever asks for the address waits for the next start. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const running = this.#running;
    this.#running = null;
    this.#address = new Promise((resolve) => void (this.#up = resolve));
    running?.child.kill(signal);
    await running?.exit;
  }
}

export interface InProcess extends Address {
  readonly data: string;
  /** What it logged, as text. */
  readonly lines: readonly string[];
}

/** A service in this process, stopped when the test ends. */
export async function startTroupe(options: Pick<TroupeOptions, 'limits' | 'windowEvents'> = {}): Promise<InProcess> {
  const data = await temporaryDirectory();
  const lines: string[] = [];
  const write = (facts: unknown, message?: string): void => void lines.push(`${JSON.stringify(facts)} ${message ?? ''}`);
  const logger = { debug: () => {}, info: write, warn: write, error: write };
  const troupe = await createTroupe({ ...options, data, port: 0, logger });
  onTestFinished(() => troupe.close());
  return { data, lines, url: troupe.url, token: (await readFile(troupe.tokenFile, 'utf8')).trim() };
}
