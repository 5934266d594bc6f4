import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { expect, test } from 'vitest';
import { markdown } from '../../src/dashboard/task/markdown-blocks.ts';
import { plainText } from '../../src/dashboard/task/markup.ts';
import type { MarkupNode } from '../../src/dashboard/task/markup.ts';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('>', '&gt;');

const htmlOf = (nodes: readonly MarkupNode[]): string =>
  nodes
    .map((node) => {
      if (typeof node === 'string') return escaped(node);
      const href = node.href === undefined ? '' : ` href="${escaped(node.href)}"`;
      return node.tag === 'br' || node.tag === 'hr' ? `<${node.tag}>` : `<${node.tag}${href}>${htmlOf(node.content)}</${node.tag}>`;
    })
    .join('');
const html = (text: string): string => htmlOf(markdown(text));

/** What the reference makes of it, without what the page leaves out on purpose. */
const reference = (text: string): string =>
  micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()] })
    .replaceAll(/<input type="checkbox" disabled="" checked="" ?\/>/g, '☑')
    .replaceAll(/<input type="checkbox" disabled="" ?\/>/g, '☐')
    .replaceAll(/<\/?(?:thead|tbody)>/g, '')
    .replaceAll(/<(\/?)h([1-6])>/g, (_, slash, level) => `<${slash}h${Math.min(6, Number(level) + 3)}>`)
    .replaceAll(/<img src="[^"]*" alt="([^"]*)"[^>]*>/g, '[picture: $1]')
    .replaceAll(/<a href="(?!https?:|mailto:)[^"]*"[^>]*>(.*?)<\/a>/gs, '$1')
    .replaceAll(/<(\w+)(?: (?!href)[\w-]+="[^"]*")*( href="[^"]*")?(?: [\w-]+="[^"]*")*(?: \/)?>/g, '<$1$2>');
/** Blank space between blocks means nothing. */
const tight = (given: string): string =>
  given
    .replaceAll(/\s*(<\/?(?:p|h\d|ul|ol|li|blockquote|pre|hr|table|tr|th|td)>)\s*/g, '$1')
    .replaceAll(/\s*<br>\s*/g, '<br>')
    .replaceAll(/\s*(<\/code><\/pre>)/g, '$1');

const documents = ['', 'docs', 'docs/decisions', 'bench'].flatMap((folder) =>
  readdirSync(folder === '' ? '.' : folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

test.each(documents)('%s is shown as the reference shows it', (path) => {
  const text = readFileSync(path, 'utf8');
  expect(tight(html(text)).split(/(?=<)/)).toEqual(tight(reference(text)).split(/(?=<)/));
});

test.each([
  ['emphasis', 'a *b* **c** ***d*** ~~e~~ _f_ __g__ snake_case_name 2 * 3 * 4 **open'],
  ['code', 'call `a` and ``b ` c`` and `open\n\n```js\nif (a < b) {\n\n  c();\n}\n```\n\n~~~\n```\n~~~\n\n    by indent\n\n    goes on'],
  ['lists', '- a\n- b\n  - c\n    - d\n\n  e\n- f\n\n3. g\n4. h\n   ```\n   i\n   ```\n5. j\n\n* [x] k\n* [ ] l\ngoes on\n+ m'],
  ['quotations', '> a\n> b\ngoes on\n>\n> - c\n>   d\n\n> > e\n\nf'],
  ['headings', '# a\n## b ##\n### c\n#### d\n#e\n\nf\n===\n\ng **h**\n---\n\n***'],
  ['tables', '| a | b |\n|---|:-:|\n| `c` | d \\| e |\n| f |\n\ng | h\n-|-\ni | j | k\n\nl | m\n- n'],
  ['links', '[a](https://b.example/c_(d)) [**e**](https://f.example "g") <https://h.example> https://i.example/j?k=l. [m] [n](o p)'],
  ['escapes', String.raw`\*a\* \[b\](c) &lt;d&gt; &amp; e\\f 1\. g`],
  ['breaks', 'a  \nb\\\nc\nd'],
])('%s as the reference has them', (_, text) => {
  expect(tight(html(text)).split(/(?=<)/)).toEqual(tight(reference(text)).split(/(?=<)/));
});

test('HTML, scripts and addresses of other kinds are text', () => {
  for (const text of [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'a <b onclick="x()">b</b>',
    '<!-- a -->',
    '[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,<script>) [d](vbscript:x) [e](//f.example) [g](/h) [i](\u0001javascript:x)',
    '![a](https://b.example/c.png) ![](x)',
    '<javascript:alert(1)>',
    '<a href="javascript:alert(1)">b</a>',
  ]) {
    const made = html(text);
    expect(made).not.toMatch(/<(?!\/?(?:p|a href="https:\/\/[^"]*"|\/a)>)/);
    expect(made).not.toMatch(/href="(?!https:)/);
  }
  expect(html('![a](https://b.example/c.png)')).toBe('<p>[picture: a]</p>');
});

const words = fc.stringMatching(/^[a-g]{1,3}$/);
const signs = fc.constantFrom(
  '*',
  '**',
  '_',
  '~~',
  '`',
  '```',
  '[',
  ']',
  '](',
  '(',
  ')',
  '<',
  '>',
  '!',
  '|',
  '|-|-|',
  '- ',
  '1. ',
  '> ',
  '# ',
  '---',
  '    ',
  '\\',
  '&',
  '\n',
  '\n\n',
  ' ',
  'https://h.example/',
  '\u202E',
  '\u200B',
  '\uFFFD',
);

test('whatever was written, no word of it is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(words, signs), { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      // What is behind a link's address in quotes is its title; a word on a fence's line names its language.
      fc.pre(!/```|~~~|\]\(|\|-\|-\|/.test(text));
      const nodes = markdown(text);
      const shown = `${plainText(nodes)} ${JSON.stringify(nodes)}`;
      expect((text.match(/[a-g]+/g) ?? []).filter((word) => !shown.includes(word))).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('texts made to keep the page busy do not', () => {
  const length = 20_000;
  // Each is read; a way through it that is not nearly straight would not end within the time of a test.
  for (const part of [
    '[',
    '![',
    '[a](',
    '[a](b',
    '*',
    '*a ',
    '*a _b ',
    '**a*',
    '`',
    '` `` ',
    '> ',
    '- ',
    '1. ',
    '  - a\n',
    '|',
    '<',
    'https://',
    '\\',
    '&',
    '~~a',
    '_a_',
    '    ',
    '\n',
    '#',
    '***a**',
    '(',
    '[a][',
    '- - ',
  ])
    expect(markdown(part.repeat(length)).length).toBeGreaterThanOrEqual(0);
});
