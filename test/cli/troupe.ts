import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { buildCommand, start } from '../support/command.ts';
import type { Running, StartOptions } from '../support/command.ts';

/** What a command ended with. */
interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Troupe {
  /** The data directory, whose service runs. */
  readonly data: () => string;
  readonly url: () => string;
  readonly token: () => Promise<string>;
  /** Runs a command on it to its end. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Ended>;
  /** Starts a command on it. */
  readonly start: (args: readonly string[], options?: StartOptions) => Running;
  /** Runs one that must succeed; answers its standard output without the last line end. */
  readonly out: (...args: readonly string[]) => Promise<string>;
  /** Runs one that must succeed with `--json`. */
  readonly json: (...args: readonly string[]) => Promise<Record<string, unknown>>;
  readonly command: () => string;
  /** Of the tests of the file; removed after them. */
  readonly folder: () => string;
}

interface RunOptions extends StartOptions {
  readonly input?: string | Uint8Array;
}

/** One built command and one service for the tests of a file. */
export function troupe(): Troupe {
  let command = '';
  let folder = '';
  let data = '';
  let url = '';
  /** Those that have ended by then are not there any more; tests may run at the same time. */
  const kills: (() => Promise<void>)[] = [];
  const whenDone = (kill: () => Promise<void>) => void kills.push(kill);
  beforeAll(async () => {
    command = await buildCommand();
    folder = await mkdtemp(join(tmpdir(), 'troupe-cli-'));
    data = join(folder, 'data');
    const service = start(command, ['serve', '--port', '0', '--data', data, '--json'], { whenDone });
    ({ http: url } = JSON.parse(await service.firstLine) as { http: string });
  });
  afterAll(async () => {
    for (const kill of kills) await kill();
    await rm(folder, { recursive: true, force: true });
  });
  const begin = (args: readonly string[], options: StartOptions = {}) =>
    start(command, args, { whenDone, ...options, env: { TROUPE_DATA: data, ...options.env } });
  const run = async (args: readonly string[], { input = '', ...options }: RunOptions = {}) => {
    const running = begin(args, options);
    // One that ends before it has read everything closes the pipe.
    running.child.stdin.on('error', () => {});
    running.child.stdin.end(input);
    const { code } = await running.exit;
    return { code, out: running.out(), err: running.err() };
  };
  const out = async (...args: readonly string[]) => {
    const ended = await run(args);
    expect([args, ended.code, ended.code === 0 ? '' : ended.err]).toEqual([args, 0, '']);
    return ended.out.trimEnd();
  };
  return {
    data: () => data,
    url: () => url,
    token: async () => (await readFile(join(data, 'token'), 'utf8')).trim(),
    run,
    start: begin,
    out,
    json: async (...args) => JSON.parse(await out(...args, '--json')) as Record<string, unknown>,
    command: () => command,
    folder: () => folder,
  };
}
