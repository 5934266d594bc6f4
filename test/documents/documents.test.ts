import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { taskVariables, variables } from '../../src/cli/variables.ts';
import { createTroupe } from '../../src/server.ts';
import { filesOf, temporaryDirectory } from '../support/data-directory.ts';
import { generated } from '../support/generated.ts';
import { configurationDocument } from './configuration.ts';
import { filesOfData } from './configuration-words.ts';
import { errorsDocument } from './errors.ts';
import { tellStory } from './story.ts';
import { Wire } from './wire.ts';

/** Documents that are made of the code. `UPDATE=1` writes them anew. */

test.each([
  ['docs/errors.md', errorsDocument],
  ['docs/configuration.md', configurationDocument],
])('%s is what the code says', async (file, document) => {
  const { made, committed } = await generated(file, document());
  expect(committed).toBe(made);
});

test('every variable that the code reads is told, and no other', async () => {
  const sources = (await readdir('src', { recursive: true })).filter((name) => name.endsWith('.ts') && !name.startsWith('dashboard'));
  const texts = await Promise.all(sources.map(async (name) => ({ name, text: await readFile(join('src', name), 'utf8') })));
  const read = texts
    .filter(({ name }) => name !== join('cli', 'variables.ts'))
    .flatMap(({ text }) => text.match(/\bTROUPE_[A-Z_]+/g) ?? []);
  const told = [...Object.keys(variables), ...Object.keys(taskVariables)].filter((name) => name.startsWith('TROUPE_'));
  expect([...new Set(read)].toSorted()).toEqual(told.toSorted());
  // Whoever reads the environment does it through the table.
  const others = texts.filter(({ text }) => /\benv(?:\.[A-Z]|\[['"])/.test(text)).map(({ name }) => name);
  expect(others).toEqual([]);
});

test('every file of a data directory is told', async () => {
  const data = await temporaryDirectory();
  const quiet = () => {};
  const troupe = await createTroupe({ data, port: 0, logger: { debug: quiet, info: quiet, warn: quiet, error: quiet } });
  const wire = await Wire.open(troupe.url);
  await tellStory(wire, (await readFile(troupe.tokenFile, 'utf8')).trim());
  const found = Object.keys(await filesOf(data));
  await troupe.close();
  const patterns = Object.keys(filesOfData).map(
    (name) => new RegExp(`^${name.replaceAll('.', String.raw`\.`).replaceAll(/\b[A-Z][A-Z0-9]*\b/g, '[^/]+')}$`),
  );
  expect(found.length).toBeGreaterThan(6);
  expect(found.filter((name) => !patterns.some((pattern) => pattern.test(name)))).toEqual([]);
});
