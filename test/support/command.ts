import { execFile, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, onTestFinished } from 'vitest';

/** The command line as it is installed, run as processes of its own. */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const built: string[] = [];
afterAll(() => {
  for (const folder of built) rmSync(folder, { recursive: true });
});

/** Builds the package beside its dependencies; removed after the tests of the file. Resolves with the command's JavaScript file. */
export async function buildCommand(): Promise<string> {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'troupe-command-'));
  built.push(folder);
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const output = ['--outDir', join(folder, 'dist'), '--noCheck', '--declaration', 'false', '--sourceMap', 'false'];
  await promisify(execFile)(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json'), ...output]);
  return join(folder, 'dist/cli/main.js');
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has written so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly exit: Promise<Exit>;
  /** The first whole line on standard output; rejects when the process ends before. */
  readonly firstLine: Promise<string>;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** `ulimit -n` of the process. */
  readonly openFiles?: number;
  /** Says when it is killed; the end of the test unless told otherwise. */
  readonly whenDone?: (kill: () => Promise<void>) => void;
}

/** Starts a Node program; it is killed when the test ends, if it still runs. */
export function start(file: string, args: readonly string[], options: StartOptions = {}): Running {
  const { whenDone = onTestFinished } = options;
  const limit = options.openFiles === undefined ? '' : `ulimit -n ${options.openFiles} && `;
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', process.execPath, file, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  let out = '';
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const exit = new Promise<Exit>((settle) => child.on('close', (code, signal) => settle({ code, signal })));
  const firstLine = new Promise<string>((settle, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
      const end = out.indexOf('\n');
      if (end >= 0) settle(out.slice(0, end));
    });
    void exit.then(({ code }) => reject(new Error(`ended with ${code}: ${err}`)));
  });
  firstLine.catch(() => {});
  whenDone(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  return { child, out: () => out, err: () => err, exit, firstLine };
}
