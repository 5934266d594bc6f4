import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
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
