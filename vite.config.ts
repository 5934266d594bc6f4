import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { version } from './src/version.ts';
import type { Plugin, Rolldown } from 'vite';

/** What a browser may have to load, in bytes after gzip: for the first view, and for everything there is. */
const budget = { first: 40 * 1_024, all: 98 * 1_024 };

const kibibytes = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KiB`;

/** Writes each file compressed beside itself, and fails the build when the page has grown over its budget. */
function compressed(): Plugin {
  let first = new Set<string>();
  return {
    name: 'compressed',
    generateBundle(_options, bundle) {
      first = firstOf(bundle);
    },
    writeBundle({ dir = '.' }) {
      const sizes = { first: 0, all: 0 };
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        const gzip = gzipSync(bytes, { level: 9 });
        writeFileSync(`${path}.gz`, gzip);
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
        sizes.all += gzip.length;
        if (entry.name === 'index.html' || first.has(entry.name)) sizes.first += gzip.length;
      }
      this.info(`the page: ${kibibytes(sizes.first)} for the first view, ${kibibytes(sizes.all)} in all`);
      for (const part of ['first', 'all'] as const) {
        if (sizes[part] > budget[part]) this.error(`the page (${part}) has ${kibibytes(sizes[part])} of ${kibibytes(budget[part])}`);
      }
    },
  };
}

/** The names of the entry, of what it imports at once, and of their styles. */
function firstOf(bundle: Rolldown.OutputBundle): Set<string> {
  const names = new Set<string>();
  const add = (file: string): void => {
    if (names.has(nameOf(file))) return;
    names.add(nameOf(file));
    const chunk = bundle[file];
    if (chunk?.type !== 'chunk') return;
    for (const imported of [...chunk.imports, ...(chunk.viteMetadata?.importedCss ?? [])]) add(imported);
  };
  for (const [file, chunk] of Object.entries(bundle)) if (chunk.type === 'chunk' && chunk.isEntry) add(file);
  return names;
}

const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

export default defineConfig({
  root: 'src/dashboard',
  base: './',
  // The page tells whether the service that it speaks to is the one that it came with.
  define: { PAGE_VERSION: JSON.stringify(version) },
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true, discloseVersion: false } }), compressed()],
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // A preloader would be one more script; the chunks are few and near.
    modulePreload: false,
    // Nothing as a data: URL, which the page's policy does not allow.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Custom elements, of which there are none here, would come along for a class that is made when the module is read.
    rolldownOptions: { treeshake: { moduleSideEffects: (id) => !id.includes('/dom/elements/custom-element') } },
  },
});
