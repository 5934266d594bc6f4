import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/data-directory.ts';
import { troupe } from './troupe.ts';

const { out, run, command } = troupe();

/** Writes every module that is loaded to standard error. */
const hooks = `
import { writeSync } from 'node:fs';
export async function load(url, context, next) { writeSync(2, 'loaded ' + url + '\\n'); return next(url, context); }`;
const register = `
import { register } from 'node:module';
register('./hooks.mjs', import.meta.url);`;

const mostBytes = 200_000;

test('a command that only asks loads two small files of its own, and nothing of others', async () => {
  const id = await out('create', 'Light');
  const place = await temporaryDirectory();
  await writeFile(join(place, 'hooks.mjs'), hooks);
  await writeFile(join(place, 'register.mjs'), register);
  for (const args of [['list'], ['show', id], ['note', id, 'x']]) {
    const { code, err } = await run(args, { env: { NODE_OPTIONS: `--import ${join(place, 'register.mjs')}` } });
    const loaded = err.split('\n').flatMap((line) => (line.startsWith('loaded ') ? [line.slice('loaded '.length)] : []));
    const files = loaded.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
    expect([args, code, files.map((path) => basename(path).replace(/-.*/, ''))]).toEqual([args, 0, ['main.js', 'quick']]);
    const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(mostBytes);
    // What Node has built in is asked for by name there; an import would make all of it.
    expect(loaded.filter((url) => url.startsWith('node:'))).toEqual([]);
  }
});

test('whose code is in a file is told in it', async () => {
  const folder = dirname(command());
  const files = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const taken = new Set<string>();
  for (const text of texts) {
    for (const [, name = ''] of text.matchAll(/^\/\/ \S*\/node_modules\/((?:@[\w-]+\/)?[\w-]+)\//gm)) {
      taken.add(name);
      expect([name, text.includes(`/*! ${name}\n`)]).toEqual([name, true]);
    }
  }
  expect([...taken]).toContain('commander');
});
