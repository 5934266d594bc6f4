import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';

/** The programs that test us. They are large and need a newer Node, so they live in a folder of their own (decision 23). */

const versions = {
  '@modelcontextprotocol/conformance': '0.1.16',
  '@modelcontextprotocol/inspector': '2.12.0',
  node: '22.23.3',
} as const;

const folder = resolve(process.env['TROUPE_CONFORMANCE_TOOLS'] ?? 'node_modules/.cache/troupe-conformance');
const placeOf = (path: string): string => join(folder, 'node_modules', path);

const node = placeOf('node/bin/node');
const conformance = placeOf('@modelcontextprotocol/conformance/dist/index.js');
const inspector = placeOf('@modelcontextprotocol/inspector/clients/launcher/build/index.js');

const manifest = z.looseObject({ version: z.string() });

const isInstalled = (name: string, version: string): boolean => {
  const path = placeOf(`${name}/package.json`);
  return existsSync(path) && manifest.parse(JSON.parse(readFileSync(path, 'utf8'))).version === version;
};

/** Installs what is missing. Rejects, saying what to do, when the registry can't be reached. */
export async function installTools(): Promise<void> {
  if (existsSync(node) && Object.entries(versions).every(([name, version]) => isInstalled(name, version))) return;
  console.log(
    `installing ${Object.entries(versions)
      .map(([name, version]) => `${name}@${version}`)
      .join(', ')}`,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ private: true, dependencies: versions }, null, 2)}\n`);
  // The engines are those of the tools' own Node, which is on its way.
  const args = ['install', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error', '--engine-strict=false'];
  const npm = process.env['npm_execpath'];
  const { code, err } = npm === undefined ? await run('npm', args, folder) : await run(process.execPath, [npm, ...args], folder);
  if (code === 0 && existsSync(node)) return;
  throw new Error(
    `the tools of the conformance tests could not be installed into ${folder}.\nThey come from the npm registry (npm config get registry), which must be reachable for the first run; later runs need no network.\n${err.trim()}`,
  );
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Ends a program that hangs. */
const deadlineMs = 180_000;

function run(command: string, args: readonly string[], cwd?: string, env?: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((done, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: deadlineMs, killSignal: 'SIGKILL' });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
    child.on('error', reject);
    child.on('close', (code) => done({ code, out, err }));
  });
}

export const runConformance = (args: readonly string[]): Promise<Ended> => run(node, [conformance, ...args]);

/** `home` is where it keeps what it remembers. */
export const runInspector = (args: readonly string[], home: string): Promise<Ended> =>
  run(node, [inspector, '--cli', ...args], undefined, { ...process.env, HOME: home });
