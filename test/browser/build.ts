import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the page as it is built from the present sources. */
    page: string;
  }
}

const dirname = fileURLToPath(new URL('.', import.meta.url));

/** Builds the page for the tests of this project, so that they never see an older one. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const root = resolve(dirname, '../..');
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const page = await mkdtemp(join(cache, 'page-'));
  await build({ configFile: join(root, 'vite.config.ts'), root: join(root, 'src/dashboard'), logLevel: 'warn', build: { outDir: page } });
  provide('page', page);
  return () => rm(page, { recursive: true, force: true });
}
