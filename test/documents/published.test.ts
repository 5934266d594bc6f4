import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generated } from '../support/generated.ts';
import { serverJson } from './server-json.ts';

/** What others read about us first: llms.txt for models, server.json for the MCP registry. */

interface ServerJson {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly packages: readonly { readonly identifier: string; readonly version: string }[];
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly mcpName?: string;
  readonly bin: Readonly<Record<string, string>>;
}

const links = (text: string): string[] => [...text.matchAll(/\]\(([^)#]+)/g)].map(([, path]) => path ?? '');

test('llms.txt is a heading, a summary, words, and sections of links with a line each', async () => {
  const [heading, summary, words, ...sections] = (await readFile('llms.txt', 'utf8')).trimEnd().split('\n\n');
  expect(heading).toMatch(/^# \S+$/);
  expect(summary).toMatch(/^> [^\n]+$/);
  expect(words).toMatch(/^\w[^\n]+$/);
  expect(sections.length % 2).toBe(0);
  for (const [index, section] of sections.entries()) {
    expect(section).toMatch(index % 2 === 0 ? /^## \w+$/ : /^(?:- \[[^\]\n]+\]\([^)\n]+\): [^\n]+(?:\n|$))+$/);
  }
});

test('llms.txt links every document, and nothing that is not there', async () => {
  const linked = links(await readFile('llms.txt', 'utf8'));
  expect(linked.filter((path) => !existsSync(path))).toEqual([]);
  const documents = (await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  expect(documents.filter((path) => !linked.includes(path))).toEqual([]);
});

test('server.json is of this version, under a name that the registry takes', async () => {
  const { name, version, mcpName, bin } = JSON.parse(await readFile('package.json', 'utf8')) as PackageJson;
  const before = JSON.parse(await readFile('server.json', 'utf8')) as ServerJson;
  const { made, committed } = await generated('server.json', serverJson(before.name));
  expect(committed).toBe(made);
  const server = JSON.parse(committed) as ServerJson;
  expect(server.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
  // The registry asks the package who it is.
  expect(mcpName ?? server.name).toBe(server.name);
  expect(server.description.length).toBeLessThanOrEqual(100);
  expect([server.version, server.packages.map((one) => [one.identifier, one.version])]).toEqual([version, [[name, version]]]);
  // `npx NAME mcp` runs the command of the same name.
  expect(Object.keys(bin)).toContain(name);
});
