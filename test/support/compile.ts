import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

const run = promisify(execFile);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/**
 * Compiles a TypeScript program and what it imports, so that a child process of any Node version can run it: with the
 * compiler that builds the package, without checking types. `entry` is relative to the repository. Resolves with the program's
 * JavaScript file, which lies in the repository, so that packages are found, and is removed behind the last test of the file.
 */
export async function compile(entry: string): Promise<string> {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'troupe-'));
  folders.push(folder);
  const project = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noEmit: false, noCheck: true, allowImportingTsExtensions: false, rootDir: root, outDir: folder, types: [] },
    include: [],
    files: [join(root, entry)],
  };
  const config = join(folder, 'tsconfig.json');
  await writeFile(config, JSON.stringify(project));
  // Its type, and the version that the service tells.
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  await run(process.execPath, [compiler, '-p', config]);
  return join(folder, entry.replace(/\.ts$/, '.js'));
}
