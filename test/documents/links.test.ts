import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** A document leads nowhere but to what is there. */

const within = (folder: string, recursive: boolean): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive, encoding: 'utf8' }).map((name) => join(folder, name)) : [];

const documents = [...within('.', false), ...within('docs', true), ...within('bench', false), ...within('examples', false)].filter((path) =>
  path.endsWith('.md'),
);

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

/** Without what is code, in blocks or in lines. */
const proseOf = (path: string): string => readFileSync(path, 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
const anchorsOf = (path: string): string[] => [...proseOf(path).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));

test.each(documents)('the links of %s', (document) => {
  const links = [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!).filter((target) => !/^\w+:/.test(target));
  const broken = links.filter((target) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? document : join(dirname(document), path);
    return !existsSync(file) || (anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test('the guarantees name tests that are there', () => {
  const paths = [...readFileSync('docs/guarantees.md', 'utf8').matchAll(/`(test\/[\w./-]+)`/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});
