import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { machineDescriptions } from '../../src/machines/diagram.ts';

/** Documents say what the code does, or a test says that they don't. */

test("the README shows the machine's own diagram", async () => {
  const readme = await readFile('README.md', 'utf8');
  expect(readme).toContain(`\`\`\`mermaid\n${machineDescriptions.get('task')?.mermaid.trimEnd()}\n\`\`\``);
});

test('the map for newcomers names only files and folders that exist', async () => {
  const text = await readFile('docs/mission.md', 'utf8');
  const paths = [...text.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, path]) => path ?? '');
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});

/** `a/{b,c}.ts` is a/b.ts and a/c.ts. */
function expand(path: string): string[] {
  const [whole, choices = ''] = /\{([^}]*)\}/.exec(path) ?? [];
  return whole === undefined ? [path] : choices.split(',').flatMap((choice) => expand(path.replace(whole, choice)));
}

/** A star stands for any part of a file's name. */
function isThere(path: string): boolean {
  if (!path.includes('*')) return existsSync(path);
  const name = new RegExp(
    `^${basename(path)
      .replaceAll('.', String.raw`\.`)
      .replaceAll('*', '.*')}$`,
  );
  return existsSync(dirname(path)) && readdirSync(dirname(path)).some((entry) => name.test(entry));
}

test('every demand of the mission names code and tests that are there', async () => {
  const text = await readFile('docs/mission.md', 'utf8');
  const [demands = ''] = text.split('## Success criteria');
  const rows = demands.split('\n').filter((line) => /^\| (?!demand |-)/.test(line));
  expect(rows.length).toBeGreaterThan(14);
  const paths = (cell: string): string[] => [...cell.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path]) => path ?? '');
  for (const row of rows) {
    const [, demand = '', code = '', shown = ''] = row.split('|');
    expect([demand, paths(code).length > 0, paths(shown).every((path) => path.startsWith('test/')) && paths(shown).length > 0]).toEqual([
      demand,
      true,
      true,
    ]);
  }
  const missing = paths(text)
    .flatMap(expand)
    .filter((path) => !isThere(path));
  expect(missing).toEqual([]);
});
