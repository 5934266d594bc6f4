import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTroupe } from '../src/server.ts';
import { buildCommand, start } from './support/command.ts';
import type { StartOptions } from './support/command.ts';
import { temporaryDirectory } from './support/data-directory.ts';

/** The examples as a reader runs them, beside the built package. */

const source = fileURLToPath(new URL('../examples/', import.meta.url));
const names = readdirSync(source).filter((name) => name.endsWith('.js'));
/** Whose service is the thing that it shows. */
const withoutService = new Set(['embedding.js']);

let folder: string;
beforeAll(async () => {
  // What imports `troupe` from here gets the package that was just built.
  folder = join(dirname(await buildCommand()), '../../examples');
  cpSync(source, folder, { recursive: true });
});

type WhenDone = NonNullable<StartOptions['whenDone']>;

async function run(name: string, env: NodeJS.ProcessEnv, whenDone: WhenDone = onTestFinished) {
  const running = start(join(folder, name), [], { env, whenDone });
  const { code } = await running.exit;
  return { code, last: running.out().trimEnd().split('\n').at(-1), err: running.err() };
}

const shown = (name: string) => expect.stringContaining(`${name.replace('.js', '').replace('-', ' ')}: `);

describe('each shows what it should', () => {
  // Tests that run at the same time must each say themselves when they are done.
  for (const name of names)
    test.concurrent(`${name}, with a service of its own`, async ({ onTestFinished: whenDone }) => {
      expect(await run(name, { TROUPE_URL: '' }, whenDone)).toEqual({ code: 0, last: shown(name), err: '' });
    });

  test('all at once, at a service that is named', async () => {
    const troupe = await createTroupe({ data: await temporaryDirectory(), port: 0 });
    onTestFinished(() => troupe.close());
    const token = (await readFile(troupe.tokenFile, 'utf8')).trim();
    const env = { TROUPE_URL: troupe.http, TROUPE_TOKEN: token };
    const clients = names.filter((name) => !withoutService.has(name));
    const runs = await Promise.all(clients.map((name) => run(name, env)));
    expect(runs).toEqual(clients.map((name) => ({ code: 0, last: shown(name), err: '' })));
    const wrong = await run('live-list.js', { ...env, TROUPE_TOKEN: 'wrong' });
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('UNAUTHENTICATED')]);
  });
});

test('the table names each of them, with its lines', () => {
  const rows = readFileSync(join(source, 'README.md'), 'utf8').matchAll(/^\| \[.*?\]\((.*?)\) *\| (\d+)/gm);
  const lines = (name: string) => readFileSync(join(source, name), 'utf8').split('\n').length - 1;
  expect([...rows].map(([, name, count]) => `${name} ${count}`).sort()).toEqual(names.map((name) => `${name} ${lines(name)}`).sort());
  expect(lines('live-list.js')).toBeLessThanOrEqual(40);
});
