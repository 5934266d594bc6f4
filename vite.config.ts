import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { version } from './src/version.ts';
import type { Plugin, Rolldown } from 'vite';

/** What a browser may have to load, in bytes after gzip: for the first view, and for everything there is. */
const budget = { first: 40 * 1_024, all: 96 * 1_024 };

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

/** The page is never rendered by a server nor waits in a component: what Svelte has for that goes, as do the calls of it in every component. */
function onlyInBrowser(): Plugin[] {
  const flags = 'hydrating|async_mode_flag|legacy_mode_flag|tracing_mode_flag';
  const declared = new RegExp(`^export let (${flags}) = false;$`, 'gm');
  const assigned = new RegExp(`^\\s*(${flags}) = .*;$`, 'gm');
  return [
    {
      name: 'only-in-browser:flags',
      transform: {
        filter: { id: /\/svelte\/src\/internal\/(client\/dom\/hydration|flags\/index)\.js$/ },
        handler: (code) => code.replaceAll(assigned, '').replaceAll(declared, 'export const $1 = false;'),
      },
    },
    {
      name: 'only-in-browser:calls',
      transform: { filter: { id: /\.svelte$/ }, handler: (code) => code.replaceAll(/^\s*\$\.(reset|next)\(\w*\);$/gm, '') },
    },
  ];
}

const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** What keeps the styles of components apart, as short as it can be; two components with the same one fail the build. */
const scopes = new Map<string, string>();
function cssHash({ hash, filename }: { hash: (text: string) => string; filename: string }): string {
  const component = filename.slice(filename.lastIndexOf('/dashboard/') + 1);
  const scope = `_${hash(component).slice(0, 3)}`;
  if ((scopes.get(scope) ?? component) !== component)
    throw new Error(`${component} and ${scopes.get(scope)} have the same scope of styles`);
  scopes.set(scope, component);
  return scope;
}

export default defineConfig({
  root: 'src/dashboard',
  base: './',
  // The page tells whether the service that it speaks to is the one that it came with.
  define: { PAGE_VERSION: JSON.stringify(version) },
  plugins: [
    svelte({ configFile: false, compilerOptions: { runes: true, discloseVersion: false, cssHash } }),
    onlyInBrowser(),
    compressed(),
  ],
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
