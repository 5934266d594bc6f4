import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/data-directory.ts';
import { troupe } from './troupe.ts';

const { out, run } = troupe();

/** Writes every module that is loaded to standard error. */
const hooks = `
import { writeSync } from 'node:fs';
export async function load(url, context, next) { writeSync(2, 'loaded ' + url + '\\n'); return next(url, context); }`;

test('a command that only asks loads neither schemas nor machines nor the server', async () => {
  const id = await out('create', 'Light');
  const place = await temporaryDirectory();
  await writeFile(join(place, 'hooks.mjs'), hooks);
  await writeFile(join(place, 'register.mjs'), "import { register } from 'node:module'; register('./hooks.mjs', import.meta.url);");
  for (const args of [['list'], ['show', id], ['note', id, 'x']]) {
    const { code, err } = await run(args, { env: { NODE_OPTIONS: `--import ${join(place, 'register.mjs')}` } });
    const loaded = err.split('\n').filter((line) => line.startsWith('loaded '));
    expect([code, loaded.some((line) => line.endsWith('cli/connect.js'))]).toEqual([0, true]);
    expect(
      loaded.filter((line) => /node_modules\/(?!\.cache)|\/(?:server|transport|persistence|machines|use-cases|actors)\b/.test(line)),
    ).toEqual([]);
  }
});
