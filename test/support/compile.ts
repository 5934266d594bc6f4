import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

/**
 * Compiles a TypeScript program and what it imports, so that a child process of any Node version can run it: with the
 * compiler that builds the package, without checking types. `entry` is relative to the repository. Resolves with the program's
 * JavaScript file, which lies in the repository, so that packages are found, and is removed when this process exits.
 */
export async function compile(entry: string): Promise<string> {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'troupe-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const project = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noEmit: false, noCheck: true, allowImportingTsExtensions: false, rootDir: root, outDir: folder, types: [] },
    include: [],
    files: [join(root, entry), join(root, 'src/persistence/lowdb/fs-native-extensions.d.ts')],
  };
  const config = join(folder, 'tsconfig.json');
  await writeFile(config, JSON.stringify(project));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await run(process.execPath, [compiler, '-p', config]);
  return join(folder, relative('.', entry).replace(/\.ts$/, '.js'));
}
