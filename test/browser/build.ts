import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the page as it is built from the present sources. */
    page: string;
  }
}

const root = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');

/** Builds the page for the tests of this project, so that they never see an older one. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const page = await mkdtemp(join(cache, 'page-'));
  // As a process of its own: a test's environment is not that of a build.
  const vite = [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--outDir', page, '--logLevel', 'warn'];
  await promisify(execFile)(process.execPath, vite, { cwd: root, env: { ...process.env, NODE_ENV: 'production' } });
  provide('page', page);
  return () => rm(page, { recursive: true, force: true });
}
