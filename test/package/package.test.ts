import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { start } from '../support/command.ts';

/** The package as its users get it: packed from a clean copy, installed in an empty directory, used from there. */

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const folder = mkdtempSync(join(tmpdir(), 'troupe-package-'));
const home = join(folder, 'home');
const installed = join(home, 'node_modules/troupe');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);
// Not as in a test: the page would be built with what helps its developers.
const env = { ...process.env, NODE_ENV: 'production', npm_config_loglevel: 'error' };
const npm = (cwd: string, ...args: string[]) => run('npm', args, { cwd, env });
const npx = (...args: string[]) => npm(home, 'exec', '--offline', '--', 'troupe', ...args);

/** In bytes, packed and unpacked: half as much again as it was when this was written. */
const budget = { packed: 2_300_000, unpacked: 8_600_000 };
const notSource = new Set(['node_modules', 'dist', 'build', '.git', '.troupe']);
let packed = '';

beforeAll(async () => {
  const source = join(folder, 'source');
  cpSync(root, source, { recursive: true, filter: (from) => !notSource.has(basename(from)) });
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const { stdout } = await npm(source, 'pack', '--pack-destination', folder);
  packed = join(folder, stdout.trim().split('\n').at(-1)!);
  await npm(home, 'install', '--prefer-offline', '--no-audit', '--no-fund', packed);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('holds what it needs and nothing else, within its size', async () => {
  const { stdout } = await run('tar', ['-tvzf', packed]);
  const files = stdout.trimEnd().split('\n');
  const unpacked = files.reduce((sum, line) => sum + Number(line.split(/\s+/)[2]), 0);
  console.log(`packed ${statSync(packed).size} bytes, unpacked ${unpacked} in ${files.length} files`);
  expect(statSync(packed).size).toBeLessThan(budget.packed);
  expect(unpacked).toBeLessThan(budget.unpacked);
  const tops = new Set(files.map((line) => line.split('package/')[1]!.split('/')[0]));
  expect(tops).toEqual(
    new Set(['CHANGELOG.md', 'LICENSE', 'PROTOCOL.md', 'README.md', 'SECURITY.md', 'dist', 'llms.txt', 'package.json', 'src']),
  );
  const names = files.map((line) => line.split('/').at(-1)!);
  expect(names.filter((name) => /\.(?:test|bench)\.|^token$|^tokens\.json$|\.tgz$|\.log$/.test(name))).toEqual([]);
});

test('the command works from an empty directory', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect((await npx('--version')).stdout.trim()).toBe(version);
  const service = start(join(installed, 'dist/cli/main.js'), ['serve', '--port', '0', '--data', join(home, '.troupe')], { cwd: home });
  expect(await service.firstLine).toMatch(/127\.0\.0\.1/);
  const made = JSON.parse((await npx('create', 'Boil water', '--json')).stdout) as { troupe: number };
  expect(made.troupe).toBe(1);
  expect((await npx('list')).stdout).toContain('Boil water');
  const page = await fetch(new URL('/', /http:\S+/.exec(service.out())![0]));
  expect(await page.text()).toContain('<!doctype html>');
  service.child.kill('SIGTERM');
  expect(await service.exit).toEqual({ code: 0, signal: null });
});

test('every entry is imported', async () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { exports: Record<string, unknown> };
  for (const entry of Object.keys(exports).filter((name) => !name.endsWith('.json'))) {
    const name = `troupe${entry.slice(1)}`;
    const { stdout } = await run(process.execPath, ['-e', `import('${name}').then((it) => console.log(Object.keys(it).length))`], {
      cwd: home,
    });
    expect({ name, some: Number(stdout) > 0 }).toEqual({ name, some: true });
  }
});

const shared = { target: 'es2023', strict: true, noEmit: true };
test.each([
  { program: 'node.ts', options: { module: 'nodenext', lib: ['es2023'], types: ['node'] } },
  {
    program: 'browser.ts',
    options: { module: 'preserve', moduleResolution: 'bundler', customConditions: ['browser'], lib: ['es2023', 'dom'], types: [] },
  },
])('the types of the entries, without skipping those of dependencies: $program', async ({ program, options }) => {
  const at = join(home, program.slice(0, -3));
  mkdirSync(join(at, 'node_modules/@types'), { recursive: true });
  for (const name of ['@types/node', 'undici-types'])
    cpSync(join(root, 'node_modules', name), join(home, 'node_modules', name), { recursive: true });
  onTestFinished(() => rmSync(at, { recursive: true }));
  cpSync(join(root, 'test/package/types', program), join(at, program));
  writeFileSync(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...shared, ...options }, files: [program] }));
  const told = await run(process.execPath, [compiler, '-p', at], { cwd: at }).catch((error: { stdout: string }) => error);
  expect(told.stdout).toBe('');
});
