import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, test } from 'vitest';

/** What a page loads of the client. */

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** The program, bundled and made small, with the modules in it and those that it asks of the place where it runs. */
async function bundled(program: string) {
  const id = resolve(source, 'client/program.ts');
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [{ name: 'program', resolveId: (name) => (name === id ? id : null), load: (name) => (name === id ? program : null) }],
    build: {
      write: false,
      modulePreload: false,
      target: 'es2023',
      rolldownOptions: { input: id, preserveEntrySignatures: 'allow-extension', output: { format: 'es' } },
    },
  });
  const { output } = [built].flat().find((one) => 'output' in one)!;
  const chunks = output.filter((one) => one.type === 'chunk');
  const code = chunks.map((chunk) => chunk.code).join('\n');
  const own = new Set(chunks.map(({ fileName }) => fileName));
  const imports = chunks.flatMap((chunk) => chunk.imports).filter((name) => !own.has(name));
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds).filter((name) => name !== id && !name.startsWith('\0'));
  const sizeOf = (chunk: (typeof chunks)[number]): number => gzipSync(chunk.code, { level: 9 }).length;
  const first = chunks.filter(
    ({ fileName, isEntry }) => isEntry || chunks.some((chunk) => chunk.isEntry && chunk.imports.includes(fileName)),
  );
  const bytes = first.reduce((sum, chunk) => sum + sizeOf(chunk), 0);
  const later = Object.fromEntries(chunks.filter((chunk) => !first.includes(chunk)).map((chunk) => [chunk.name, sizeOf(chunk)]));
  return { code, imports, modules, bytes, later };
}

test('the client for browsers has nothing of Node, zod or ws, and is small', async () => {
  const link = await bundled("export { createLink } from './browser.ts'");
  const client = await bundled("export { connect } from './browser.ts'");
  const whole = await bundled("export * from './browser.ts'");
  console.log(`gzip: ${link.bytes} bytes with a link, ${client.bytes} with connect, ${whole.bytes} with everything; later`, whole.later);
  expect(whole.imports).toEqual([]);
  const allowed = ['client/', 'errors.ts', 'protocol/close-codes.ts', 'protocol/mutations.ts', 'protocol/subprotocol.ts'];
  const others = whole.modules.filter((name) => !allowed.some((part) => name.startsWith(resolve(source, part))));
  expect(others).toEqual([]);
  for (const name of [...builtinModules, 'zod', 'ws']) expect(whole.code).not.toMatch(new RegExp(`["'](?:node:)?${name}["']`));
  expect(Math.max(link.bytes, client.bytes, whole.bytes)).toBeLessThanOrEqual(8 * 1_024);
  // What is loaded when it is first needed stays apart.
  expect(Object.keys(whole.later).toSorted()).toEqual(['uploading', 'view', 'work']);
  for (const bytes of Object.values(whole.later)) expect(bytes).toBeLessThanOrEqual(3.5 * 1_024);
});
