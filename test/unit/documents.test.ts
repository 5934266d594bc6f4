import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { catalogue } from '../../src/errors.ts';
import { machineDescriptions } from '../../src/machines/diagram.ts';
import { connectionMethods } from '../../src/protocol/messages.ts';
import { eventTypes } from '../../src/protocol/event.ts';
import { methods } from '../../src/protocol/methods.ts';

/** Documents say what the code does, or a test says that they don't. */

test("the README shows the machine's own diagram", async () => {
  const readme = await readFile('README.md', 'utf8');
  expect(readme).toContain(`\`\`\`mermaid\n${machineDescriptions.get('task')?.mermaid.trimEnd()}\n\`\`\``);
});

test('PROTOCOL.md names every method, every event and every reason', async () => {
  const protocol = await readFile('PROTOCOL.md', 'utf8');
  const names = [...Object.keys(methods), ...Object.keys(connectionMethods), ...eventTypes, ...Object.keys(catalogue)];
  expect(names.filter((name) => !protocol.includes(name))).toEqual([]);
});

test('the map for newcomers names only files and folders that exist', async () => {
  const text = await readFile('docs/mission.md', 'utf8');
  const paths = [...text.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, path]) => path ?? '');
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});
